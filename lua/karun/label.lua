-- The server's own label in a file's name: `Artist_Song(Track_Name_Custom_Backing_Track).mp3`. It says
-- what was rendered; without a track, `(Custom_Backing_Track)`, it is the full mix. Data, never a path.

local file = require "karun.native.file"

local M = {}

local function decode(text)
  return (text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

-- The file name that an answer gives: Content-Disposition (RFC 6266), else the address's last part.
function M.of_answer(headers, url)
  local given = headers["content-disposition"] or ""
  local extended = given:match("filename%*%s*=%s*[Uu][Tt][Ff]%-8''([^;%s]+)")
  if extended then return decode(extended) end
  local plain = given:match('filename%s*=%s*"([^"]*)"') or given:match("filename%s*=%s*([^;%s]+)")
  return plain or M.of_name(nil, url)
end

-- The name that the browser suggests loses what it dislikes: the address says it better where it ends in a file.
function M.of_name(suggested, url)
  local last = decode((url:match("^[^?#]*/([^/?#]*)") or ""))
  if last:lower():match("%.mp3$") then return last end
  return suggested or last
end

-- What stands in the brackets that close a label, read backwards: titles and captions hold brackets too.
-- -> track name as the server spells it, "" for the full mix, nil for no label of this site's kind.
function M.track(name, grammar)
  local stem = name:gsub("%.%w+$", ""):gsub("%s*%(%d+%)$", ""):gsub("%-%d+$", "")
  local suffix = grammar.suffix
  if stem:sub(-#suffix) ~= suffix then return nil end
  local depth, at = 0, #stem
  while at > 0 do
    local c = stem:sub(at, at)
    if c == ")" then depth = depth + 1 end
    if c == "(" then depth = depth - 1 end
    if depth == 0 then break end
    at = at - 1
  end
  if at == 0 then return nil end
  local inside = stem:sub(at + 1, #stem - #suffix)
  return (inside:gsub("[_%s]+$", ""))
end

local PUNCTUATION = { -- what servers turn into a blank or drop, beyond ASCII
  "\u{A0}", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}",
  "\u{2026}", "\u{B4}", "\u{AB}", "\u{BB}",
}

-- Letters and digits only, lower case: what two spellings of one name have in common.
function M.plain(text)
  for _, mark in ipairs(PUNCTUATION) do
    text = text:gsub(mark, "")
  end
  return (text:gsub("[%z\1-\127]", function(c)
    return c:match("%w") and c:lower() or ""
  end))
end

-- Does the label's track name mean this caption?
function M.means(track, caption)
  local a, b = M.plain(file.nfc(track)), M.plain(file.nfc(caption))
  if a == b then return a ~= "" end
  -- a server that writes names without what ASCII lacks
  local bare_a, bare_b = a:gsub("[\128-\255]", ""), b:gsub("[\128-\255]", "")
  return #bare_a > 1 and bare_a == bare_b and (a == bare_a or b == bare_b)
end

return M
