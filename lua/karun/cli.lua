-- The command line: decides between flow and subcommand, reads karun's own flags, starts the
-- settings, runs, and answers an exit code. Called by main.c inside the main task.

local commands = require "karun.cli.commands"
local complaint = require "karun.cli.complaint" -- at once: later there may be no memory for it
local exit = require "karun.cli.exit"
local fault = require "karun.error"
local known = require "karun.known"
local native_log = require "karun.native.log"
local native_task = require "karun.native.task"
local parse = require "karun.cli.parse"
local settings = require "karun.settings"
local strict = require "karun.strict"

local levels = { [0] = "error", "warn", "info", "debug", "trace" }

local function show_level(level)
  native_log.level(level)
  require("karun.log").show(levels[level])
end

-- What --sandbox allows a flow: time between two waits, memory of Lua as a whole.
local sandbox_seconds, sandbox_bytes = 5, 256 * 1024 * 1024

-- stderr with secrets masked, each text in one piece.
local masked_stderr = {}

function masked_stderr:write(...)
  local term = package.loaded["karun.term"] -- knows what else stands on the screen
  local write = term and term.write or native_log.write
  write(require("karun.report.clean").text(table.concat { ... }))
  return self
end

-- What the outside gives; every part can be replaced (tests do).
local function context_of(env)
  local function from_karun(name)
    return function(...)
      return require("karun")[name](...)
    end
  end
  local function from_file(name)
    return function(...)
      return require("karun.file")[name](...)
    end
  end
  local context = {
    stdout = env.stdout or io.stdout,
    stderr = env.stderr or masked_stderr,
    getenv = env.getenv or os.getenv,
    now = env.now or native_task.now,
    timeout = env.timeout or from_karun "timeout",
    stat = env.stat or from_file "stat",
    version = env.version or native_log.version,
    lost = env.lost or native_task.lost,
    level = env.level or show_level,
    budget = env.budget or function() require("karun.native.budget").set(sandbox_seconds, sandbox_bytes) end,
  }
  local list = env.list or from_file "list"
  context.list = function(dir)
    local ok, names = pcall(list, dir)
    return ok and names or nil
  end
  context.warn = env.warn or function(text)
    require("karun.log").warn(text)
  end
  return context
end

strict.seal(_G) -- a slip in the library is an error at once, not a variable for everyone

local function is_flow(word)
  return word:match("%.lua$") or word:find("/", 1, true)
end

local function unknown_command(word, context)
  local near = known.nearest(word, commands.names())
  if not near and require("karun.cli.run").find("flows/" .. word .. ".lua") then near = "flows/" .. word .. ".lua" end
  local _ = context
  fault.raise("usage", ("there is no command `%s`%s"):format(word,
    near and (", did you mean `%s`?"):format(near) or "; `karun --help` lists all"), { where = false })
end

-- Which configuration the global flags set.
local function config_of(values)
  local config = {}
  for _, flag in ipairs(commands.flags) do
    local value = values[parse.key(flag.name)]
    if flag.config and value ~= nil then config[flag.config] = value end
  end
  if values.no_input then config.input = false end
  return config
end

local function level_of(values)
  return values.quiet and 0 or math.min(2 + (values.verbose or 0), 4)
end

local function start(values, context)
  context.level(level_of(values))
  settings.start {
    sets = values.set,
    getenv = context.getenv,
    flags = {
      config = config_of(values), help = values.help, json = values.json, quiet = values.quiet,
      verbose = values.verbose or 0, no_input = values.no_input, watch = values.watch, stdout = context.stdout,
    },
  }
end

local function joined(a, b)
  local out = table.move(a, 1, #a, 1, {})
  return table.move(b or {}, 1, #(b or {}), #out + 1, out)
end

-- `how` is "run" or "watch": what a flow is called with is its own but for karun's flags.
local function run_flow(how, values, args, context)
  local rest
  values, rest = parse.list(args, commands.flags, { partial = true, values = values })
  context.verbose = values.verbose
  start(values, context)
  return require("karun.cli." .. how).run(values, rest, context)
end

local function run_command(word, values, args, context)
  local command = commands.find(word)
  if not command then
    start(values, context)
    unknown_command(word, context)
  end
  local rest
  values, rest = parse.list(args, joined(command.flags or {}, commands.flags),
    { what = "karun " .. word, values = values, first_word = command.passes })
  context.verbose = values.verbose
  start(values, context)
  if values.help then
    context.stdout:write(require("karun.cli.help").command(command))
    return 0
  end
  return require("karun.cli." .. word).run(values, rest, context) or 0
end

local function main(argv, context)
  local values, rest = parse.list(argv, commands.flags, { first_word = true, what = "karun" })
  context.verbose = values.verbose
  local word = table.remove(rest, 1)
  if values.version and not word then return run_command("version", values, rest, context) end
  if not word then
    local help = require "karun.cli.help"
    if values.help then
      context.stdout:write(help.main())
      return 0
    end
    context.stderr:write(help.short())
    return 2
  end
  if is_flow(word) then
    table.insert(rest, 1, word)
    return run_flow("run", values, rest, context)
  end
  local command = commands.find(word)
  if command and command.is_flow and #rest > 0 and rest[1] ~= "--help" and rest[1] ~= "-h" then
    return run_flow(word, values, rest, context)
  end
  return run_command(word, values, rest, context)
end

-- A traceback is only to be had where the error happens.
local function keep_trace(err)
  if exit.is_leave(err) then return err end
  if type(err) == "table" then
    if fault.is(err) and rawget(err, "traceback") == nil then err.traceback = debug.traceback("", 2) end
    return err
  end
  local object = fault.of(err)
  object.traceback = debug.traceback("", 2)
  return object
end

-- Lua says no more about a flow that wants too much; it means the ceiling of --sandbox.
local function of_memory(err)
  local text = err.raised and tostring(err.message) or ""
  if not (text:find("not enough memory", 1, true) or text:find("resulting string too large", 1, true)) then
    return err
  end
  return fault.new("limit", "the flow wants more memory than there is for it: " .. text, { where = err.where or false })
end

-- Errors of tasks that nobody joined fail the run at its end.
local function with_lost(code, context)
  for _, err in ipairs(context.lost()) do
    context.stderr:write("karun: in a task that nobody joined:\n", complaint.text(err, { verbose = context.loud }))
    code = exit.worst { code, err.raised and 1 or exit.code_of(err) }
  end
  return code
end

-- A run that had begun gets its report.
local function finished(code, err)
  local life = package.loaded["karun.run_life"]
  if life then life.finish(code, err) end
  return code
end

-- main.c: `require("karun.cli")(argv)` -> exit code. argv is a list of texts, [0] the program.
return function(argv, env)
  local context = context_of(type(env) == "table" and env or {})
  local ok, result = xpcall(main, keep_trace, argv, context)
  if not ok then result = of_memory(fault.of(result)) end
  context.loud = (context.verbose or 0) > 0
  if ok then return finished(with_lost(result, context)) end
  local is_error = not exit.is_leave(result)
  if is_error then
    context.stderr:write(complaint.text(result, { verbose = context.loud }))
  end
  -- a text raised by `error("…")` or an assertion is the flow's failure, not wrong use of karun
  local code = type(result) == "table" and result.raised and 1 or exit.code_of(result)
  return finished(with_lost(code, context), is_error and result or nil)
end
