-- A frame of a page: its documents come and go, the frame stays. Evaluates in the page's own world,
-- asks the agent in ours.

local fault = require "karun.error"
local json = require "karun.native.json"
local known = require "karun.known"
local native = require "karun.native.task"
local value = require "karun.browser.value"

local Frame = { __name = "karun.frame" }
known.class("a frame", Frame,
  { "commits", "page", "contexts", "loader", "lifecycle", "detached", "session", "id", "parent_frame", "frame_url",
    "frame_name", "changed", "inner" })

local ASK = "function(question) { return __karun.ask(question); }"
local ABOUT = "function(question, element) { return __karun.ask(question, element); }"
local ELEMENT = "function(question) { return __karun.element(question); }"
local WRAP = "function(...args) { const value = (%s\n); return typeof value === 'function' ? value(...args) : value; }"

-- Puts js where %s stands.
local function fill(template, js)
  local at = template:find("%s", 1, true)
  return template:sub(1, at - 1) .. js .. template:sub(at + 2)
end

local function new(page, id, parent, session)
  return setmetatable({
    page = page, id = id, parent_frame = parent, session = session, contexts = {}, lifecycle = {},
    frame_url = "", frame_name = "", changed = native.signal(), detached = false, commits = 0,
  }, Frame)
end

-- Wakes whoever waits for this frame's state: a context, a commit, a load.
function Frame:change()
  local signal = self.changed
  self.changed = native.signal()
  signal:fire()
end

-- Waits for the next change; false when the deadline has passed.
function Frame:await_change(deadline)
  return self.changed:wait(math.max(0, deadline - native.now()))
end

function Frame:check_alive()
  self.page:check_alive()
  if self.detached then
    fault.raise("frame_detached", ("the frame %s was removed from its page"):format(self.frame_url), { url = self.frame_url })
  end
end

-- The execution context of a world, "main" or "karun"; waits for it while a document is coming.
function Frame:context(world, deadline)
  while true do
    self:check_alive()
    local id = self.contexts[world]
    if id then return id end
    if not self:await_change(deadline) then
      fault.raise("timeout", ("%s has no document that scripts can run in"):format(self.frame_url ~= "" and self.frame_url or "the page"),
        { timed_out = true, url = self.frame_url })
    end
  end
end

-- A document that went: was it replaced, or its frame removed? The event that tells comes right behind.
function Frame:why_lost(err, deadline)
  if err.kind ~= "context_lost" or not self.parent_frame then return err end
  local commits, limit = self.commits, math.min(deadline, native.now() + 1)
  while not self.detached and not self.page.gone and self.commits == commits and self:await_change(limit) do end
  if not self.detached then return err end
  return fault.new("frame_detached", ("the frame %s was removed from its page"):format(self.frame_url), { url = self.frame_url })
end

-- One call of Runtime -> its RemoteObject. Raises what the page's script threw, and context_lost or
-- frame_detached when the document went.
local function ask_runtime(frame, method, params, deadline)
  local result, err = frame.session:try(method, params, math.max(0.001, deadline - native.now()))
  if not result then error(frame:why_lost(err, deadline), 0) end
  if result.exceptionDetails then error(value.exception(result.exceptionDetails), 0) end
  return result.result
end

-- Calls a function text in a world. options: by_value, deep, object (RemoteObject id for `this`). One round trip.
function Frame:run(world, text, arguments, deadline, options)
  options = options or {}
  local params = {
    functionDeclaration = text, arguments = arguments, awaitPromise = true, userGesture = options.gesture or nil,
    returnByValue = options.by_value or nil,
  }
  if options.deep then params.serializationOptions = { serialization = "deep", maxDepth = 200 } end
  if options.object then
    params.objectId = options.object
  else
    params.executionContextId = self:context(world, deadline)
  end
  return ask_runtime(self, "Runtime.callFunctionOn", params, deadline)
end

-- One question to the agent -> its answer, a plain table. Raises context_lost when the document went.
function Frame:ask(question, deadline)
  return self:run("karun", ASK, { { value = question } }, deadline, { by_value = true }).value
end

Frame.ASK = ASK

-- The same about an element we hold (a remote object of our world).
function Frame:ask_about(object, question, deadline)
  return self:run("karun", ABOUT, { { value = question }, { objectId = object } }, deadline, { by_value = true }).value
end

-- One question to the agent as it is now: no waiting for a document. nil when there is none, or no answer in time.
function Frame:ask_now(question, timeout)
  local context = self.contexts.karun
  if not context or self.detached then return nil end
  local answer = self.session:try("Runtime.callFunctionOn", {
    functionDeclaration = ASK, executionContextId = context, arguments = { { value = question } },
    awaitPromise = true, returnByValue = true,
  }, timeout)
  return answer and not answer.exceptionDetails and answer.result.value or nil
end

-- The element the agent finds -> its remote object id in our world (release it), or nil.
function Frame:element(question, deadline)
  return self:run("karun", ELEMENT, { { value = question } }, deadline).objectId
end

function Frame:release(object)
  self.session:send("Runtime.releaseObject", { objectId = object })
end

-- A RemoteObject -> the Lua value. An object costs a second round trip, a primitive none.
function Frame:read(object, deadline)
  local plain, out = value.primitive(object)
  if plain then return out end
  local ok, whole = fault.try(self.run, self, "main", "function() { return this; }", nil, deadline,
    { object = object.objectId, deep = true })
  local deep = not ok and whole.kind == "too_large" -- the browser itself gives up at some 145 levels
  if deep then ok, whole = fault.try(self.run, self, "main", value.ENCODE, nil, deadline, { object = object.objectId }) end
  self:release(object.objectId)
  if not ok then error(value.is_too_large(whole) or whole, 0) end
  if deep then return value.decode(whole.value) end
  return value.deep(whole)
end

local function arguments_of(...)
  local list, revive = json.array {}, false
  for i = 1, select("#", ...) do
    local argument, marked = value.argument((select(i, ...)))
    list[i], revive = argument, revive or marked
  end
  return list, revive
end

-- One that the text itself has, not one that it met when it ran (JSON.parse): that has been somewhere.
local function does_not_compile(err)
  return err.kind == "script" and err.stack:find("^SyntaxError") and not err.stack:find("\n%s+at ")
end

-- A text as it stands. A script's last value counts.
function Frame:run_script(text, deadline)
  return ask_runtime(self, "Runtime.evaluate", { expression = text, contextId = self:context("main", deadline), awaitPromise = true },
    deadline)
end

-- Does it look like a function's text? Others are asked for their value at once, which the browser does in less time.
local function may_be_function(js)
  return js:find("=>", 1, true) or js:find("function", 1, true)
end

local function call_text(frame, js, deadline, ...)
  local list, revive = arguments_of(...)
  local text = fill(WRAP, js)
  if revive then text = fill(value.REVIVE, text) end
  return frame:run("main", text, list, deadline)
end

-- An expression, or a function with its arguments -> its value.
function Frame:evaluate(js, deadline, ...)
  local object
  if select("#", ...) > 0 or may_be_function(js) then
    object = call_text(self, js, deadline, ...)
  else
    object = self:run_script("(" .. js .. "\n)", deadline)
    if object.type == "function" then -- the name of one
      local named = object.objectId
      object = self:run("main", "function() { return this(); }", nil, deadline, { object = named })
      self:release(named)
    end
  end
  return self:read(object, deadline)
end

-- js about an element of the page's world: the first argument of a function.
local ABOUT_WRAP = "function(element, ...args) { const value = (%s\n); return typeof value === 'function' ? value(element, ...args) : value; }"

function Frame:evaluate_about(object, js, deadline, ...)
  local list, revive = arguments_of(...)
  local text = fill(ABOUT_WRAP, js)
  if revive then -- numbers that JSON has not are revived in the arguments behind the element
    text = "function(element, ...args) { return (" .. text .. ")(element, ...(" .. fill(value.REVIVE, "(...list) => list") .. ")(...args)); }"
  end
  table.insert(list, 1, { objectId = object })
  return self:read(self:run("main", text, list, deadline), deadline)
end

function Frame:eval(js, ...)
  if type(js) ~= "string" then fault.raise("usage", "eval takes JavaScript as a text, got " .. type(js)) end
  self.page:ready_for("eval")
  local deadline = native.now() + self.page:default_timeout()
  local ok, result = fault.try(self.evaluate, self, js, deadline, ...)
  if not ok and select("#", ...) == 0 and does_not_compile(result) then -- statements
    ok, result = fault.try(function() return self:read(self:run_script(js, deadline), deadline) end)
  end
  if ok then return result end
  if result.kind == "dialog" then return nil end -- it opened a dialog: that is its end
  if result.kind == "timeout" then
    local timeout = self.page:default_timeout()
    fault.raise("timeout", ("eval: no result after %g s on %s: %s"):format(timeout, self.frame_url, js:sub(1, 200)),
      { timed_out = true, timeout = timeout, url = self.frame_url })
  end
  error(result, 0)
end

local WAIT_JS = [[function(...args) {
  return new Promise((resolve, reject) => {
    const check = async () => {
      try {
        let value = (%s
        );
        if (typeof value === 'function') value = value(...args);
        value = await value;
        if (value) resolve(value); else requestAnimationFrame(check);
      } catch (error) { reject(error); }
    };
    check();
  });
}]]

-- The first truthy value of the expression or function. Asked again in each new document.
function Frame:wait_js(js, opts)
  opts = known.check(opts, { "args", "timeout" }, "wait_js")
  self.page:ready_for("wait_js")
  local timeout = opts.timeout or self.page:default_timeout()
  local deadline = native.now() + timeout
  local list, revive = arguments_of(table.unpack(opts.args or {}))
  local text = fill(WAIT_JS, js)
  if revive then text = fill(value.REVIVE, text) end
  while true do
    local ok, object = fault.try(self.run, self, "main", text, list, deadline)
    if ok then return self:read(object, deadline) end
    if object.kind == "timeout" or native.now() >= deadline then
      fault.raise("timeout", ("wait_js: not true after %g s: %s"):format(timeout, js),
        { timed_out = true, timeout = timeout, waited_for = js, url = self.frame_url })
    end
    if object.kind ~= "context_lost" and object.kind ~= "dialog" then error(object, 0) end
    self:await_change(math.min(deadline, native.now() + 0.05)) -- the next document is on its way
  end
end

function Frame:name()
  return self.frame_name
end

function Frame:url()
  return self.frame_url
end

function Frame:parent()
  return self.parent_frame
end

function Frame:__tostring()
  return ("frame %s%s"):format(self.frame_name ~= "" and self.frame_name .. " " or "", self.frame_url)
end

return { new = new, Frame = Frame }
