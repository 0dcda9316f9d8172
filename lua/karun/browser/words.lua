-- What a failed question about elements says: what was tried, what was seen last, what to do.

local fault = require "karun.error"

local M = {}

local HINTS = {
  not_found = "check the selector, or give it more time (timeout=)",
  ambiguous = "make it narrower, or say which: :first(), :nth(i), :filter{…}",
  hidden = "wait for what shows it, or name the one that is visible (:filter{visible=true})",
  covered = "close what lies above it, or wait until that is gone (:wait{state=\"hidden\"})",
  disabled = "wait for what enables it (:wait{state=\"enabled\"})",
  unstable = "wait until its motion ends, or use force=true",
  stale = "a locator (not pinned) looks again at each use",
}

local function quoted(sel)
  if type(sel) == "string" then return sel end
  return "{ " .. table.concat(sel, ", ") .. " }"
end

local function step_words(step)
  if step.find then return " >> " .. quoted(step.find) end
  if step.nth then return step.nth == 1 and " (first)" or step.nth == -1 and " (last)" or (" (number %d)"):format(step.nth) end
  local parts = {}
  for _, name in ipairs { "text", "has", "visible" } do
    local value = step.filter[name]
    if value ~= nil then parts[#parts + 1] = name .. "=" .. tostring(value) end
  end
  return " (with " .. table.concat(parts, ", ") .. ")"
end

-- A locator as a reader would write it.
function M.of(locator)
  local path = locator.path
  local words = path.pin and (locator.pinned or "a pinned element") or quoted(path.sel)
  if path.pin and path.sel then words = words .. " >> " .. quoted(path.sel) end
  for _, step in ipairs(path.steps or {}) do
    words = words .. step_words(step)
  end
  return words
end

local function sentence(head, seen, url, hint)
  local text = head
  if seen then text = text .. ": " .. seen end
  text = text .. " on " .. (url ~= "" and url or "the page")
  return hint and text .. ". To do: " .. hint or text
end

-- An answer { error = kind, message, … } of the agent, as an error object.
function M.refused(locator, what, answer, url)
  local selector = M.of(locator)
  local seen = answer.message or answer.seen or answer.error
  if answer.matches then seen = seen .. ":\n  " .. table.concat(answer.matches, "\n  ") .. "\n " end
  return fault.new(answer.error, sentence(("%s `%s`"):format(what, selector), seen, url, HINTS[answer.error]), {
    selector = selector, url = url, matches = answer.matches, count = answer.count, covered_by = answer.covered_by,
  })
end

-- Done, and not what came of it.
function M.not_applied(locator, what, seen, timeout, timed_out)
  local selector, url = M.of(locator), locator.frame.frame_url
  return fault.new("not_applied", sentence(("%s `%s`"):format(what, selector), seen, url), {
    selector = selector, url = url, timeout = timeout, timed_out = timed_out, last_state = seen,
  })
end

-- Out of time. last: { kind, seen, covered_by } or nil when the page could not say.
function M.out_of_time(locator, what, last, timeout, waited_for, url)
  local selector = M.of(locator)
  local kind = last and last.kind or "timeout"
  local seen = last and last.seen or "the page gave no answer (it is busy, or loading)"
  local head = timeout == 0 and ("%s `%s`: not possible now"):format(what, selector)
    or ("%s `%s`: not after %g s"):format(what, selector, timeout)
  return fault.new(kind, sentence(head, seen, url, HINTS[kind]), {
    timed_out = true, timeout = timeout, selector = selector, url = url, waited_for = waited_for or what,
    last_state = seen, covered_by = last and last.covered_by or nil,
  })
end

return M
