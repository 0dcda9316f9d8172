-- Events of pages and browsers. `listen` is for the library: called at once, from the loop, must not
-- wait. `on` is for flows: each call is a step of one task, so that calls come in order, one after
-- the other, and may wait.

local native = require "karun.native.task"
local task = require "karun.task"
local fault = require "karun.error"
local known = require "karun.known"

local Emitter = {}
Emitter.__index = Emitter

-- parent: an emitter that hears everything too (a page's context).
local function new(names, parent)
  return setmetatable({ names = names, parent = parent, listeners = {}, failed = {}, workers = {} }, Emitter)
end

function Emitter:check(event, what)
  for _, name in ipairs(self.names) do
    if name == event then return end
  end
  fault.raise("usage", ("%s: there is no event `%s`%s"):format(what, tostring(event), known.hint(event, self.names)))
end

-- fn(value, …) from the loop; answers off().
function Emitter:listen(event, fn)
  local list = self.listeners[event] or {}
  self.listeners[event] = list
  list[#list + 1] = fn
  return function()
    for i, other in ipairs(list) do
      if other == fn then
        table.remove(list, i)
        return
      end
    end
  end
end

-- Without the parent's listeners: who emits tells them itself.
function Emitter:emit_here(event, ...)
  local list = self.listeners[event]
  for _, fn in ipairs(list and table.move(list, 1, #list, 1, {}) or {}) do
    fn(...)
  end
end

function Emitter:emit(event, ...)
  self:emit_here(event, ...)
  if self.parent then self.parent:emit(event, ...) end
end

function Emitter:heard(event)
  local list = self.listeners[event]
  return list ~= nil and #list > 0 or self.parent ~= nil and self.parent:heard(event)
end

-- The handler's task lives only while there is something to handle.
function Emitter:on(event, fn, what)
  self:check(event, what)
  if type(fn) ~= "function" then fault.raise("usage", what .. " takes a function, got " .. type(fn)) end
  local waiting, running, is_off = {}, false, false
  local function work()
    self.workers[native.running()] = true
    while #waiting > 0 and not is_off do
      local args = table.remove(waiting, 1)
      local ok, err = fault.try(fn, table.unpack(args, 1, args.n))
      if not ok then self:fail(err) end
      if args.after then args.after() end
    end
    running = false
    self.workers[native.running()] = nil
  end
  local stop = self:listen(event, function(...)
    local args = table.pack(...)
    local first = args[1]
    if type(first) == "table" and rawget(first, "handled") then args.after = first.handled(first) end
    waiting[#waiting + 1] = args
    if running then return end
    running = true
    native.spawn(work)
  end)
  return function()
    is_off = true
    stop()
  end
end

-- Is the running task one of ours, inside a handler?
function Emitter:handling()
  return self.workers[native.running()] == true or self.parent ~= nil and self.parent:handling()
end

-- An error of a handler is raised by the page's next call.
function Emitter:fail(err)
  self.failed[#self.failed + 1] = err
end

function Emitter:raise_failed()
  if #self.failed > 0 then error(table.remove(self.failed, 1), 0) end
  if self.parent then self.parent:raise_failed() end
end

-- ---- waiting for events ----

-- A waiter ends once: with a value, or with an error object.
local Waiter = {}
Waiter.__index = Waiter

function Waiter:done(...)
  if self.values then return end
  self.values = table.pack(...)
  self.signal:fire()
end

function Waiter:fail(err)
  if self.values then return end
  self.err, self.values = err, { n = 0 }
  self.signal:fire()
end

-- The value(s); raises its error; false when time is up (deadline: karun.now()).
function Waiter:await(deadline)
  if not self.values and not self.signal:wait(math.max(0, deadline - task.now())) and not self.values then
    return false
  end
  if self.err then error(self.err, 0) end
  return true, table.unpack(self.values, 1, self.values.n)
end

local function waiter()
  return setmetatable({ signal = native.signal() }, Waiter)
end

return { new = new, waiter = waiter }
