-- Names out of addresses: "don-t-stop-me-now" -> "Don't Stop Me Now". For pages that do not say.

local M = {}

-- What an apostrophe left behind when the address was made: don-t, i-m, we-re, it-s, i-ll, i-ve, he-d.
local ENDINGS = { t = true, m = true, re = true, s = true, ll = true, ve = true, d = true }

function M.title_case(slug)
  local words = {}
  for word in slug:gmatch("[^-]+") do
    if ENDINGS[word] and #words > 0 then
      words[#words] = words[#words] .. "'" .. word
    else
      words[#words + 1] = word:sub(1, 1):upper() .. word:sub(2)
    end
  end
  return table.concat(words, " ")
end

local function escape(text)
  return (text:gsub("%p", "%%%0"))
end

-- "Night Drive - The Paper Lanterns", "The Paper Lanterns: Night Drive" -> "Night Drive"
function M.without_artist(title, artist)
  if artist == "" then return title end
  local name = escape(artist)
  local short = title:gsub("%s*[-–—:|,]%s*" .. name .. "%s*$", ""):gsub("^%s*" .. name .. "%s*[-–—:|,]%s*", "")
  return short ~= "" and short or title
end

return M
