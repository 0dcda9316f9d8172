-- karun.secret: what must be printed nowhere. A secret is looked for in the environment, then by
-- `credential_command`, in netrc, and asked for at the terminal. The value object shows as ***; only
-- the library's own verbs reveal it (fill, type, http_auth, headers).

local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.log"
local settings = require "karun.settings"

local M = {}

local COMMAND_LIMIT = 60 -- seconds; a key ring may ask a person first

local plain = setmetatable({}, { __mode = "k" }) -- secret -> its text; not in the object, so that no dump shows it

local Secret = { __name = "karun.secret" }
local methods = known.methods("a secret", {}, {})
function Secret.__index(self, key)
  return methods(self, key)
end
function Secret.__tostring()
  return "***"
end
function Secret.__eq(a, b)
  return plain[a] == plain[b]
end

local HTML = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

-- The forms a text takes on its way: in addresses, forms, documents, JSON, basic authentication.
local function forms(text)
  local function percent(c)
    return ("%%%02X"):format(c:byte())
  end
  local address = text:gsub("[^%w%-._~]", percent)
  local quoted = require("karun.native.json").encode(text):sub(2, -2)
  return {
    address, (text:gsub("[^%w%-._* ]", percent):gsub(" ", "+")), (text:gsub("[&<>\"']", HTML)), (text:gsub("[&<>]", HTML)),
    quoted, (quoted:gsub('"', '\\"')), require("karun.native.base64").encode(text),
  }
end

-- Masks the text, and every form of it, from now on.
function M.mask(text)
  native.secret(text)
  if not utf8.len(text) then return end
  for _, form in ipairs(forms(text)) do
    if form ~= text then native.secret(form) end
  end
end

-- A text as a secret: from now on it is masked in every log, error, trace and report.
function M.new(text)
  M.mask(text)
  local secret = setmetatable({}, Secret)
  plain[secret] = text
  return secret
end

function M.is(value)
  return getmetatable(value) == Secret
end

-- The plain text of a secret; any other value as it is.
function M.reveal(value)
  if M.is(value) then return plain[value] end
  return value
end

-- "Bearer " .. karun.secret("token") is a secret too
function Secret.__concat(a, b)
  return M.new(tostring(M.reveal(a)) .. tostring(M.reveal(b)))
end

-- ---- where it may lie ----

local function variables(name)
  if name == "username" or name == "password" then return { "KARUN_" .. name:upper(), "KV_" .. name:upper() } end
  return { "KARUN_SECRET_" .. name:upper():gsub("[^%w]", "_") }
end

local function from_environment(name)
  for _, variable in ipairs(variables(name)) do
    local text = settings.getenv(variable)
    if text and text ~= "" then return text end
  end
end

local function environment(name)
  local out = { "KARUN_CREDENTIAL=" .. name }
  for _, pair in ipairs(require("karun.native.proc").environ()) do
    if not pair:find("^KARUN_CREDENTIAL=") then out[#out + 1] = pair end
  end
  return out
end

-- "username=x" and "password=y" lines as of git's helpers, or the password alone in the first line.
local function read_answer(out, name, command)
  for line in out:gmatch("[^\r\n]+") do
    local key, value = line:match("^(%w+)=(.*)$")
    if key and key:lower() == name:lower() then return value end
  end
  local speaks_of_it = command:find("KARUN_CREDENTIAL", 1, true) ~= nil
  local first = out:match("^[^\r\n]+")
  if first and not first:find("^%w+=") and (name == "password" or speaks_of_it) then return first end
end

-- The program is told what is wanted by KARUN_CREDENTIAL ("username", "password", …).
local function from_command(name)
  local command = settings.config().values.credential_command
  if not command then return nil end
  local proc = require "karun.native.proc"
  local child = proc.start { argv = { "/bin/sh", "-c", command }, env = environment(name), capture = true }
  local ended = child:wait(COMMAND_LIMIT)
  local code, out, err = child:status(), child:out(), child:err()
  child:close()
  if not ended then
    fault.raise("auth", ("credential_command gave no answer for %s within %d s"):format(name, COMMAND_LIMIT))
  end
  if code ~= 0 then
    fault.raise("auth", ("credential_command failed for %s: %s"):format(name, err:match("[^\n]*") or ""))
  end
  return read_answer(out, name, command)
end

local function check_private(path)
  local stat = require("karun.file").stat(path)
  if not stat or stat.type ~= "file" then return false end
  if stat.mode & 63 ~= 0 then
    fault.raise("config", ("%s can be read by others; chmod 600 '%s'"):format(path, path), { path = path })
  end
  return true
end

-- login and password of a machine, or of `default`
local function read_netrc(text, hosts)
  local words, entry, found = {}, nil, nil
  for line in text:gmatch("[^\r\n]+") do
    for word in line:gsub("^%s*#.*", ""):gmatch("%S+") do
      words[#words + 1] = word
    end
  end
  local i = 1
  while words[i] do
    local word, value = words[i], words[i + 1]
    if word == "machine" then
      entry = hosts[value] and not found and {} or nil
      found = entry or found
    elseif word == "default" then
      entry = not found and {} or nil
      found = entry or found
    elseif entry and (word == "login" or word == "password") then
      entry[word] = value
    end
    i = i + (word == "default" and 1 or 2)
  end
  return found
end

local function site_hosts()
  local host = settings.site().base_url:match("^%a+://([^/:]+)") or ""
  return { [host] = true, [host:gsub("^www%.", "")] = true }
end

local function from_netrc(name)
  if name ~= "username" and name ~= "password" then return nil end
  local path = settings.config().values.netrc
  local home = settings.getenv("HOME")
  path = path or home and home .. "/.netrc"
  if not path or not check_private(path) then return nil end
  local found = read_netrc(require("karun.file").read(path, { limit = 1 << 20 }), site_hosts())
  return found and found[name == "username" and "login" or "password"]
end

local function may_ask()
  return settings.config().values.input ~= false and not settings.flags().no_input and native.isatty(0) and native.isatty(2)
end

local function from_person(name)
  if not may_ask() then return nil end
  return native.ask(("%s for %s: "):format(name, settings.config().values.site), name == "username")
end

local found = {}

local function stored(name)
  return from_environment(name) or from_command(name) or from_netrc(name)
end

-- Is it to be had without asking a person?
function M.known(name)
  if not found[name] then
    local text = stored(name)
    if text and text ~= "" then found[name] = M.new(text) end
  end
  return found[name] ~= nil
end

-- The secret of this name; `auth` when it is nowhere to be had.
function M.secret(name)
  if type(name) ~= "string" or not name:find("^%a[%w_.-]*$") then
    fault.raise("usage", "karun.secret takes a name, as \"password\", got " .. tostring(name))
  end
  if found[name] then return found[name] end
  local text = stored(name) or from_person(name)
  if not text or text == "" then
    fault.raise("auth", ("there is no %s: set %s, or credential_command in karun.lua, or a netrc entry; at a terminal karun asks")
      :format(name, variables(name)[1]))
  end
  found[name] = M.new(text)
  return found[name]
end

return M
