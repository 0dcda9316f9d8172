-- Nothing that is written down holds a password, a cookie or a token: everything under the state folder of a
-- run that failed on a page full of them is searched, in each form they may have.

local karun = require "karun"
local runs = require "runs"
local t = require "karun.test"

local PASSWORD <const> = 'p"a&ss<w>ö rd/9'
local COOKIE <const> = "c00kie-of-the-session-77"
local TOKEN <const> = "0123456789abcdef0123456789abcdef"

local PAGE = [[<!doctype html><title>Sign in</title><form action="/in"><input id="u" name="user"><input id="p" type="password" name="password">
<input type="hidden" name="csrf" value="%s"><button>Go</button></form><p id="echo"></p>
<script>console.log("the cookie is " + document.cookie); fetch("/api?token=%s", { headers: { "x-token": "%s" } });
document.querySelector("#p").oninput = (event) => { document.querySelector("#echo").textContent = event.target.value; };</script>]]

local FLOW = [[
  local karun, run = require "karun", require "karun.run"
  local browser <close> = karun.launch {}
  local page = browser:page()
  local password = karun.secret "password"
  local song = run.song { name = "Song", tracks = 1 }
  local track = song:track { name = "Bass" }
  page:open(karun.args[1] .. "/?token=]] .. TOKEN .. [[")
  track:phase("solo", function()
    page:find("#u"):fill("somebody")
    page:find("#p"):fill(password)
    page:eval("(value) => console.log(value)", page:find("#p"):value())
    page:expect("navigation", function() page:find("button"):click() end)
    page:wait_load("load")
    karun.log.info("at " .. page:url())
    karun.log.debug("typed " .. page:url(), { url = page:url(), password = tostring(password) })
  end)
  page:open(karun.args[1] .. "/?token=]] .. TOKEN .. [[")
  page:find("#p"):fill(password)
  local ok, err = karun.try(function() page:find("#nowhere"):click { timeout = 0.2 } end)
  run.note("at " .. page:url())
  track:fail(err, { page = page })
  error(karun.error("http", "the answer at " .. page:url() .. " was " .. page:find("#echo"):text()))]]

local function files_under(folder, list)
  for _, name in ipairs(karun.file.list(folder)) do
    local path = folder .. "/" .. name
    local kind = karun.file.stat(path).type
    if kind == "directory" then files_under(path, list) elseif kind == "file" then list[#list + 1] = path end
  end
  return list
end

t.test("passwords, cookies and tokens stand in no file of the run, nor on the screen", { timeout = 120 }, function()
  local function page() return { headers = { ["content-type"] = "text/html", ["set-cookie"] = "sid=" .. COOKIE }, body = PAGE:format(TOKEN, TOKEN, TOKEN) } end
  local server = t.serve { ["GET /"] = page, ["GET /in"] = page, ["GET /api"] = function() return { headers = { ["x-token"] = TOKEN }, body = "{}" } end }
  local got = runs.flow(FLOW, { args = { server.url, "-v" }, env = { KARUN_PASSWORD = PASSWORD }, timeout = 90 })
  t.equal(got.code, 1, got.err)
  local files = files_under(got.state .. "/karun/runs", {})
  t.ok(#files >= 9, table.concat(files, "\n"))
  local quoted = PASSWORD:gsub('"', '\\"')
  local forms = { PASSWORD, COOKIE, TOKEN, quoted, "p%22a%26ss%3Cw%3E", "p&quot;a&amp;ss", "p\"a&amp;ss&lt;w" }
  local function search(text, where)
    for _, form in ipairs(forms) do
      local at = text:find(form, 1, true)
      t.ok(not at, ("%s holds %s: …%s…"):format(where, form, at and text:sub(math.max(1, at - 60), at + 80) or ""))
    end
  end
  for _, path in ipairs(files) do search(runs.text(path), path:match("[^/]+/[^/]+$")) end
  search(got.out, "stdout")
  for _, form in ipairs { PASSWORD, COOKIE, "p%22a%26ss%3Cw%3E" } do
    t.ok(not got.err:find(form, 1, true), "stderr holds " .. form .. "\n" .. got.err)
  end
  t.ok(got.model.failures[1].folder == "failures/01", got.err)
  local protocol = runs.text(got.folder .. "/failures/01/protocol.jsonl")
  t.match(protocol, "Runtime%.")
  t.match(runs.text(got.folder .. "/failures/01/page.html"), "Sign in")
  t.match(runs.text(got.folder .. "/failures/01/console.txt"), "the cookie is")
  t.match(runs.text(got.folder .. "/failures/01/page.png"), "^\137PNG")
  t.match(runs.text(got.folder .. "/report.html"), "data:image/jpeg;base64,")
end)
