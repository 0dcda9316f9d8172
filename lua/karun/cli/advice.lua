-- What to try: a sentence for an error, from its kind, its words and the line of the script it points at.

local fault = require "karun.error"
local known = require "karun.known"
local tokens = require "karun.tokens"

local M = {}

local by_kind = {
  launch = "is a browser installed? `karun doctor` tells; name one with --browser PATH or KARUN_BROWSER",
  profile_locked = "close the other browser, or give another --profile",
  locked = "wait for the other run to end",
  auth = "check user and password; nothing was tried a second time",
  login_needed = "set KARUN_USERNAME and KARUN_PASSWORD, or run karun flows/auth.lua at a terminal",
  human_needed = "run again with --visible and answer the page yourself; karun goes on by itself",
  not_purchased = "buy the song on the site first; karun never presses a purchase link",
  rate_limited = "wait, then run again: what is done is not asked for again",
  disk = "make room or choose another folder with --out",
  covered = "close what covers it first, for example a cookie notice",
  ambiguous = "make the selector narrower, or use :first() or :nth(n)",
  browser_gone = "run again: what is done is not asked for again",
}

local by_net = {
  ["net::ERR_CONNECTION_REFUSED"] = "nothing answers there: is the server running, is the port right?",
  ["net::ERR_NAME_NOT_RESOLVED"] = "nobody knows that name: is it spelled right, is the network up?",
  ["net::ERR_INTERNET_DISCONNECTED"] = "there is no network",
  ["net::ERR_UNSAFE_PORT"] = "browsers refuse this port; serve on another one",
  ["net::ERR_SSL_PROTOCOL_ERROR"] = "does the server speak https there? If not, write http://",
  ["net::ERR_CONNECTION_TIMED_OUT"] = "the server does not answer: is the address right, is a proxy needed?",
}

-- ---- from the words and the line ----

-- `page.click(…)` where a colon is meant: the object is not handed over.
local function colon(text, line)
  local noun, method = text:match("(%a+):([%a_]+)")
  if not noun then return nil end
  local holder = line:match("([%a_][%w_]*)%." .. method .. "%s*[%({\"']")
  if holder and holder ~= "karun" then
    return ("write `%s:%s(…)`, with a colon: with a dot the call does not know which %s is meant"):format(holder, method, noun)
  end
end

-- A selector's name that the site table does not hold.
local function missing_selector(text, line)
  if not (text:find("takes a selector", 1, true) or text:find("nil value", 1, true)) then return nil end
  local ok, site = fault.try(function() return require("karun.settings").site() end)
  if not ok then return nil end
  for name in line:gmatch("selectors%.([%a_][%w_]*)") do
    if site.selectors[name] == nil then
      local names = {}
      for one in pairs(site.selectors) do
        names[#names + 1] = one
      end
      return ("the site table `%s` has no selector `%s`%s"):format(site.name, name, known.hint(name, names))
    end
  end
end

local function missing_argument(text, line)
  if text:find("got nil", 1, true) and line:find("karun.args", 1, true) then
    return "the flow was called without that argument: karun FLOW.lua ARGUMENT"
  end
end

local phrases = {
  { "options as one table, got %a+", "options have names and stand in braces, as in { timeout = 5 }" },
  { "takes a function, got", "hand over the function itself: function() … end, without calling it" },
  { "attempt to concatenate a nil value", "something joined there is nil: questions such as attr() answer nil when there is none" },
  { "attempt to index a nil value", "what stands before the dot or colon is nil: a name misspelled, or a question that answered \"none\"" },
  { "attempt to call a nil value", "there is no function of that name there" },
  { "attempt to compare", "both sides must be of one kind; tonumber(text) makes a number of a text" },
  { "attempt to perform arithmetic", "one side is no number; tonumber(text) makes one of a text" },
  { "syntax: 'end' expected", "an `end` is missing: each function, if, for and while wants one" },
  { "syntax: 'then' expected near '='", "two values are compared with `==`" },
  { "syntax: unfinished string", "the text's closing quote is missing; texts over several lines stand in [[ … ]]" },
}

local function phrase(text)
  for _, pair in ipairs(phrases) do
    if text:find(pair[1]) then return pair[2] end
  end
end

-- A variable that is not there: perhaps a local of this file is meant.
local function near_local(text, path)
  local name = text:match("there is no variable `([%w_]+)`")
  if not name or text:find("did you mean", 1, true) or text:find("require", 1, true) then return nil end
  local file = path and io.open(path, "r")
  if not file then return nil end
  local names, seen = {}, {}
  local list = tokens.list(file:read("a"))
  file:close()
  for _, token in ipairs(list) do
    if token.kind == "name" and token.text ~= name and not seen[token.text] then
      seen[token.text] = true
      names[#names + 1] = token.text
    end
  end
  local near = known.nearest(name, names)
  return near and ("did you mean `%s`?"):format(near) or "declare it first: local " .. name .. " = …"
end

-- err: an error object, text: its words, path and line: where it points in the script (or nil).
function M.of(err, text, path, line)
  if text:find("To do:", 1, true) then return nil end
  line = line or ""
  return missing_selector(text, line) or missing_argument(text, line) or near_local(text, path) or colon(text, line)
    or phrase(text) or by_net[rawget(err, "net") or text:match("net::[%u_]+") or ""] or by_kind[err.kind]
end

return M
