-- CSV as spreadsheets write it: quotes, doubled quotes, line breaks inside quotes, `,` or `;`.

local M = {}

local function delimiter_of(text)
  local head = text:match("^[^\r\n]*")
  local _, semicolons = head:gsub(";", "")
  local _, commas = head:gsub(",", "")
  return semicolons > commas and ";" or ","
end

-- One field that begins at `at`: value, place after it, line breaks inside; nil for an open quote.
local function field(text, at, delimiter)
  if text:sub(at, at) ~= '"' then
    local last = text:find("[" .. delimiter .. "\r\n]", at) or #text + 1
    return text:sub(at, last - 1):match("^%s*(.-)%s*$"), last, 0
  end
  local out, from = {}, at + 1
  while true do
    local quote = text:find('"', from, true)
    if not quote then return nil, at end
    out[#out + 1] = text:sub(from, quote - 1)
    if text:sub(quote + 1, quote + 1) ~= '"' then
      local value = table.concat(out, '"')
      local _, breaks = value:gsub("\n", "")
      local after = text:find("[" .. delimiter .. "\r\n]", quote + 1) or #text + 1
      return value, after, breaks
    end
    from = quote + 2
  end
end

-- rows(text) -> list of { line=, cells… }; empty lines and `#` lines are left out. On an open quote:
-- nil, line.
function M.rows(text)
  text = text:gsub("^\239\187\191", "")
  local delimiter = delimiter_of(text)
  local rows, at, line = {}, 1, 1
  while at <= #text do
    local row, first = { line = line }, at
    while true do
      local value, after, breaks = field(text, at, delimiter)
      if not value then return nil, line end
      row[#row + 1] = value
      line, at = line + breaks, after
      if text:sub(at, at) ~= delimiter then break end
      at = at + 1
    end
    local ending = text:match("^\r?\n", at) or text:match("^\r", at) or ""
    at, line = at + #ending, line + (ending ~= "" and 1 or 0)
    local blank = #row == 1 and row[1] == ""
    if not blank and not text:match("^%s*#", first) then rows[#rows + 1] = row end
    if ending == "" and at <= #text then at = at + 1 end
  end
  return rows
end

return M
