-- Results of a test run: TAP as they come, JUnit or JSON at the end.

local M = {}

local function indented(text)
  return "    " .. text:gsub("\n", "\n    ")
end

-- One result as TAP lines. A result: { number, file, name, ok, skipped, message, details, dur_s, tries }.
function M.tap(result)
  local name = (result.file .. ": " .. result.name):gsub("#", "\\#"):gsub("\n", " ")
  local line = ("%s %d - %s"):format(result.ok and "ok" or "not ok", result.number, name)
  if result.skipped then return line .. " # SKIP " .. result.skipped .. "\n" end
  if result.ok and result.tries > 1 then line = line .. (" # flaky: passed at try %d"):format(result.tries) end
  if result.ok then return line .. "\n" end
  local out = { line, "  ---", "  message: |", indented(result.message) }
  if result.details then
    out[#out + 1] = "  details: |"
    out[#out + 1] = indented(result.details)
  end
  out[#out + 1] = "  ..."
  return table.concat(out, "\n") .. "\n"
end

local function xml(text)
  text = text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" })
  return (text:gsub("[%z\1-\8\11\12\14-\31]", "?"))
end

function M.junit(results, failed)
  local out = { '<?xml version="1.0" encoding="UTF-8"?>' }
  out[#out + 1] = ('<testsuite name="karun" tests="%d" failures="%d">'):format(#results, failed)
  for _, result in ipairs(results) do
    local head = ('  <testcase classname="%s" name="%s" time="%.3f"'):format(xml(result.file), xml(result.name),
      result.dur_s)
    if result.skipped then
      out[#out + 1] = ('%s><skipped message="%s"/></testcase>'):format(head, xml(result.skipped))
    elseif result.ok then
      out[#out + 1] = head .. "/>"
    else
      out[#out + 1] = ('%s><failure message="%s">%s</failure></testcase>'):format(head,
        xml(result.message:match("^[^\n]*")), xml(result.message .. "\n" .. (result.details or "")))
    end
  end
  out[#out + 1] = "</testsuite>"
  return table.concat(out, "\n") .. "\n"
end

function M.json(results, passed, failed, skipped)
  local json = require "karun.json"
  local tests = {}
  for i, result in ipairs(results) do
    tests[i] = {
      file = result.file, name = result.name, passed = result.ok, skipped = result.skipped,
      message = not result.ok and result.message or nil, dur_s = result.dur_s, tries = result.tries,
    }
  end
  return json.encode({ schema = 1, passed = passed, failed = failed, skipped = skipped, tests = json.array(tests) },
    { pretty = true }) .. "\n"
end

return M
