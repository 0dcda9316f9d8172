-- karun.wait: waiting for several things, or for something only a function can tell. What a page
-- must come to is better said by locator:wait and page:wait_…, which no clock drives.

local known = require "karun.known"
local fault = require "karun.error"
local native = require "karun.native.task"
local task = require "karun.task"

local M = { sleep = task.sleep, any = task.any, all = task.all, timeout = task.timeout }

-- Asks fn every `every` seconds until it answers something true -> what it answered.
function M.until_true(fn, opts)
  opts = known.check(opts, { "timeout", "every", "what" }, "karun.wait.until_true")
  if type(fn) ~= "function" then
    fault.raise("usage", "karun.wait.until_true takes a function, got " .. type(fn))
  end
  local timeout, every = opts.timeout or 30, opts.every or 0.2
  for name, value in pairs { timeout = timeout, every = every } do
    if type(value) ~= "number" or value ~= value or value < 0 then
      fault.raise("usage", ("karun.wait.until_true: %s is a number of seconds, got %s"):format(name, tostring(value)))
    end
  end
  local deadline = native.now() + timeout
  while true do
    local answer = table.pack(fn())
    if answer[1] then return table.unpack(answer, 1, answer.n) end
    local left = deadline - native.now()
    if left <= 0 then
      local what = opts.what and tostring(opts.what) or "the function's answer"
      fault.raise("timeout", ("karun.wait.until_true: not so after %g s: %s (last answer: %s)"):format(timeout, what,
        tostring(answer[1])), { timed_out = true, timeout = timeout, waited_for = what, last_state = tostring(answer[1]) })
    end
    native.sleep(math.min(every, left))
  end
end

return setmetatable(M, { __index = known.methods("karun.wait", M) })
