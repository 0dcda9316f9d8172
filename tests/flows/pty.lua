-- A terminal for a child: `script` gives it one and keeps what it shows.

local karun = require "karun"
local proc = require "karun.native.proc"
local t = require "karun.test"

local M = {}

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- Runs karun at a terminal, in `env` (a table; false takes a variable away). answers: list of { prompt,
-- line }: each line is typed once its prompt (a pattern) stands on the screen -> { code, screen }.
function M.run(argv, env, answers, options)
  local folder = t.tmp()
  local words = { "exec" }
  for _, word in ipairs { "env", "HOME=" .. folder, "XDG_STATE_HOME=" .. folder .. "/state", "XDG_CONFIG_HOME=" .. folder .. "/config",
    "XDG_CACHE_HOME=" .. folder .. "/cache", "XDG_DATA_HOME=" .. folder .. "/data" } do
    words[#words + 1] = quote(word)
  end
  for name, value in pairs(env) do
    table.insert(words, 3, value and quote(name .. "=" .. value) or "-u " .. name)
  end
  words[#words + 1] = quote(("/proc/%d/exe"):format(proc.getpid()))
  for _, word in ipairs(argv) do
    words[#words + 1] = quote(word)
  end
  local fifo, shown = folder .. "/typed", folder .. "/screen"
  assert(os.execute("mkfifo " .. quote(fifo)))
  local child = proc.start {
    argv = { "/bin/sh", "-c", ("exec script -qefc %s %s <%s >/dev/null"):format(quote(table.concat(words, " ")), quote(shown), quote(fifo)) },
    capture = true,
  }
  t.after(function()
    child:close()
  end)
  local typed <close> = assert(io.open(fifo, "r+"))
  local function screen()
    return karun.file.exists(shown) and karun.file.read(shown) or ""
  end
  local from = 1
  for _, answer in ipairs(answers) do
    karun.wait.until_true(function()
      local _, last = screen():find(answer[1], from)
      if last then from = last + 1 end
      return last
    end, { timeout = 60, what = answer[1] .. " on the screen" })
    typed:write(answer[2], "\n")
    typed:flush()
  end
  local ended = child:wait((options or {}).timeout or 120)
  if not ended then child:kill(9) end
  t.ok(ended, "it did not end; the screen:\n" .. screen())
  return { code = child:status(), screen = screen() }
end

return M
