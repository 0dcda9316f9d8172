-- What went wrong or nearly so: failures with their pictures, presses that were repeated, selectors that
-- drifted with the edit to make, notes.

local markup = require "karun.report.markup"

local M = {}

local e, seconds = markup.escape, markup.seconds

local PICTURES = 200000 -- bytes of pictures in the page; later ones are linked

function M.failures(model, pictures)
  local out, used = {}, 0
  for _, failure in ipairs(model.failures) do
    local picture = pictures[failure.number]
    local shown = ""
    if picture and used + #picture <= PICTURES then
      used = used + #picture
      shown = ('<details%s><summary>Picture of the page</summary><img alt="The page when it failed" src="data:image/jpeg;base64,%s"></details>')
        :format(failure.number == 1 and " open" or "", picture)
    elseif picture then
      shown = ('<p><a href="%s/page.png">Picture of the page</a></p>'):format(e(failure.folder))
    end
    local where = {}
    for _, part in ipairs { failure.song or false, failure.track or false, failure.phase or false } do
      if part then where[#where + 1] = part end
    end
    out[#out + 1] = ('<article class="failure"><h3>%s <span class="failed">%s</span></h3><p class="message">%s</p>%s%s'):format(
      e(#where > 0 and table.concat(where, " · ") or "the run"), e(failure.kind), e(failure.message),
      failure.next and "<p>What to do: " .. e(failure.next) .. "</p>" or "", shown)
    if failure.folder then
      out[#out + 1] = ('<p class="soft">at %s; kept in <a href="%s/">%s/</a>: error, page, console, protocol</p>'):format(
        seconds(failure.at_s), e(failure.folder), e(failure.folder))
    end
    out[#out + 1] = "</article>\n"
  end
  return table.concat(out)
end

function M.presses(model)
  local rows = {}
  for _, press in ipairs(model.presses) do
    rows[#rows + 1] = { seconds(press.at_s), e(press.what or "–"), e(press.why or "–"),
      e(table.concat({ press.track or press.song or "", press.phase or "" }, " ")) }
  end
  if #rows == 0 then return "" end
  return markup.table("A press that nothing answered, or a step that had to be done again.",
    { { "at", "num" }, { "what" }, { "why", "long" }, { "where" } }, rows)
end

local function quoted(list)
  local out = {}
  for i, text in ipairs(list) do
    out[i] = ("%q"):format(text)
  end
  return table.concat(out, ", ")
end

-- The list with the selector that matched put first.
local function edit(drift)
  local list = { drift.used }
  for _, selector in ipairs(drift.selectors or {}) do
    if selector ~= drift.used then list[#list + 1] = selector end
  end
  return (drift.key or "…") .. " = { " .. quoted(list) .. " }"
end

function M.drifts(model)
  local out = {}
  for _, drift in ipairs(model.drifts) do
    out[#out + 1] = ("<li><code>%s</code> matched nothing, <code>%s</code> did (%d times, first at %s). "
      .. "The edit, in your site table:<pre>%s</pre></li>"):format(e(drift.wanted), e(drift.used), drift.times or 1, e(drift.line or "?"), e(edit(drift)))
  end
  return #out > 0 and "<ul>" .. table.concat(out, "\n") .. "</ul>" or ""
end

function M.notes(model)
  local out = {}
  for _, note in ipairs(model.notes) do
    out[#out + 1] = ("<li>%s: %s</li>"):format(seconds(note.at_s), e(note.text))
  end
  return #out > 0 and "<ul>" .. table.concat(out, "\n") .. "</ul>" or ""
end

return M
