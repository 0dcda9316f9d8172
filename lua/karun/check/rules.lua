-- What `karun check` complains about in a flow. Each rule is told what the walk meets.

local known = require "karun.known"

local M = {}

local standard = { "_ENV" }
for name in pairs(_G) do
  standard[#standard + 1] = name
end

-- Options that are times: their numbers belong into timing.lua.
local times = { timeout = true, stall = true, delay = true, max_delay = true, every = true, again = true, pause = true }
local waits = { sleep = true, timeout = true }

local function first_text(node)
  if node and node.tag == "String" then return node end
  if node and node.tag == "Table" and node.items[1] and not node.items[1].key then
    return first_text(node.items[1].value)
  end
end

local function is_chosen_number(node)
  return node and node.tag == "Number" and node.value ~= 0
end

-- new{ api=, timing = book, site_keys= } -> rules, state
--   state: { problems = { {file, line, message} }, used = { timing = set, groups = set, site = set } }
function M.new(options)
  local state = { problems = {}, used = { timing = {}, groups = {}, site = {} } }
  local rules = {}
  local api = options.api

  local function report(walk, node, message)
    state.problems[#state.problems + 1] = { file = walk.file, line = node.line, message = message }
  end

  function rules.global(walk, node)
    for _, name in ipairs(standard) do
      if name == node.name then return end
    end
    report(walk, node, ("there is no variable `%s`%s"):format(node.name,
      known.nearest(node.name, standard) and known.hint(node.name, standard) or "; declare it with `local`"))
  end

  function rules.set_global(walk, node)
    report(walk, node, ("`%s` is set but was never declared: write `local %s = …`"):format(node.name, node.name))
  end

  function rules.member(walk, class, name, node)
    if not api.classes[class] then return nil end
    local found = api.member(class, name)
    if not found and not walk.is_library then
      local noun = class:match("([^.]+)$"):lower()
      report(walk, node, ("%s has no `%s`%s"):format(noun, name, known.hint(name, api.names(class))))
    end
    return found
  end

  local function check_options(walk, what, at, arg)
    local names = api.options(what.member, at)
    if not names or arg.tag ~= "Table" then return end
    local positional = false
    for _, item in ipairs(arg.items) do
      positional = positional or not item.key
    end
    for _, item in ipairs(arg.items) do
      local key = item.key and item.key.tag == "String" and item.key.value
      local fits = not key
      for _, name in ipairs(names) do
        fits = fits or name == key
      end
      if not fits and not positional then
        report(walk, item, ("%s has no option `%s`%s"):format(what.name, key, known.hint(key, names)))
      end
    end
  end

  local function check_numbers(walk, what, arg, at)
    if arg.tag == "Table" then
      for _, item in ipairs(arg.items) do
        local key = item.key and item.key.value
        if times[key] and is_chosen_number(item.value) then
          report(walk, item, ("the number %s = %s belongs into timing.lua"):format(key, item.value.value))
        end
      end
    elseif at == 1 and waits[what.name] and what.of == "karun" and is_chosen_number(arg) then
      report(walk, arg, ("the number in %s(%s) belongs into timing.lua"):format(what.name, arg.value))
    end
  end

  local function check_selector(walk, what, arg)
    local text = first_text(arg)
    if text and what.member.first == "selector" then
      report(walk, text, ("the selector `%s` belongs into the site table (`selectors` in sites/)"):format(text.value))
    end
  end

  function rules.call(walk, what, args)
    for at, arg in ipairs(args) do
      check_options(walk, what, at, arg)
      if walk.is_flow then check_numbers(walk, what, arg, at) end
    end
    if walk.is_flow then check_selector(walk, what, args[1]) end
  end

  function rules.timing_group(walk, group, node)
    for _, name in ipairs(options.timing.names) do
      if name:match("^[^.]+") == group then return end
    end
    local groups = {}
    for _, name in ipairs(options.timing.names) do
      local its = name:match("^[^.]+")
      if groups[#groups] ~= its then groups[#groups + 1] = its end
    end
    report(walk, node, ("there is no timing group `%s`%s"):format(group, known.hint(group, groups)))
  end

  function rules.timing(walk, group, key, node)
    local name = group .. "." .. key
    state.used.timing[name] = true
    if options.timing.entries[name] then return end
    local members = {}
    for _, one in ipairs(options.timing.names) do
      if one:match("^[^.]+") == group then members[#members + 1] = one end
    end
    if #members > 0 then report(walk, node, ("there is no timing `%s`%s"):format(name, known.hint(name, members))) end
  end

  function rules.site(walk, path, node)
    state.used.site[path] = true
    local group, key = path:match("^(%a+)%.([%w_]+)$")
    local names = group and options.site_keys[group]
    if group ~= "selectors" and group ~= "paths" or not names then return end
    if names[key] == nil then
      local list = {}
      for name in pairs(names) do
        list[#list + 1] = name
      end
      report(walk, node, ("the site table has no `%s`%s"):format(path, known.hint(key, list)))
    end
  end

  function rules.escape(_, what)
    if what.group then state.used.groups[what.group] = true end
    if what.site and what.site ~= "" then state.used.site[what.site .. ".*"] = true end
    if what.timing then state.used.groups["*"] = true end
  end

  return rules, state
end

return M
