-- karun man: the manual page karun(1), made from cli/commands.lua.

local commands = require "karun.cli.commands"
local config = require "karun.config"

local M = {}

local function roff(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("^([.'])", "\\&%1"))
end

local function flag(out, one)
  local left = one.letter and ("\\fB\\-%s\\fR, "):format(one.letter) or ""
  local arg = one.arg and (" \\fI%s\\fR"):format(roff(one.arg)) or ""
  out[#out + 1] = (".TP\n%s\\fB\\-\\-%s\\fR%s\n%s"):format(left, roff(one.name), arg, roff(one.help or ""))
end

local exit_codes = {
  { "0", "all that was asked for is done and verified" }, { "1", "the flow failed" }, { "2", "wrong usage" },
  { "3", "config, flow, site table or song list missing or invalid" },
  { "4", "some items failed, each listed; run again for them" }, { "5", "login refused, or no credentials" },
  { "6", "a human is needed" }, { "7", "no browser, or lost for good" }, { "8", "time limit of the run" },
  { "9", "compare found a regression" }, { "10", "disk" }, { "11", "locked by another run" },
  { "70", "internal error" }, { "129, 130, 143", "ended by a signal, state saved" },
}

local environment = {
  { "KARUN_USERNAME, KARUN_PASSWORD", "the sign-in (KV_USERNAME and KV_PASSWORD too)" },
  { "KARUN_SECRET_NAME", "what karun.secret(\"name\") gives" },
  { "KARUN_NAME", "the configuration value NAME, as in KARUN_VISIBLE=1" },
  { "NO_COLOR, TERM=dumb", "no colours" },
}

local files = {
  { "./karun.lua, ./timing.lua, ./sites/", "the project's configuration, timings, site tables" },
  { "$XDG_CONFIG_HOME/karun/", "config.lua, timing.lua, sites/ of the user" },
  { "$XDG_DATA_HOME/karun/", "flows and modules of the user" },
  { "$XDG_STATE_HOME/karun/", "archive, sessions, runs/" },
}

function M.text(version)
  local out = { (".TH KARUN 1 \"\" \"karun %s\""):format(roff(version)) }
  local function section(title, text)
    out[#out + 1] = ".SH " .. title .. (text and "\n" .. text or "")
  end
  section("NAME", "karun \\- run Lua flows that drive a real browser")
  section("SYNOPSIS", ".B karun\n\\fIFLOW.lua\\fR [\\fIARG\\fR...]\n.br\n.B karun\n\\fICOMMAND\\fR [\\fIARG\\fR...]")
  section("DESCRIPTION", "karun runs flows: Lua scripts that open pages, press and read in a real Chromium. Shipped flows\n"
    .. "save each track of songs bought at karaoke\\-version.com as a file of its own, proven to be that track.\n"
    .. "A first word that ends in .lua or has a slash is a flow, looked for here first, then in\n"
    .. "\\fI$XDG_DATA_HOME/karun\\fR, then among the shipped ones; any other first word is a command.\n"
    .. "Results go to standard output, everything else to standard error.")
  section("EXAMPLES")
  for _, example in ipairs(commands.examples) do
    out[#out + 1] = (".TP\n.B %s\n%s"):format(roff(example[1]), roff(example[2]))
  end
  section("COMMANDS")
  for _, command in ipairs(commands.commands) do
    if not command.hidden then
      out[#out + 1] = (".SS %s %s\n%s"):format(roff(command.name), roff(command.args), roff(command.summary))
      for _, one in ipairs(command.flags or {}) do
        flag(out, one)
      end
      for _, example in ipairs(command.examples or {}) do
        out[#out + 1] = (".TP\n.B %s\n%s"):format(roff(example[1]), roff(example[2]))
      end
    end
  end
  section("FLAGS", "Taken before and after the flow; \\-\\- ends them.")
  for _, one in ipairs(commands.flags) do
    flag(out, one)
  end
  section("CONFIGURATION", "A flag wins over \\fBKARUN_\\fINAME\\fR in the environment, that over "
    .. "./karun.lua, that over the user's config.lua.")
  for _, name in ipairs(config.names) do
    out[#out + 1] = (".TP\n.B %s\n%s"):format(roff(name), roff(config.keys[name].help))
  end
  section("ENVIRONMENT")
  for _, variable in ipairs(environment) do
    out[#out + 1] = (".TP\n.B %s\n%s"):format(roff(variable[1]), roff(variable[2]))
  end
  section("FILES")
  for _, file in ipairs(files) do
    out[#out + 1] = (".TP\n.I %s\n%s"):format(roff(file[1]), roff(file[2]))
  end
  section("EXIT STATUS")
  for _, code in ipairs(exit_codes) do
    out[#out + 1] = (".TP\n.B %s\n%s"):format(code[1], roff(code[2]))
  end
  section("SEE ALSO", "docs/guide.md (the first song), docs/editing.md (timeouts and selectors), docs/flows.md (flows of\n"
    .. "your own), docs/cookbook.md, docs/reference/; installed in share/doc/karun.")
  return table.concat(out, "\n") .. "\n"
end

function M.run(_, _, context)
  context.stdout:write(M.text(context.version))
  return 0
end

return M
