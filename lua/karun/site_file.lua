-- Site tables: data about one site (addresses, selectors, texts), checked against the list of keys
-- below. `load{name=, folders={lowest first}, sets={}}` answers a plain table; a table of the same
-- name in a later folder lies over the earlier one, key by key.

local data_file = require "karun.data_file"
local fault = require "karun.error"
local known = require "karun.known"

local M = {}

-- What the table of a mixer site (`kind = "mixer"`: what the shipped flows work on) may hold. "text",
-- "number", "texts" (a text or a list of them, best first); { any = kind } is a map with free names;
-- a trailing `?` is optional.
M.keys = {
  name = "text", kind = "text", title = "text?", variants = "texts?", revision = "number?", base_url = "text", song_pattern = "text",
  hosts = { any = "text" },
  paths = { home = "text?", login = "text", account = "text", files = "text?", logout = "text?", search = "text?",
    song = "text", basket = "text?", begin = "text?", waitfor = "text?" },
  selectors = { login_form = "texts", user = "texts", password = "texts", submit = "texts", login_error = "texts?",
    second_step = "texts?", signed_in = "texts", signed_out = "texts?", cookie_accept = "texts?", mixer = "texts", row = "texts",
    caption = "texts", solo = "texts", mute = "texts?", volume = "texts?", panner = "texts?", reset = "texts?",
    play = "texts?", preset = "texts?", count_in = "texts?", key_value = "texts?", key_up = "texts?",
    key_down = "texts?", key_reload = "texts?", bpm = "texts?", title = "texts", artist = "texts?", download = "texts",
    loader = "texts?", ready = "texts", file_link = "texts?", file_link_anywhere = "texts?", overlay_close = "texts?",
    modal_close = "texts?", result = "texts?",
    result_artist = "texts?" },
  classes = { solo_active = "text", buy = "text", modal_open = "text?" },
  probes = { mixer_ready = "text" },
  attributes = { index = "text", preset = "text?" },
  query = { any = "text", optional = true },
  headers = { building = "text?", file = "text?" },
  session = { cookie = "text?", signed_in_part = "text?" },
  challenge = { titles = "texts", markers = "texts" },
  label = { suffix = "text", mix = "text", space = "text", click = "text?" },
  key = { low = "number", high = "number" },
  texts = { any = { signed_in = "texts?", signed_out = "texts?", count_in = "texts?", building = "texts?" } },
}

-- Any other site, for flows of one's own: the groups are given, the names in them are free.
local function free(kind)
  return { any = kind, optional = true }
end

M.free_keys = {
  name = "text", kind = "text?", title = "text?", variants = "texts?", revision = "number?", base_url = "text", song_pattern = "text?",
  hosts = free "text", paths = free "text", selectors = free "texts", classes = free "text",
  attributes = free "text", headers = free "text", session = free "text", challenge = free "texts",
  label = free "text", key = free "number", texts = free { any = "texts" },
}

local function names_of(map)
  local names = {}
  for name in pairs(map) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  return names
end

local function is_list_of_texts(value)
  if type(value) ~= "table" or #value == 0 then return false end
  for key, text in pairs(value) do
    if math.type(key) ~= "integer" or type(text) ~= "string" or text == "" then return false end
  end
  return true
end

local fits = {
  text = function(value) return type(value) == "string" and value ~= "" end,
  number = function(value) return type(value) == "number" end,
}
fits.texts = function(value) return fits.text(value) or is_list_of_texts(value) end

local wanted = { text = "a text", number = "a number", texts = "a text or a list of texts, best first" }

local check_group

local function check_value(rule, value, name, report, partial)
  if type(rule) == "table" then
    if type(value) == "table" then return check_group(rule, value, name, report, partial) end
    if value == nil then
      if not partial and not rule.optional then report(name, ("`%s` is missing"):format(name)) end
      return
    end
    return report(name, ("`%s` must be a table, it is a %s"):format(name, type(value)))
  end
  local kind, optional = rule:match("^(%a+)(%??)$")
  if value == nil then
    if optional == "" and not partial then report(name, ("`%s` is missing"):format(name)) end
  elseif not fits[kind](value) then
    report(name, ("`%s` must be %s"):format(name, wanted[kind]))
  end
end

check_group = function(rules, group, prefix, report, partial)
  local function full(key)
    return prefix == "" and tostring(key) or prefix .. "." .. tostring(key)
  end
  for key, value in pairs(group) do
    local rule = rules.any or rules[key]
    if rule then
      check_value(rule, value, full(key), report, partial)
    else
      report(full(key), ("there is no `%s` in a site table%s"):format(full(key), known.hint(key, names_of(rules))))
    end
  end
  if partial or rules.any then return end
  for key, rule in pairs(rules) do
    if group[key] == nil then check_value(rule, nil, full(key), report, partial) end
  end
end

local function rules_for(site, partial)
  return (partial or site.kind == "mixer") and M.keys or M.free_keys
end

-- List of { name, message } for what is wrong in a site table; `partial` for one that lies over another.
function M.problems(site, partial)
  local out = {}
  check_group(rules_for(site, partial), site, "", function(name, message)
    out[#out + 1] = { name = name, message = message }
  end, partial)
  return out
end

local function merge(base, over)
  for key, value in pairs(over) do
    if type(value) == "table" and type(base[key]) == "table" and #value == 0 and #base[key] == 0 then
      merge(base[key], value)
    else
      base[key] = value
    end
  end
end

local function listed(group)
  for key, value in pairs(group or {}) do
    if type(value) == "string" then group[key] = { value } end
  end
end

-- `site.selectors.solo=…` from the command line: { "selectors.solo", "…" }.
local function apply_set(site, name, text, problems)
  local rule, holder, last = rules_for(site), site, nil
  for key in name:gmatch("[^.]+") do
    if type(rule) ~= "table" then
      rule = nil
      break
    end
    if last then
      holder[last] = holder[last] or {}
      holder = holder[last]
    end
    rule, last = rule.any or rule[key], key
    if rule == nil then break end
  end
  if type(rule) ~= "string" then
    problems[#problems + 1] = { message = ("there is no value `site.%s`%s"):format(name,
      known.hint(last or name, names_of(M.keys))) }
    return
  end
  holder[last] = rule:match("^number") and tonumber(text) or text
end

-- The value of `site.base_url`: a scheme, a host, no path.
local function clean_base(url)
  local base = url:match("^(https?://[^/?#]+)/?$")
  if base then return base end
  return nil, ("`site.base_url` must be like https://host or http://127.0.0.1:8080, it is %s"):format(url)
end

local function file_of(folder, name)
  return folder .. "/" .. name .. ".lua"
end

-- load{ name=, folders={ lowest first }, sets={ { "base_url", "http://…" } } } -> site, files
function M.load(options)
  local name = options.name:gsub("%-", "_")
  if not name:match("^[%w_]+$") then
    fault.raise("config", ("`%s` is no name of a site"):format(options.name))
  end
  local site, files = nil, {}
  for _, folder in ipairs(options.folders) do
    local path = file_of(folder, name)
    local over, lines = data_file.load(path)
    if over then
      local problems = M.problems(over, site ~= nil)
      for _, problem in ipairs(problems) do
        problem.line = lines[problem.name] or lines[problem.name:match("^[^.]+")]
      end
      data_file.complain(path, problems)
      files[#files + 1] = path
      if site then merge(site, over) else site = over end
    end
  end
  if not site then
    fault.raise("config", ("there is no site `%s` (looked for %s.lua in %s)%s"):format(options.name, name,
      table.concat(options.folders, ", "), known.hint(name, options.names and options.names() or {})))
  end
  local problems = {}
  for _, set in ipairs(options.sets or {}) do
    apply_set(site, set[1], set[2], problems)
    if set[1] == "base_url" then site.pinned = true end
  end
  local base, why = clean_base(site.base_url)
  if not base then problems[#problems + 1] = { message = why } end
  site.base_url = base or site.base_url
  data_file.complain(site.pinned and "--set" or files[#files], problems)
  listed(site.selectors)
  listed(site.challenge)
  for _, texts in pairs(site.texts or {}) do
    listed(texts)
  end
  return site, files
end

return M
