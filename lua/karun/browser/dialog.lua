-- Dialogs (alert, confirm, prompt, beforeunload): while one is open its page answers nothing. Whoever
-- expects it or has an `on` handler answers; else it is dismissed (beforeunload: accepted) and logged.

local fault = require "karun.error"
local known = require "karun.known"
local log = require "karun.log"

local M = { events = {} }
local on = M.events

local Dialog = { __name = "karun.dialog" }
known.class("a dialog", Dialog, { "type", "message", "default", "answer", "handled", "held" })

local state = setmetatable({}, { __mode = "k" }) -- dialog -> { page, session }

local function answer(dialog, accept, text)
  local its = state[dialog]
  if dialog.answer then return end
  dialog.answer = accept and "accepted" or "dismissed"
  if not accept and dialog.type == "beforeunload" then
    its.page.stayed = true -- for who asked the page to go: that call may get no answer
    its.page.events:emit("stayed")
    its.page.top:change()
  end
  its.session:try("Page.handleJavaScriptDialog", { accept = accept, promptText = text }, 5)
  if its.page.dialog == dialog then its.page.dialog = false end -- the next call need not wait for the event
end

function Dialog:accept(text)
  if text ~= nil and type(text) ~= "string" then fault.raise("usage", "dialog:accept takes a text, got " .. type(text)) end
  answer(self, true, text or self.default)
end

function Dialog:dismiss()
  answer(self, false)
end

function Dialog:__tostring()
  return ("dialog %s %q"):format(self.type, self.message)
end

local function by_default(page, dialog, its)
  local accept = dialog.type == "beforeunload"
  dialog.answer = accept and "accepted" or "dismissed"
  its.session:send("Page.handleJavaScriptDialog", { accept = accept })
  log.info(("a dialog nobody waited for was %s: %s %q on %s"):format(dialog.answer, dialog.type, dialog.message, page.top.frame_url))
end

-- After the last handler that heard of it has run: what they left open is answered by default.
local function handled(dialog)
  local its = state[dialog]
  its.handlers = its.handlers + 1
  return function()
    its.handlers = its.handlers - 1
    if its.handlers == 0 and not dialog.answer then by_default(its.page, dialog, its) end
  end
end

on["Page.javascriptDialogOpening"] = function(page, params, session)
  local dialog = setmetatable({
    type = params.type, message = params.message, default = params.defaultPrompt ~= "" and params.defaultPrompt or nil,
  }, Dialog)
  local its = { page = page, session = session, handlers = 0 }
  state[dialog] = its
  local expected = page.expects_dialog and page.expects_dialog > 0
  if not expected then dialog.handled = handled end
  if not expected and not page.events:heard("dialog") then
    return by_default(page, dialog, its)
  end
  page.dialog = dialog
  page.events:emit("dialog", dialog)
  if expected then
    dialog.held = true
    for _, one in ipairs(page.browser.targets:sessions_of(page)) do
      one:abort("dialog") -- what is pending cannot be answered before the flow has answered
    end
  end
  page.top:change()
  page:wake()
end

on["Page.javascriptDialogClosed"] = function(page, params)
  local dialog = page.dialog
  if dialog and not dialog.answer then dialog.answer = params.result and "accepted" or "dismissed" end
  page.dialog = false
  page:wake()
end

return M
