-- karun completion bash|zsh|fish: completions made from cli/commands.lua.

local commands = require "karun.cli.commands"
local fault = require "karun.error"
local known = require "karun.known"

local M = {}

local function flag_words(flags)
  local words = {}
  for _, flag in ipairs(flags) do
    words[#words + 1] = "--" .. flag.name
    if flag.letter then words[#words + 1] = "-" .. flag.letter end
  end
  return words
end

local function visible_commands()
  local out = {}
  for _, command in ipairs(commands.commands) do
    if not command.hidden then out[#out + 1] = command end
  end
  return out
end

-- Shipped flows, as they are called.
local function flows()
  local dirs = require "karun.dirs"
  local ok, names = pcall(require("karun.file").list, dirs.shipped .. "/flows")
  local out = {}
  for _, name in ipairs(ok and names or {}) do
    if name:match("%.lua$") then out[#out + 1] = "flows/" .. name end
  end
  return out
end

local takes_flow = { run = true, watch = true, eject = true, ab = true }

-- Words a command takes as its first argument, where they are a fixed set.
local function fixed_words(command)
  if takes_flow[command.name] then return flows() end
  if command.name == "timing" then
    local ok, book = pcall(require("karun.settings").timing_book)
    return ok and book.names or {} -- a timing file in disorder spoils no completion
  end
  if command.name == "help" then return commands.names() end
  local words = {}
  for word in (command.args:match("^[%a|]+|[%a|]+$") or ""):gmatch("%a+") do
    words[#words + 1] = word
  end
  return words
end

local shells = {}

function shells.bash()
  local out = { [[
# karun completions for bash; made by `karun completion bash`
_karun() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} more=
  case $before in]] }
  for _, flag in ipairs(commands.flags) do
    if flag.choices then
      out[#out + 1] = ('    --%s) COMPREPLY=($(compgen -W "%s" -- "$word")); return;;'):format(flag.name,
        table.concat(flag.choices, " "))
    end
  end
  out[#out + 1] = "  esac\n  if [ \"$COMP_CWORD\" -gt 1 ]; then\n    case $command in"
  for _, command in ipairs(visible_commands()) do
    local words = fixed_words(command)
    table.move(flag_words(command.flags or {}), 1, #flag_words(command.flags or {}), #words + 1, words)
    if #words > 0 then out[#out + 1] = ('      %s) more="%s";;'):format(command.name, table.concat(words, " ")) end
  end
  out[#out + 1] = ([[
    esac
  else
    more="%s"
  fi
  case $word in
    -*) COMPREPLY=($(compgen -W "$more %s" -- "$word"));;
    *) COMPREPLY=($(compgen -W "$more" -- "$word") $(compgen -f -- "$word"));;
  esac
}
complete -o filenames -F _karun karun]]):format(table.concat(commands.names(), " ") .. " " .. table.concat(flows(), " "),
    table.concat(flag_words(commands.flags), " "))
  return table.concat(out, "\n") .. "\n"
end

local function zsh_text(text)
  return (text:gsub("[%[%]:]", "\\%0"):gsub("'", "'\\''"))
end

local function zsh_flag(flag)
  local value = ""
  if flag.choices then
    value = (":%s:(%s)"):format(flag.arg, table.concat(flag.choices, " "))
  elseif flag.arg then
    value = ":" .. flag.arg .. (flag.type == "path" and ":_files" or ":")
  end
  local many = (flag.type == "texts" or flag.type == "count") and "*" or ""
  local text = zsh_text(flag.help or "")
  local out = { ("'%s--%s%s[%s]%s'"):format(many, flag.name, flag.arg and "=" or "", text, value) }
  if flag.letter then out[2] = ("'%s-%s[%s]%s'"):format(many, flag.letter, text, value) end
  return table.concat(out, " ")
end

local function zsh_flags(flags)
  local out = {}
  for i, flag in ipairs(flags) do
    out[i] = zsh_flag(flag)
  end
  return table.concat(out, " \\\n      ")
end

function shells.zsh()
  local described, cases = {}, {}
  for _, command in ipairs(visible_commands()) do
    described[#described + 1] = ("    '%s:%s'"):format(command.name, zsh_text(command.summary))
    local words = fixed_words(command)
    local first = #words > 0 and ("'1:word:(%s)'"):format(table.concat(words, " ")) or "'*:file:_files'"
    local flags = command.flags and zsh_flags(command.flags) .. " \\\n      " or ""
    cases[#cases + 1] = ("    %s) _arguments $common %s%s;;"):format(command.name, flags, first)
  end
  return ([[
#compdef karun
# karun completions for zsh; made by `karun completion zsh`
_karun() {
  local -a common list
  common=(%s)
  list=(
%s
  )
  if (( CURRENT == 2 )); then
    _describe command list
    _files -g '*.lua'
    _arguments $common
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
%s
    *) _arguments $common '*:file:_files';;
  esac
}
_karun "$@"
]]):format(zsh_flags(commands.flags), table.concat(described, "\n"), table.concat(cases, "\n"))
end

local function fish_line(condition, flag)
  local function quote(text)
    return "'" .. text:gsub("['\\]", "\\%0") .. "'"
  end
  local line = "complete -c karun" .. condition .. " -l " .. flag.name
  if flag.letter then line = line .. " -s " .. flag.letter end
  if flag.choices then
    line = line .. " -x -a " .. quote(table.concat(flag.choices, " "))
  elseif flag.arg then
    line = line .. (flag.type == "path" and " -r" or " -x")
  end
  return line .. " -d " .. quote(flag.help or "")
end

function shells.fish()
  local out = { "# karun completions for fish; made by `karun completion fish`" }
  for _, flag in ipairs(commands.flags) do
    out[#out + 1] = fish_line("", flag)
  end
  for _, command in ipairs(visible_commands()) do
    out[#out + 1] = ("complete -c karun -n __fish_use_subcommand -a %s -d '%s'"):format(command.name,
      (command.summary:gsub("'", "\\'")))
    local condition = (" -n '__fish_seen_subcommand_from %s'"):format(command.name)
    for _, flag in ipairs(command.flags or {}) do
      out[#out + 1] = fish_line(condition, flag)
    end
    local words = fixed_words(command)
    if #words > 0 then
      out[#out + 1] = ("complete -c karun%s -f -a '%s'"):format(condition, table.concat(words, " "))
    end
  end
  return table.concat(out, "\n") .. "\n"
end

function M.run(_, args, context)
  local names = { "bash", "zsh", "fish" }
  local make = shells[args[1] or ""]
  if not make then
    fault.raise("usage", args[1] and ("there are no completions for `%s`%s"):format(args[1], known.hint(args[1], names))
      or "which shell? karun completion bash, zsh or fish", { where = false })
  end
  context.stdout:write(make())
  return 0
end

return M
