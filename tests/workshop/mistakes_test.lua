-- Typical mistakes of a beginner, each made once, and what the message must say: where in their script,
-- with the line itself, what was seen, and what to do.

local karun = require "karun"
local t = require "karun.test"

local page_head <const> = [==[
local karun = require "karun"
local browser <close> = karun.launch()
local page = browser:page()
page:set_html [[<h1>Shop</h1><div class="row"><a class="buy" href="/b">Buy now</a></div>
  <button class="more">More</button><button class="more">More</button>]]
]==]
local head <const> = 'local karun = require "karun"\n'

-- { what it is, the script, what stderr must hold … }; the line the message must show is the last of
-- the script, or the one marked with --!
local in_a_script <const> = {
  { "a local is forgotten", "count = 1", "`count` is set but was never declared: write `local count = …`" },
  { "require is forgotten", "local b = karun.launch()", 'begin the file with: local karun = require "karun"' },
  { "a variable is misspelled", head .. "local title = 1\nprint(titel)", "there is no variable `titel`", "did you mean `title`?" },
  { "a function of karun is misspelled", head .. "karun.lauch()", "karun has no `lauch`, did you mean `launch`?" },
  { "an option is misspelled", head .. "karun.launch { headles = false }", "karun.launch has no option `headles`, did you mean `headless`?" },
  { "seconds as a text", head .. 'karun.sleep("2s")', "karun.sleep takes a number of seconds from 0 to math.huge, got 2s" },
  { "a timing is misspelled", head .. "karun.sleep(karun.timing.solo.timeot)", "there is no timing `solo.timeot`, did you mean `solo.timeout`?" },
  { "a selector of the site is misspelled", head .. "print(karun.site().selectors.sollo[1])",
    "the site table `karaoke_version` has no selector `sollo`, did you mean `solo`?" },
  { "an end is forgotten", "if 1 > 0 then --!\n  print(1)\n", "'end' expected (to close 'if' at line 1)", "an `end` is missing" },
  { "= for ==", "local a = 1\nif a = 2 then end", "'then' expected near '='", "compared with `==`" },
  { "nil is joined", head .. 'print("to " .. karun.json.decode("{}").name)', "attempt to concatenate a nil value",
    "questions such as attr() answer nil" },
  { "a function is called instead of handed over", head .. "karun.spawn(karun.now())", "karun.spawn takes a function, got number",
    "hand over the function itself" },
  { "a module is misspelled", 'local steps = require "steps.mixr"', "there is no module `steps.mixr`", "looked in" },
  { "an option of an option", head .. 'karun.options { { "out", "pth" } }', "option --out has the unknown type `pth`, did you mean `path`?" },
}

local on_a_page <const> = {
  { "a method is misspelled", 'page:clik(".buy")', "a page has no method `clik`, did you mean `click`?" },
  { "a dot for the colon", 'page.click(".buy")', "write `page:click(…)`, with a colon" },
  { "a verb's option is misspelled", 'page:click(".buy", { timout = 5 })', "has no option `timout`, did you mean `timeout`?" },
  { "an option without its name", 'page:click(".buy", 5)', "takes its options as one table, got number", "in braces, as in { timeout = 5 }" },
  { "a selector matches nothing", 'page:click(".row .bui", { timeout = 3 })',
    "no element matches (`.row` matches 1; did you mean `.buy`?)", "screenshot: " },
  { "a text is not there", 'page:click("text=Buy it", { timeout = 3 })', 'did you mean "Buy now"?', "screenshot: " },
  { "a selector matches two", 'page:click(".more")', "2 elements match", ":first(), :nth(i)" },
  { "a selector is none", 'page:click("button[class=")', "not a CSS selector: button[class=" },
  { "an address without its scheme", 'page:open "www.example.com"', "write http://" },
  { "an address that was not given", "page:open(karun.args[1])", "takes an address, got nil", "the flow was called without that argument" },
  { "a server that does not run", 'page:open "http://127.0.0.1:49151/"', "net::ERR_CONNECTION_REFUSED", "is the server running, is the port right?" },
  { "what is no field is filled", 'page:fill("h1", "x")', '<h1> "Shop" is no field' },
  { "a script of the page fails", 'page:eval("document.titel.length")', "the page's script failed: TypeError" },
  { "a state is misspelled", 'page:find(".buy"):wait { state = "visable" }', "there is no state `visable`, did you mean `visible`?" },
  { "a page that was closed", "page:close() page:title()", "the page was closed" },
}

local function source_line(script)
  local last
  for line in script:gmatch("[^\n]+") do
    if line:find("--!", 1, true) then return line end
    last = line
  end
  return last
end

local function make(folder, what, script, wanted)
  karun.file.write(folder .. "/flow.lua", script .. "\n")
  local got = t.run({ "flow.lua" }, { cwd = folder, env = { KARUN_USERNAME = false, KARUN_PASSWORD = false } })
  t.ok(got.code ~= 0, what .. ": it fails")
  t.ok(got.err:find("flow.lua:%d+: "), what .. ": it says where:\n" .. got.err)
  t.ok(got.err:find("| " .. source_line(script), 1, true), what .. ": it shows the line:\n" .. got.err)
  for _, words in ipairs(wanted) do
    t.ok(got.err:find(words, 1, true), ("%s: it says `%s`:\n%s"):format(what, words, got.err))
  end
  t.ok(not got.err:find("lua/karun/", 1, true), what .. ": none of our own frames:\n" .. got.err)
end

t.test("mistakes in a script", { timeout = 120 }, function()
  local folder = t.tmp()
  for _, mistake in ipairs(in_a_script) do
    make(folder, mistake[1], mistake[2], { table.unpack(mistake, 3) })
  end
end)

t.test("mistakes on a page", { timeout = 300 }, function()
  local folder = t.tmp()
  for _, mistake in ipairs(on_a_page) do
    make(folder, mistake[1], page_head .. mistake[2], { table.unpack(mistake, 3) })
  end
end)

t.test("what covers an element is named, with a picture of it", { timeout = 90 }, function()
  local folder = t.tmp()
  karun.file.write(folder .. "/flow.lua", page_head .. [[
page:eval "() => document.body.insertAdjacentHTML('beforeend', '<div class=notice style=position:fixed;inset:0>')"
page:click(".buy", { timeout = 3 })
]])
  local got = t.run({ "flow.lua" }, { cwd = folder })
  t.equal(got.code, 1)
  t.match(got.err, "flow%.lua:7: click `%.buy`: not after 3 s: .*is covered by <div%.notice>")
  local picture = got.err:match("screenshot: (%S+)")
  t.match(karun.file.read(picture), "^\137PNG")
end)

-- { what it is, arguments, exit code, what stderr must hold … }
local at_the_prompt <const> = {
  { "a command is misspelled", { "docter" }, 2, "there is no command `docter`, did you mean `doctor`?" },
  { "a flow's name without its folder", { "download" }, 2, "did you mean `flows/download.lua`?" },
  { "a flow is misspelled", { "flows/downlaod.lua" }, 3, "did you mean `flows/download.lua`?" },
  { "a flag is misspelled", { "timing", "--jsn" }, 2, "did you mean `--json`?" },
  { "a flow's flag is misspelled", { "flows/download.lua", "--sogns", "x" }, 2, "did you mean `--songs`?" },
  { "--set without a value", { "--set", "solo.timeout", "flow.lua" }, 2, "--set wants key=value" },
  { "--set is misspelled", { "timing", "--set", "solo.timeot=3" }, 3, "there is no timing `solo.timeot`, did you mean `solo.timeout`?" },
  { "--set out of range", { "timing", "--set", "solo.timeout=4000" }, 3, "`solo.timeout` = 4000 is out of range: 1 to 180 s" },
  { "a duration that is none", { "--time-limit", "ninety", "flow.lua" }, 2, "--time-limit ninety" },
  { "a site that is not there", { "doctor", "--site", "karaoke_versoin" }, 3, "did you mean `karaoke_version`?" },
  { "no credentials", { "flows/mixer.lua", "--no-input", "/custombackingtrack/a/b.html" }, 5, "set KARUN_USERNAME" },
}

t.test("mistakes at the prompt", { timeout = 120 }, function()
  local folder = t.tmp()
  karun.file.write(folder .. "/flow.lua", "return 0\n")
  for _, mistake in ipairs(at_the_prompt) do
    local got = t.run(mistake[2], { cwd = folder, env = {
      KARUN_USERNAME = false, KARUN_PASSWORD = false, KV_USERNAME = false, KV_PASSWORD = false } })
    t.equal(got.code, mistake[3], mistake[1] .. "\n" .. got.err)
    t.ok(got.err:find(mistake[4], 1, true), ("%s: it says `%s`:\n%s"):format(mistake[1], mistake[4], got.err))
  end
end)

-- { what it is, file, its text, what stderr must hold … }: all wrong lines are named in one go
local in_data <const> = {
  { "timings", "timing.lua", "return {\n  solo = {\n    timeot = 3,\n    again = '5 parsecs',\n    quiet = 99,\n  },\n}", {
    "timing.lua:3: there is no timing `solo.timeot`, did you mean `solo.timeout`?", "timing.lua:4: `solo.again` = 5 parsecs",
    "timing.lua:5: `solo.quiet` = 99 is out of range: 0 to 10 s" } },
  { "configuration", "karun.lua", "return {\n  ouut = 'songs',\n  visible = 'maybe',\n}", {
    "karun.lua:2: there is no config key `ouut`, did you mean `out`?", "karun.lua:3: `visible` = maybe: it must be true or false" } },
  { "site table", "sites/karaoke_version.lua", "return {\n  selctors = {},\n  selectors = { solo = 12 },\n}", {
    "sites/karaoke_version.lua:2: there is no `selctors` in a site table, did you mean `selectors`?", "`selectors.solo` must be a text" } },
  { "a comma is forgotten", "timing.lua", "return {\n  solo = { timeout = 3 }\n  pause = { songs = 1 },\n}", { "timing.lua:3: " } },
}

t.test("mistakes in data files", { timeout = 60 }, function()
  for _, mistake in ipairs(in_data) do
    local folder = t.tmp()
    karun.file.mkdir(folder .. "/sites")
    karun.file.write(folder .. "/flow.lua", "return 0\n")
    karun.file.write(folder .. "/" .. mistake[2], mistake[3])
    local got = t.run({ "flow.lua" }, { cwd = folder })
    t.equal(got.code, 3, mistake[1] .. "\n" .. got.err)
    for _, words in ipairs(mistake[4]) do
      t.ok(got.err:find(words, 1, true), ("%s: it says `%s`:\n%s"):format(mistake[1], words, got.err))
    end
    got = t.run({ "check" }, { cwd = folder })
    t.equal(got.code, 3)
    for _, words in ipairs(mistake[4]) do
      t.ok(got.out:find(words, 1, true), ("%s: check says `%s`:\n%s"):format(mistake[1], words, got.out))
    end
  end
end)
