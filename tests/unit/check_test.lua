-- karun check: a file of mistakes, and what is said about each.

local stubs = require "karun.check.stubs"
local t = require "karun.test"

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function check(files, ...)
  local folder = t.tmp()
  for name, text in pairs(files) do
    write(folder .. "/" .. name, text)
  end
  return t.run({ "check", ... }, { cwd = folder })
end

t.test("a flow without mistakes is quiet", function()
  local got = check { ["flow.lua"] = [[
    local karun = require "karun"
    local site, timing = karun.site(), karun.timing
    local browser <close> = karun.launch {}
    local page = browser:page()
    for i, row in ipairs(page:find(site.selectors.row):all()) do
      karun.log.info(row:text(), { i = i })
    end
    karun.sleep(timing.solo.quiet)
    goto done
    ::done::
    return 0]] }
  t.equal(got.out, "")
  t.equal(got.code, 0)
end)

t.test("accidental globals, unknown names, syntax", function()
  local got = check { ["flow.lua"] = "counter = 1\nlocal function f(a) return prnt(a), a end\nf(2)\n",
    ["other.lua"] = "local x\nlocal = 3" }
  t.equal(got.code, 3)
  t.match(got.out, "flow%.lua:1: `counter` is set but was never declared")
  t.match(got.out, "flow%.lua:2: there is no variable `prnt`, did you mean `print`%?")
  t.match(got.out, "other%.lua:2: syntax: ")
  t.match(got.err, "2 files read, 3 problems")
end)

t.test("timings and selectors that do not exist", function()
  local got = check { ["flow.lua"] = [[
    local karun = require "karun"
    local solo = karun.timing.solo
    karun.sleep(solo.timeot)
    karun.sleep(karun.timing.sollo.timeout)
    local site = karun.site()
    return site.selectors.sollo]] }
  t.match(got.out, "flow%.lua:3: there is no timing `solo%.timeot`, did you mean `solo%.timeout`%?")
  t.match(got.out, "flow%.lua:4: there is no timing group `sollo`, did you mean `solo`%?")
  t.match(got.out, "flow%.lua:6: the site table has no `selectors%.sollo`, did you mean `solo`%?")
end)

t.test("names and options of the API, numbers and selectors in a flow", function()
  local got = check { ["flow.lua"] = [[
    local karun = require "karun"
    local browser <close> = karun.lunch {}
    local chrome = karun.launch { headles = true }
    local page = chrome:page()
    page:clik("#go")
    page:open("https://example.org", { timeout = 8, wiat = "load" })
    page:find(".x"):click { timeout = 0 }
    karun.sleep(3)
    return browser]] }
  t.match(got.out, "flow%.lua:2: karun has no `lunch`, did you mean `launch`%?")
  t.match(got.out, "flow%.lua:3: launch has no option `headles`, did you mean `headless`%?")
  t.match(got.out, "flow%.lua:5: page has no `clik`, did you mean `click`%?")
  t.match(got.out, "flow%.lua:6: open has no option `wiat`, did you mean `wait`%?")
  t.match(got.out, "flow%.lua:6: the number timeout = 8 belongs into timing%.lua")
  t.match(got.out, "flow%.lua:7: the selector `%.x` belongs into the site table")
  t.match(got.out, "flow%.lua:8: the number in sleep%(3%) belongs into timing%.lua")
  local _, lines = got.out:gsub("\n", "")
  t.equal(lines, 7)
end)

t.test("data files are checked by what they are", function()
  local got = check({
    ["timing.lua"] = "return {\n solo = {\n  timout = 3,\n  quiet = 99 } }", ["karun.lua"] = "return { ouut = 'x' }",
    ["songs.lua"] = "return {\n { url = '/custombackingtrack/a/b.html', key = 77 } }",
  })
  t.equal(got.code, 3)
  t.match(got.out, "karun%.lua:1: there is no config key `ouut`")
  t.match(got.out, "songs%.lua:2: key %+77 is out of range")
  t.match(got.out, "timing%.lua:3: there is no timing `solo%.timout`")
  t.match(got.out, "timing%.lua:4: `solo%.quiet` = 99 is out of range")
end)

t.test("--json, and files that are not there", function()
  local karun = require "karun"
  if not pcall(require, "karun.json") then t.skip "karun.json is not built" end
  local got = check({ ["flow.lua"] = "x = 1" }, "--json")
  t.equal(got.code, 3)
  local answer = karun.json.decode(got.out)
  t.equal(answer.schema, 1)
  t.equal(answer.problems[1].file, "flow.lua")
  t.equal(answer.problems[1].line, 1)
  t.match(answer.problems[1].message, "never declared")
  t.equal(check({}, "nothing.lua").code, 3)
end)

t.test("the reader of stubs", function()
  local path = t.tmp() .. "/api.lua"
  write(path, [[
---@meta karun
---@class karun.Dom
local Dom = {}
---@param opts? {timeout?: number, force?: boolean}
function Dom:click(opts) end
---@class karun.Page : karun.Dom
---@field mouse karun.Mouse
local Page = {}
---@param url string
---@param opts? karun.OpenOptions
---@return karun.Response
function Page:open(url, opts) end
---@class karun.OpenOptions
---@field wait? "load"|"dom"
]])
  local api = stubs.read { path }
  t.equal(api.member("karun.Page", "mouse").type, "karun.Mouse")
  t.equal(api.member("karun.Page", "open").returns, "karun.Response")
  t.same(api.options(api.member("karun.Page", "open"), 2), { "wait" })
  local options = api.options(api.member("karun.Page", "click"), 1)
  table.sort(options)
  t.same(options, { "force", "timeout" })
  t.equal(api.member("karun.Page", "clik"), nil)
end)
