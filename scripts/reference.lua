-- Writes docs/reference/ from the stubs in docs/api/: one page a family, each with an example that the
-- suite runs. `build/bin/karun scripts/reference.lua`; with --check it writes nothing and fails when a
-- page differs.

local karun = require "karun"
local file = karun.file

local options = karun.options {
  about = "Writes docs/reference/ from docs/api/.",
  { "check", "boolean", help = "write nothing; exit 1 when a page is not as it should be" },
}

-- Page -> its heading, example and classes, in reading order.
local pages = {
  { "karun", "karun: the front door", "13_flow", { "karun", "karun.LaunchOptions", "karun.Error", "karun.Secret" } },
  { "browser", "Browsers, contexts and sessions", "09_session", { "karun.browser", "karun.Browser", "karun.Context" } },
  { "page", "Pages and frames", "05_popup",
    { "karun.Page", "karun.Frame", "karun.Response", "karun.Mouse", "karun.Keyboard", "karun.RoutedRequest" } },
  { "locator", "Selectors and locators", "03_form", { "karun.Dom", "karun.Locator", "karun.dom" } },
  { "wait", "Waiting", "04_wait", { "karun.wait" } },
  { "task", "Tasks", "07_tasks", { "karun.task", "karun.Task", "karun.Scope", "karun.Queue", "karun.Limit" } },
  { "download", "Downloads", "06_download", { "karun.Download" } },
  { "http", "Addresses without a browser", "10_fetch", { "karun.http", "karun.FetchOptions", "karun.Fetched" } },
  { "file", "Files", "12_screenshot", { "karun.file", "karun.FileOptions", "karun.Stat", "karun.Lock", "karun.Watch" } },
  { "store", "Databases", "10_fetch", { "karun.store", "karun.Database" } },
  { "serve", "Servers", "14_serve", { "karun.serve", "karun.ServeOptions", "karun.Server", "karun.Request", "karun.Answer", "karun.Socket" } },
  { "audio", "Sound", nil, { "karun.audio", "karun.Sound" } },
  { "tell", "JSON, log, trace, progress", "11_errors",
    { "karun.json", "karun.log", "karun.trace", "karun.run", "karun.run.Song", "karun.run.Track", "karun.term", "karun.timing" } },
  { "test", "Tests", "lua/template/tests/first_test.lua", { "karun.test" } },
}

-- ---- reading ----

local function new_class(classes, name)
  classes[name] = classes[name] or { name = name, doc = {}, fields = {}, functions = {} }
  return classes[name]
end

local function split_type(rest)
  local type_text = rest:match "^%b{}%??" or rest:match "^fun%b():?%s*%S*" or rest:match "^%S+" or ""
  return type_text, rest:sub(#type_text + 1):match "^%s*#?%s*(.-)%s*$"
end

local tags = {}

function tags.class(state, rest)
  local name, parent = rest:match "^([%w_.]+)%s*:?%s*([%w_.]*)"
  state.class = new_class(state.classes, name)
  state.class.parent = parent ~= "" and parent or state.class.parent
  table.move(state.doc, 1, #state.doc, #state.class.doc + 1, state.class.doc)
  state.doc = {}
end

function tags.field(state, rest)
  local name, more = rest:match "^([%w_]+%??)%s+(.+)$"
  if name and state.class then
    local type_text, words = split_type(more)
    table.insert(state.class.fields, { name = name, type = type_text, doc = words })
  end
end

function tags.param(state, rest)
  local name, more = rest:match "^([%w_.]+%??)%s+(.+)$"
  if name then
    local type_text, words = split_type(more)
    table.insert(state.params, { name = name, type = type_text, doc = words })
  end
end

tags["return"] = function(state, rest)
  table.insert(state.returns, rest)
end

local function fresh(state)
  state.doc, state.params, state.returns = {}, {}, {}
end

local function read(classes, text)
  local state = { classes = classes, bound = {} }
  fresh(state)
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local tag, rest = line:match "^%-%-%-@(%a+)%s*(.*)$"
    local doc = line:match "^%-%-%-%s?(.*)$" or line:match "^%-%- ?(.*)$"
    local holder, separator, name, arguments = line:match "^function%s+([%w_]+)([.:])([%w_]+)%((.-)%)"
    local variable = line:match "^local%s+([%w_]+)%s*=%s*{"
    if tag then
      if tags[tag] then tags[tag](state, rest) end
    elseif holder then
      local class = state.bound[holder] or state.class
      if class then
        table.insert(class.functions, { holder = holder, separator = separator, name = name, arguments = arguments,
          doc = state.doc, params = state.params, returns = state.returns })
      end
      fresh(state)
    elseif variable and state.class then
      state.bound[variable] = state.class
    elseif doc then
      table.insert(state.doc, doc)
    elseif line == "" then
      state.doc = {}
    end
  end
end

-- ---- writing ----

local shown_as = { ["karun"] = "karun", ["karun.dom"] = "karun.dom" }

local function call_of(class, one)
  local holder = one.separator == ":" and class.name:match "([^.]+)$":lower() or shown_as[class.name] or class.name
  return ("%s%s%s(%s)"):format(holder, one.separator, one.name, one.arguments)
end

local function put_class(out, class)
  local function put(format, ...) out[#out + 1] = format:format(...) end
  put("## %s\n", class.name)
  if class.parent then put("Has all that `%s` has.\n", class.parent) end
  if #class.doc > 0 then put("%s\n", table.concat(class.doc, "\n")) end
  if #class.fields > 0 then
    put "| Field | Type | |\n|---|---|---|"
    for _, field in ipairs(class.fields) do
      put("| `%s` | `%s` | %s |", field.name, field.type:gsub("|", "\\|"), field.doc)
    end
    put ""
  end
  for _, one in ipairs(class.functions) do
    put("### `%s`\n", call_of(class, one))
    if #one.doc > 0 then put("%s\n", table.concat(one.doc, "\n")) end
    for _, param in ipairs(one.params) do
      put("- `%s`: `%s`%s", param.name, param.type, param.doc ~= "" and " " .. param.doc or "")
    end
    for _, text in ipairs(one.returns) do
      put("- answers `%s`", text)
    end
    if #one.params + #one.returns > 0 then put "" end
  end
end

local function page_text(page, classes, seen)
  local out = { ("# %s\n"):format(page[2]), "Made from the stubs in `docs/api` by `scripts/reference.lua`; edit those.\n" }
  if page[3] then
    local path = page[3]:find("/", 1, true) and page[3] or "examples/" .. page[3] .. ".lua"
    out[#out + 1] = ("`%s`:\n\n```lua\n%s```\n"):format(path, file.read(path))
  end
  for _, name in ipairs(page[4]) do
    if classes[name] then
      seen[name] = true
      put_class(out, classes[name])
    end
  end
  return (table.concat(out, "\n"):gsub("\n+$", "\n"))
end

local classes = {}
for _, path in ipairs(file.glob "docs/api/*.lua") do
  read(classes, file.read(path))
end

local differs, seen = {}, {}
local function deliver(path, text)
  if file.exists(path) and file.read(path) == text then return end
  differs[#differs + 1] = path
  if not options.check then
    file.mkdir "docs/reference"
    file.write(path, text)
  end
end

local index = { "# Reference\n", "All a flow can call, one page a family; types as in the stubs in `docs/api`.\n" }
for _, page in ipairs(pages) do
  deliver(("docs/reference/%s.md"):format(page[1]), page_text(page, classes, seen))
  index[#index + 1] = ("- [%s](%s.md)"):format(page[2], page[1])
end
deliver("docs/reference/README.md", table.concat(index, "\n") .. "\n")

local lost = {}
for name in pairs(classes) do
  if not seen[name] then lost[#lost + 1] = name end
end
table.sort(lost)
if #lost > 0 then
  print("these classes are on no page: " .. table.concat(lost, ", "))
  return 1
end
for _, path in ipairs(differs) do
  print((options.check and "not as the stubs say: " or "wrote ") .. path)
end
return options.check and #differs > 0 and 1 or 0
