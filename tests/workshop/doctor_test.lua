-- karun doctor: the environment, and a site table against live pages.

local karun = require "karun"
local t = require "karun.test"

local entry <const> = "examples/demo-site/init.lua"
local demo = assert(loadfile(entry, "t", _ENV))("demo_site", entry)

local song <const> = "/custombackingtrack/the-paper-lanterns/night-drive.html"

local function write(path, text)
  karun.file.mkdir((karun.file.split(path)))
  karun.file.write(path, text)
end

local function doctor(folder, args, env)
  return t.run({ "doctor", table.unpack(args) }, { cwd = folder, env = env, timeout = 240 })
end

-- name -> the status told in its first line
local function statuses(out)
  local found = {}
  for line in out:gmatch("[^\n]+") do
    local name, status = line:match("^([%w_-]+) +(%a+) ")
    if name and found[name] == nil then found[name] = status end
  end
  return found
end

local known_starts = { ok = true, warn = true, fail = true, skip = true, site = true, diff = true, wrote = true }

local function check_lines(out, selectors)
  for line in out:gmatch("[^\n]+") do
    local first = line:match("^%S+")
    t.ok(known_starts[first] or selectors[first], "begins with a status or a selector's name: " .. line)
  end
end

t.test("the environment: a line each, the fix where something is missing", { timeout = 560 }, function()
  local folder = t.tmp()
  local env = { KARUN_USERNAME = false, KARUN_PASSWORD = false, KV_USERNAME = false, KV_PASSWORD = false }
  local got = doctor(folder, {}, env)
  t.equal(got.code, 0, got.out .. got.err)
  t.match(got.out, "^ok    browser +Chrome")
  t.match(got.out, "\nok    libraries ")
  t.match(got.out, "\nok    state%-folder ")
  t.match(got.out, "\nwarn  credentials +.*to do: set KARUN_USERNAME and KARUN_PASSWORD")
  t.match(got.out, "\nok    clock ")
  check_lines(got.out, {})
  got = doctor(folder, { "--browser", "/nowhere/chromium", "--json" }, { KARUN_USERNAME = "u", KARUN_PASSWORD = "secret-word" })
  t.equal(got.code, 3)
  local json = karun.json.decode(got.out)
  t.equal(json.schema, 1)
  t.equal(json.environment[1].status, "fail")
  t.match(json.environment[1].fix, "apt install chromium")
  t.equal((got.out .. got.err):find("secret%-word"), nil)
end)

t.test("--config shows each value, where it was set, and no secret", function()
  local folder = t.tmp()
  write(folder .. "/karun.lua", 'return {\n  out = "songs",\n  credential_command = "echo hidden-word",\n}')
  local got = doctor(folder, { "--config", "--set", "locale=de" }, { KARUN_TIMEOUT = "12" })
  t.equal(got.code, 0, got.err)
  t.match(got.out, "\nout +songs +karun%.lua:2\n")
  t.match(got.out, "\ncredential_command +%*%*%* +karun%.lua:3\n")
  t.match(got.out, "\ntimeout +12%.?0? +KARUN_TIMEOUT\n")
  t.match(got.out, "\nlocale +de +%-%-set\n")
  t.match(got.out, "\nsite +karaoke_version +default\n")
  t.equal(got.out:find "hidden%-word", nil)
end)

local function demo_site(options)
  local site = demo.start(options)
  t.after(function() site:close() end)
  return site
end

local credentials = { KARUN_USERNAME = demo.user, KARUN_PASSWORD = demo.password, KV_USERNAME = false, KV_PASSWORD = false }

t.test("a site's selectors on its pages, signed in: which entry, how many, which markup", { timeout = 560 }, function()
  for _, markup in ipairs { "legacy", "newer" } do
    local site = demo_site { markup = markup }
    local got = doctor(t.tmp(), { "--site", "karaoke_version", "--set", "site.base_url=" .. site.url, song }, credentials)
    t.equal(got.code, 0, got.out .. got.err)
    local entry_of_row = markup == "legacy" and 1 or 2
    t.match(got.out, ("\nrow +ok +entry %d of 2, `[^`]+`: 6 elements, %s markup\n"):format(entry_of_row, markup))
    t.match(got.out, "\ncaption +ok +entry %d of 2, `[^`]+`: 6 elements in 6 of 6 rows\n")
    local status = statuses(got.out)
    for _, name in ipairs { "login_form", "user", "password", "submit", "row", "caption", "solo", "download", "signed_in", "result" } do
      t.equal(status[name], "ok", name)
    end
    t.equal(status.ready, "skip")
    -- nothing was ordered, bought or changed
    for _, event in ipairs { "basket", "cart_add", "build_start", "preview", "sync_start" } do
      t.equal(#site.log:list(event), 0, event)
    end
  end
end)

local broken <const> = [[
-- My own selectors.
return {
  selectors = {
    solo = { "button.gone" }, -- in the row
    caption = ".lost",
    row = { "tr.nothing" },
    download = { "#missing" },
    play = { ".mixer__play" },
  },
}
]]

t.test("what fails gets a proposal; --write applies it to the project's file and keeps the old one whole", { timeout = 560 }, function()
  local site, folder = demo_site {}, t.tmp()
  write(folder .. "/sites/karaoke_version.lua", broken)
  local args = { "--site", "karaoke_version", "--set", "site.base_url=" .. site.url, song }
  local got = doctor(folder, args, credentials)
  t.equal(got.code, 3)
  local status = statuses(got.out)
  for _, name in ipairs { "solo", "caption", "row", "download" } do
    t.equal(status[name], "fail", name)
    t.match(got.out, "\n" .. name .. " +fix +sites/karaoke_version%.lua: " .. name .. " = {")
  end
  t.equal(karun.file.read(folder .. "/sites/karaoke_version.lua"), broken, "nothing is written without --write")
  args[#args + 1] = "--write"
  got = doctor(folder, args, credentials)
  t.equal(got.code, 0, got.out .. got.err)
  t.match(got.out, '\ndiff  %-     solo = { "button%.gone" }, %-%- in the row\n')
  t.match(got.out, '\ndiff  %+     solo = { "button%.track__solo", "button%.gone" }, %-%- in the row\n')
  local backup = got.out:match("\nwrote sites/karaoke_version%.lua %(as it was: (%S+)%)\n")
  t.equal(karun.file.read(folder .. "/" .. backup), broken)
  t.equal(t.run({ "check" }, { cwd = folder }).code, 0)
  args[#args] = nil
  got = doctor(folder, args, credentials)
  t.equal(got.code, 0, got.out)
  got = t.run({ "flows/mixer.lua", "--set", "site.base_url=" .. site.url, song }, { cwd = folder, env = credentials })
  t.match(got.out, "03 Bass\n")
end)

t.test("without a file of one's own, --write makes the user's copy and leaves the shipped one", { timeout = 560 }, function()
  local site, folder = demo_site {}, t.tmp()
  local shipped = karun.file.read "lua/sites/karaoke_version.lua"
  local config = t.tmp()
  local got = t.run({ "doctor", "--site", "karaoke_version", "--set", "site.base_url=" .. site.url,
    "--set", "site.selectors.solo=.gone", song, "--write" },
    { cwd = folder, env = { XDG_CONFIG_HOME = config, KARUN_USERNAME = demo.user, KARUN_PASSWORD = demo.password }, timeout = 240 })
  t.match(got.out, "\nwrote " .. config:gsub("%p", "%%%0") .. "/karun/sites/karaoke_version%.lua\n")
  local tree = assert(load(karun.file.read(config .. "/karun/sites/karaoke_version.lua")))()
  t.equal(tree.selectors.solo[1], "button.track__solo")
  t.equal(karun.file.read "lua/sites/karaoke_version.lua", shipped)
end)

-- ---- a site of one's own, whose page has changed ----

local table_of <const> = [[
return {
  name = "own", base_url = "http://127.0.0.1:1",
  selectors = {
    row = { ".track" }, caption = { ".caption" }, solo = { ".solo" }, download = { "a.download" }, news = { ".news", "#news" },
  },
}
]]

local function serve_page(html)
  return t.serve {
    ["GET /"] = function() return { status = 200, headers = { ["content-type"] = "text/html" }, body = html } end,
  }
end

local function page(row, cell, button, link)
  local lines = { "<title>Own</title><p id=news>News</p><main>" }
  for i, name in ipairs { "Bass", "Drums", "Lead Vocal" } do
    lines[#lines + 1] = ('<div %s data-n="%d"><span %s>%s</span><button %s aria-label="Solo">S</button><button aria-label="Mute">M</button></div>')
      :format(row, i, cell, name, button)
  end
  return table.concat(lines) .. ("</main><a href='/get' %s>Download</a>"):format(link)
end

t.test("made-up class names: known by structure, role and text; drift is told", { timeout = 560 }, function()
  local folder = t.tmp()
  write(folder .. "/sites/own.lua", table_of)
  local server = serve_page(page('class="r-x72k9a1"', 'class="c9a1b2c"', 'class="k2j4h6g"', 'class="btn"'))
  local got = doctor(folder, { "--site", "own", server.url, "--write" })
  t.equal(got.code, 0, got.out .. got.err)
  check_lines(got.out, { row = true, caption = true, solo = true, download = true, news = true })
  local status = statuses(got.out)
  t.equal(status.row, "fail")
  t.equal(status.solo, "fail")
  t.equal(status.news, "drift")
  t.equal(got.out:find "best +%d+/100 `[^`]*x72k9a1", nil, "a made name is no durable one")
  local tree = assert(load(karun.file.read(folder .. "/sites/own.lua")))()
  local shown = t.page()
  shown:open(server.url)
  local rows = shown:find(tree.selectors.row)
  t.equal(rows:count(), 3)
  t.equal(rows:nth(2):find(tree.selectors.caption):text(), "Drums")
  t.equal(rows:nth(2):find(tree.selectors.solo):attr "aria-label", "Solo")
  t.equal(shown:find(tree.selectors.download):text(), "Download")
  t.equal(tree.selectors.news[1], "#news")
  t.equal(doctor(folder, { "--site", "own", server.url }).code, 0)
end)

t.test("an element seen before is known again when its names have all changed", { timeout = 560 }, function()
  local folder = t.tmp()
  write(folder .. "/sites/own.lua", table_of)
  local html = page('class="track"', 'class="caption"', 'class="solo"', 'class="download"')
  local server = t.serve {
    ["GET /"] = function() return { status = 200, headers = { ["content-type"] = "text/html" }, body = html } end,
  }
  t.equal(doctor(folder, { "--site", "own", server.url }).code, 0)
  html = page('class="track"', 'class="caption"', 'class="spot"', 'class="grab"'):gsub('aria%-label="Solo"', 'aria-label="Allein"')
    :gsub(">Download<", ">Herunterladen<")
  local got = doctor(folder, { "--site", "own", server.url })
  t.equal(got.code, 3)
  t.match(got.out, "\nsolo +best +%d+/100 `button%.spot` ")
  t.match(got.out, "\ndownload +found <a class=\"grab\">")
end)

t.test("a page that is not there, and selectors that are none", { timeout = 560 }, function()
  local folder = t.tmp()
  write(folder .. "/sites/own.lua", (table_of:gsub('"a%.download"', '"a[["')))
  local server = serve_page(page("class=track", "class=caption", "class=solo", "class=download"))
  local got = doctor(folder, { "--site", "own", server.url })
  t.equal(got.code, 3)
  t.match(got.out, "\ndownload +fail +`a%[%[` matches nothing %(")
  got = doctor(folder, { "--site", "own", server.url .. "/nowhere" })
  t.equal(got.code, 3)
  t.match(got.out, "\nfail  page +%S+ cannot be looked at: it answers 404\n")
  t.match(got.out, "\nrow +skip ")
  got = doctor(folder, { "--site", "owm" })
  t.equal(got.code, 3)
  t.match(got.err, "did you mean `own`")
end)
