-- Every command that README.md and docs/ show is run, in order, in a folder of the page's own, against
-- the demo site (or a small shop) in the real site's place; what the page shows as its output must come.
--
--   ```console   lines with `$ ` are commands, the lines below them their output; … stands for anything
--   ```lua       with a path in its first line (-- flows/x.lua) it is written there; else it must compile

local karun = require "karun"
local proc = require "karun.native.proc"
local t = require "karun.test"

local entry <const> = "examples/demo-site/init.lua"
local demo = assert(loadfile(entry, "t", _ENV))("demo_site", entry)
local shop = assert(loadfile("examples/shop.lua", "t", _ENV))()

-- ---- reading a page ----

local function blocks_of(text)
  local out, block = {}, nil
  local number = 0
  for line in (text .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    local fence = line:match "^```(%a*)$"
    if fence and block then
      out[#out + 1], block = block, nil
    elseif fence then
      block = { kind = fence, line = number, lines = {} }
    elseif block then
      table.insert(block.lines, line)
    end
  end
  return out
end

local function commands_of(block)
  local out = {}
  for i, line in ipairs(block.lines) do
    local command = line:match "^%$ (.*)$"
    if command then
      out[#out + 1] = { text = command, line = block.line + i, output = {} }
    elseif #out > 0 then
      table.insert(out[#out].output, line)
    end
  end
  return out
end

local function pattern_of(lines)
  while lines[#lines] == "" do table.remove(lines) end
  local text = table.concat(lines, "\n"):gsub("%p", "%%%0"):gsub(("…"):gsub("%p", "%%%0"), ".-")
  return (text:gsub("[ \t]+", "%%s+"))
end

-- ---- where it runs ----

local function link(folder, name, text)
  karun.file.mkdir(folder)
  karun.file.write(folder .. "/" .. name, text, { mode = "755" })
end

local function xvfb()
  local child = proc.start { argv = { "/bin/sh", "-c", "exec Xvfb -displayfd 1 -screen 0 1280x800x24 2>/dev/null" },
    env = proc.environ(), capture = true }
  t.after(function()
    child:kill(15)
    child:wait(10)
    child:close()
  end)
  karun.wait.until_true(function() return child:out():match "(%d+)\n" end, { timeout = 30, every = 0.05, what = "Xvfb" })
  return ":" .. child:out():match "(%d+)\n"
end

-- A folder and an environment in which `karun` is this karun, with the site's place taken.
local function stage(base_url, needs_display)
  local folder = t.tmp()
  local exe = karun.file.readlink "/proc/self/exe"
  link(folder .. "/bin", "karun", ("#!/bin/sh\nexec '%s' --set 'site.base_url=%s' \"$@\"\n"):format(exe, base_url))
  local env = {}
  for _, pair in ipairs(proc.environ()) do
    local name = pair:match "^[^=]*"
    if not name:match "^XDG_" and not name:match "^KARUN_" and not name:match "^KV_" and name ~= "HOME" and name ~= "PATH" then
      env[#env + 1] = pair
    end
  end
  local function set(name, value) env[#env + 1] = name .. "=" .. value end
  set("HOME", folder)
  set("PATH", folder .. "/bin:" .. os.getenv "PATH")
  set("KARUN_USERNAME", demo.user)
  set("KARUN_PASSWORD", demo.password)
  if needs_display then set("DISPLAY", xvfb()) end
  karun.file.mkdir(folder .. "/work")
  return { env = env, cwd = folder .. "/work", folder = folder, base_url = base_url }
end

local command_limit <const> = 120 -- seconds for one command on a busy machine

local function run(at, text)
  local child = proc.start { argv = { "/bin/sh", "-c", "exec 2>&1\n" .. text }, env = at.env, cwd = at.cwd, capture = true }
  local ended = child:wait(command_limit)
  if not ended then child:kill(9) child:wait(10) end
  local code, out = child:status(), child:out()
  child:close()
  return ended and code, out
end

-- `karun watch` goes on until Ctrl-C: one run, then that.
local function watch(at, text)
  local child = proc.start { argv = { "/bin/sh", "-c", "exec 2>&1\nexec " .. text }, env = at.env, cwd = at.cwd, capture = true }
  karun.wait.until_true(function() return child:out():find "watching %d+ files" end,
    { timeout = command_limit, every = 0.05, what = "a run of the watched flow" })
  child:kill(2)
  local ended = child:wait(20)
  if not ended then child:kill(9) child:wait(10) end
  local out = child:out()
  child:close()
  return ended and 0, out
end

local function is_target(name)
  return karun.file.read("Makefile"):find("\n" .. name:gsub("%-", "%%-") .. ":", 1) ~= nil
end

-- make itself is what CI runs: here its targets must exist.
local function check_make(command, where)
  for target in command.text:gmatch "%f[%w]make ([%w-]+)" do
    t.ok(is_target(target), where .. ": make " .. target)
  end
end

-- The manual's shop is the one on this machine.
local function here(at, text)
  return (text:gsub("https://shop%.example", at.base_url))
end

local function check_command(at, command, page)
  local where = ("%s:%d: %s"):format(page, command.line, command.text)
  local folder = command.text:match "^cd ([%w._/-]+)$"
  if folder then
    at.cwd = at.cwd .. "/" .. folder
    t.ok(karun.file.exists(at.cwd), where)
    return
  end
  if command.text:match "^make" or command.text:match "^sudo make" or command.text:match "^git clone" then
    return check_make(command, where)
  end
  if command.text:match "^export " then return end -- the stage has its own
  local run_it = command.text:match "^karun watch" and watch or run
  local code, out = run_it(at, here(at, command.text))
  local expects_failure = command.text:find("echo $?", 1, true)
  t.equal(code, 0, where .. "\n" .. out)
  if #command.output > 0 then
    local pattern = pattern_of(command.output)
    t.ok(out:find(pattern), ("%s: shows other things (%s):\n%s\n---- the page says:\n%s"):format(where,
      expects_failure and "exit code too" or "its output", out, table.concat(command.output, "\n")))
  end
end

local function write_or_compile(at, block, page)
  local text = table.concat(block.lines, "\n") .. "\n"
  local path = block.lines[1]:match "^%-%- ([%w_./-]+%.lua)"
  local chunk, why = load(text, "=" .. page, "t", {})
  if not chunk then chunk, why = load("return " .. text, "=" .. page, "t", {}) end
  t.ok(chunk, ("%s:%d: %s"):format(page, block.line, why))
  if not path then return end
  karun.file.mkdir((karun.file.split(at.cwd .. "/" .. path)))
  karun.file.write(at.cwd .. "/" .. path, here(at, text))
end

local function demo_url()
  local site = demo.start {}
  t.after(function() site:close() end)
  return site.url
end

local function shop_url()
  local server = shop()
  t.after(function() server:close() end)
  return server.url
end

local function check_page(page, base_url)
  local text = karun.file.read(page)
  local at = stage(base_url(), text:find("\n%$ karun [^\n]*%-%-visible") ~= nil)
  local count = 0
  for _, block in ipairs(blocks_of(text)) do
    if block.kind == "console" then
      for _, command in ipairs(commands_of(block)) do
        count = count + 1
        check_command(at, command, page)
      end
    elseif block.kind == "lua" then
      write_or_compile(at, block, page)
    end
  end
  t.ok(count > 0, page .. " shows commands")
end

local pages <const> = {
  { "README.md", demo_url }, { "docs/guide.md", demo_url }, { "docs/editing.md", demo_url }, { "docs/flows.md", shop_url },
  { "docs/cookbook.md", shop_url }, { "docs/contributing.md", demo_url }, { "docs/profiling.md", demo_url },
  { "docs/songs.md", demo_url }, { "docs/search.md", demo_url }, { "docs/keys.md", demo_url }, { "docs/session.md", demo_url },
  { "docs/names.md", demo_url },
  { "docs/mixes.md", demo_url }, { "docs/sound.md", demo_url }, { "docs/prepare.md", demo_url },
  { "docs/manners.md", demo_url }, { "docs/daw.md", demo_url }, { "docs/archive.md", demo_url },
}

for _, one in ipairs(pages) do
  t.test(one[1] .. ": what it shows is so", { timeout = 580 }, function()
    check_page(one[1], one[2])
  end)
end

t.test("links between the pages lead somewhere", function()
  local all = karun.file.glob "docs/*.md"
  all[#all + 1] = "README.md"
  for _, page in ipairs(all) do
    local folder = karun.file.split(page)
    for address in karun.file.read(page):gmatch "%]%(([^)]+)%)" do
      local path = address:gsub("#.*$", "")
      if not path:match "^%a+:" and path ~= "" then
        t.ok(karun.file.exists(folder == "." and path or folder .. "/" .. path), page .. " -> " .. address)
      end
    end
  end
end)
