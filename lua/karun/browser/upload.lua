-- locator:upload: files into a file input, hidden or not, or into the dialog that a click opens.

local act = require "karun.browser.act"
local ask = require "karun.browser.ask"
local fault = require "karun.error"
local file = require "karun.native.file"
local json = require "karun.native.json"
local native = require "karun.native.task"
local words = require "karun.browser.words"
local Locator = require("karun.browser.locator").Locator

local M = { events = {} }

M.events["Page.fileChooserOpened"] = function(page, params, session)
  page.chooser = { node = params.backendNodeId, multiple = params.mode == "selectMultiple", session = session }
  page:wake()
end

local function absolute(path)
  if path:sub(1, 1) == "/" then return path end
  return file.readlink("/proc/self/cwd") .. "/" .. path
end

local function paths_of(wanted)
  local list = json.array {}
  for i, path in ipairs(type(wanted) == "table" and wanted or { wanted }) do
    if type(path) ~= "string" or path == "" then
      fault.raise("usage", "locator:upload takes a path or a list of paths, got " .. type(path))
    end
    if not file.stat(path) then
      fault.raise("file", ("locator:upload: there is no file %s"):format(path), { path = path })
    end
    list[i] = absolute(path)
  end
  return list
end

local function check_count(locator, paths, multiple)
  if #paths > 1 and not multiple then
    fault.raise("usage", ("locator:upload: `%s` takes one file, got %d"):format(words.of(locator), #paths))
  end
end

local function put(session, paths, node, deadline)
  node.files = paths
  session:call("DOM.setFileInputFiles", node, math.max(0.001, deadline - native.now()))
end

local function sessions_of(page)
  local list, seen = {}, {}
  for _, frame in ipairs(page.frame_order) do
    if not seen[frame.session] then
      seen[frame.session] = true
      list[#list + 1] = frame.session
    end
  end
  return list
end

local function intercept(page, enabled)
  for _, session in ipairs(sessions_of(page)) do
    session:try("Page.setInterceptFileChooserDialog", { enabled = enabled }, 5)
  end
end

-- The element opens a file dialog when it is clicked: the files go into that.
local function through_dialog(locator, paths, timeout, deadline)
  local page = locator.frame.page
  page.chooser = nil
  intercept(page, true)
  local ok, err = fault.try(function()
    locator:click { timeout = timeout }
    while not page.chooser do
      if not page:await_change(deadline) then
        error(words.not_applied(locator, "upload", "it is no file input, and a click on it opened no file dialog", timeout, true), 0)
      end
      page:check_alive()
    end
    check_count(locator, paths, page.chooser.multiple)
    put(page.chooser.session, paths, { backendNodeId = page.chooser.node }, deadline)
  end)
  page.chooser = nil
  intercept(page, false)
  if not ok then error(err, 0) end
end

function Locator:upload(wanted, opts)
  local paths = paths_of(wanted)
  local timeout, deadline
  opts, timeout, deadline = act.begin(self, opts, { "timeout" }, "upload") -- luacheck: ignore opts
  local answer, frame = ask.ask(self, { op = "read", what = "file_input" }, "upload", timeout, deadline, "the element to be there")
  local found = answer.value
  if found == json.null then return through_dialog(self, paths, timeout, deadline) end
  check_count(self, paths, found.multiple)
  if not found.enabled then
    ask.ask(self, { op = "wait", want = { state = "enabled" } }, "upload", timeout, deadline, "enabled")
  end
  local object = frame:element({ pin = found.pin }, deadline)
  if not object then error(words.refused(self, "upload", { error = "stale" }, frame.frame_url), 0) end
  put(frame.session, paths, { objectId = object }, deadline)
  frame:release(object)
end

return M
