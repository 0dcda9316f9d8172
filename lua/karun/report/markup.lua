-- Small tools for the report's pages: text made safe, figures as people read them.

local units = require "karun.units"

local M = {}

local SAFE = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

function M.escape(text)
  return (tostring(text):gsub("[&<>\"']", SAFE))
end

-- Seconds with the digits that matter: "0.12 s", "4.2 s", "78 s", "2 min 05 s".
function M.seconds(value)
  if not value then return "–" end
  if value < 0.0005 then return "0" end
  if value < 0.01 then return "<0.01 s" end
  if value < 1 then return ("%.2f s"):format(value) end
  if value < 10 then return ("%.1f s"):format(value) end
  if value < 120 then return ("%.0f s"):format(value) end
  if value < 3600 then return ("%d min %02d s"):format(value // 60, math.floor(value % 60)) end
  return ("%d h %02d min"):format(value // 3600, math.floor(value % 3600 / 60))
end

function M.percent(share)
  local value = share * 100
  if value > 0 and value < 1 then return "<1 %" end
  return ("%.0f %%"):format(value)
end

M.size = units.show_size

-- A percentage for CSS.
function M.pct(value)
  return ("%.3f%%"):format(math.max(0, math.min(100, value * 100))):gsub("%.?0+%%$", "%%")
end

-- The words of a file beside this one.
function M.file(name)
  local folder = assert(package.searchpath("karun.report.markup", package.path)):gsub("[^/]*$", "")
  local file = assert(io.open(folder .. name, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

-- A table: heads is a list of { text, class }, rows a list of lists of ready HTML.
function M.table(caption, heads, rows)
  local out = { '<div class="scroll"><table><caption>' .. caption .. "</caption><thead><tr>" }
  for _, head in ipairs(heads) do
    out[#out + 1] = ('<th scope="col"%s>%s</th>'):format(head[2] and (' class="%s"'):format(head[2]) or "", head[1])
  end
  out[#out + 1] = "</tr></thead><tbody>\n"
  for _, row in ipairs(rows) do
    out[#out + 1] = "<tr>"
    for i, cell in ipairs(row) do
      local class = heads[i][2] and (' class="%s"'):format(heads[i][2]) or ""
      out[#out + 1] = i == 1 and ('<th scope="row"%s>%s</th>'):format(class, cell) or ("<td%s>%s</td>"):format(class, cell)
    end
    out[#out + 1] = "</tr>\n"
  end
  out[#out + 1] = "</tbody></table></div>\n"
  return table.concat(out)
end

function M.section(id, title, lead, body)
  if not body or body == "" then return "" end
  return ('<section id="%s"><h2>%s</h2>%s%s</section>\n'):format(id, title, lead and "<p>" .. lead .. "</p>" or "", body)
end

return M
