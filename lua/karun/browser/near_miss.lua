-- A selector matched nothing: which part of it still matches, and which name on the page is near. For
-- the words of an error only: read at once, under a short limit, and left out when the page is busy.

local known = require "karun.known"

local M = {}

local LIMIT = 1 -- seconds for each question; a page that is slower gets no hint

local function count(frame, path)
  local answer = frame:ask_now({ op = "read", what = "count", path = path }, LIMIT)
  return answer and math.type(answer.value) == "integer" and answer.value or 0
end

-- ---- a selector's parts ----

-- Cuts CSS where `is_cut(char)` holds outside of brackets, parentheses and quotes -> the pieces.
local function pieces(css, pattern)
  local out, depth, quote, from = {}, 0, nil, 1
  for i = 1, #css do
    local c = css:sub(i, i)
    if quote then
      if c == quote then quote = nil end
    elseif c == '"' or c == "'" then
      quote = c
    elseif c == "[" or c == "(" then
      if depth == 0 and c == "[" and pattern == "part" and i > from then
        out[#out + 1], from = css:sub(from, i - 1), i
      end
      depth = depth + 1
    elseif c == "]" or c == ")" then
      depth = depth - 1
    elseif depth == 0 and (pattern == "step" and c:match("[%s>+~]") or pattern == "part" and c:match("[.#:]") and i > from) then
      if css:sub(from, i - 1):match("[^%s>+~]") then out[#out + 1] = css:sub(from, i - 1) end
      from = pattern == "part" and i or i + 1
    end
  end
  if css:sub(from):match("%S") then out[#out + 1] = css:sub(from) end
  return out
end

local function is_css(selector)
  return not (selector:match("^text=") or selector:match("^role=") or selector:match("^xpath=") or selector:match("^//"))
end

-- Ever shorter beginnings of a selector, the longest first.
local function beginnings(selector)
  local out = {}
  local parts = {}
  for part in (selector .. " >> "):gmatch("(.-) >> ") do
    parts[#parts + 1] = part
  end
  for i = #parts, 1, -1 do
    local before = table.concat(parts, " >> ", 1, i - 1)
    before = before ~= "" and before .. " >> " or ""
    local part = parts[i]
    if i < #parts then out[#out + 1] = before .. part end
    if is_css(part) and not part:find(",", 1, true) then
      local steps = pieces(part, "step")
      local last = pieces(steps[#steps] or "", "part")
      local at = part:find(steps[#steps] or "", 1, true)
      -- the last step with one name less, then the steps before it
      for n = #last - 1, 1, -1 do
        out[#out + 1] = before .. part:sub(1, at - 1) .. table.concat(last, "", 1, n)
      end
      for n = #steps - 1, 1, -1 do
        local _, stop = part:find(steps[n], 1, true)
        if stop then out[#out + 1] = before .. part:sub(1, stop) end
      end
    end
  end
  return out
end

-- ---- near names ----

local NAMES = [[function(what) {
  const out = new Set(), get = (e, a) => Element.prototype.getAttribute.call(e, a);
  for (const e of document.querySelectorAll('*')) {
    if (what === 'text') {
      if (['A', 'BUTTON', 'H1', 'H2', 'H3', 'LABEL', 'TH'].includes(e.tagName)) out.add((e.innerText || '').replace(/\s+/g, ' ').trim().slice(0, 60));
      else if (e.tagName === 'INPUT' && ['submit', 'button'].includes(e.type)) out.add(e.value);
    } else {
      for (const c of (get(e, 'class') || '').split(/\s+/)) if (c) out.add('.' + c);
      const id = get(e, 'id'); if (id) out.add('#' + id);
      const name = get(e, 'name'); if (name) out.add('[name=' + JSON.stringify(name) + ']');
    }
    if (out.size > 2000) break;
  }
  return [...out];
}]]

local function names_on(frame, what)
  local context = frame.contexts.karun
  if not context then return {} end
  local answer = frame.session:try("Runtime.callFunctionOn", {
    functionDeclaration = NAMES, executionContextId = context, arguments = { { value = what } }, returnByValue = true,
  }, LIMIT)
  return answer and answer.result and type(answer.result.value) == "table" and answer.result.value or {}
end

-- Mistyped, or another text with a word in common.
local function near_text(text, list)
  local near = known.nearest(text, list)
  if near then return near end
  for word in text:lower():gmatch("[^%s%p][^%s%p][^%s%p]+") do
    for _, one in ipairs(list) do
      if one:lower():find(word, 1, true) then return one end
    end
  end
end

-- The name on the page that one of the selector's names most likely meant.
local function near_name(frame, selector)
  local text = selector:match('^text="?(.-)"?$') or selector:match('^role=.*name="(.-)"%]$')
  if text then
    local near = near_text(text, names_on(frame, "text"))
    return near and ("did you mean %q?"):format(near)
  end
  if not is_css(selector) then return nil end
  local list = names_on(frame, "names")
  local there = {}
  for _, name in ipairs(list) do
    there[name] = true
  end
  for kind, name in selector:gmatch("([.#])([%w_-]+)") do
    if not there[kind .. name] then
      local near
      for _, other in ipairs { kind, kind == "." and "#" or "." } do
        local same = {}
        for _, one in ipairs(list) do
          if one:sub(1, 1) == other then same[#same + 1] = one:sub(2) end
        end
        local found = known.nearest(name, same)
        near = near or found and other .. found
      end
      if near and near ~= kind .. name then return ("did you mean `%s`?"):format(near) end
    end
  end
end

-- ---- the words ----

local function matches(n)
  return n == 1 and "matches 1" or ("matches %d"):format(n)
end

-- What is left of a chain of find and filter when its last steps go.
local function shorter_path(frame, path)
  for n = #(path.steps or {}) - 1, 0, -1 do
    local less = { sel = path.sel, steps = n > 0 and table.move(path.steps, 1, n, 1, {}) or nil }
    local found = count(frame, less)
    if found > 0 then
      local step = path.steps[n + 1]
      return found, less, step.find
    end
  end
end

-- "`.row` matches 3, `.row .bui` none; did you mean `.buy`?", or nil.
function M.words(locator)
  local frame, path = locator.frame, locator.path
  if not frame or not path or path.pin then return nil end
  local selector = type(path.sel) == "table" and path.sel[1] or path.sel
  if type(selector) ~= "string" then return nil end
  local out = {}
  local found, _, step = shorter_path(frame, path)
  if found then
    out[#out + 1] = ("what comes before the last step %s"):format(matches(found))
    selector = type(step) == "table" and step[1] or step
  else
    for _, shorter in ipairs(beginnings(selector)) do
      local n = count(frame, { sel = shorter })
      if n > 0 then
        out[#out + 1] = ("`%s` %s"):format(shorter, matches(n))
        break
      end
    end
  end
  local last = selector and (selector:match(".* >> (.*)$") or selector)
  out[#out + 1] = last and near_name(frame, last) or nil
  return #out > 0 and table.concat(out, "; ") or nil
end

return M
