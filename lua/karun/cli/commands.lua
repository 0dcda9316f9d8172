-- All of karun's flags and subcommands. Parsing, help, completions and the man page read this one
-- table, so they cannot differ.

local M = {}

-- Flags karun takes before and after the flow or subcommand; a flow may not declare them again.
-- `config` names the configuration key that a flag sets.
M.flags = {
  { name = "visible", type = "boolean", config = "visible", common = true, help = "show the browser" },
  { name = "set", type = "texts", arg = "KEY=VALUE", common = true,
    help = "set one timing, config or site value for this run; may be repeated" },
  { name = "site", type = "string", arg = "NAME", config = "site", common = true, help = "site table to use" },
  { name = "time-limit", type = "duration", arg = "TIME", config = "time_limit", common = true,
    help = 'end the run after this time ("90s", "20m"), exit 8' },
  { name = "verbose", letter = "v", type = "count", common = true, help = "say more; -vv shows the protocol" },
  { name = "quiet", letter = "q", type = "boolean", common = true, help = "only errors" },
  { name = "json", type = "boolean", help = "one JSON value on stdout, for programs" },
  { name = "progress", type = "string", arg = "HOW", choices = { "auto", "tty", "plain", "json", "none" },
    config = "progress", help = "how progress is shown: auto, tty, plain, json or none" },
  { name = "watch", type = "boolean", help = "show the run live on a page of this machine; its address is printed" },
  { name = "color", type = "string", arg = "WHEN", choices = { "auto", "always", "never" }, config = "color",
    help = "colours: auto, always or never" },
  { name = "no-input", type = "boolean", help = "never ask at the terminal" },
  { name = "sandbox", type = "boolean", config = "sandbox",
    help = "take files, programs and native modules away from the flow" },
  { name = "connect", type = "string", arg = "URL", config = "connect",
    help = "use a running browser: ws://…, http://host:port, grid+http://host:4444" },
  { name = "browser", type = "path", arg = "PATH", config = "browser", help = "browser to start" },
  { name = "profile", type = "path", arg = "DIR", config = "profile", help = "browser profile to keep between runs" },
  { name = "help", letter = "h", type = "boolean", common = true, help = "help; after a flow: the flow's own" },
  { name = "version", type = "boolean", help = "print the version" },
}

-- Letters that mean the same in every flow and subcommand.
M.letters = { ["dry-run"] = "n", force = "f", jobs = "j" }

M.examples = {
  { "karun flows/download.lua URL", "every track of one song" },
  { "karun flows/download.lua --songs songs.lua --out ~/Music", "all songs of a list" },
  { "karun flows/download.lua --help", "what a flow takes" },
  { "karun timing solo", "the timings of one step, with reasons" },
}

-- Subcommands: lua/karun/cli/<name>.lua each, `return { run = function(values, args, context) … }`.
M.commands = {
  { name = "run", args = "FLOW.lua [ARG…]", summary = "run a flow (the same as karun FLOW.lua)", is_flow = true,
    examples = { { "karun run flows/mixer.lua URL", "list the tracks of a song" } } },
  { name = "check", args = "[FILE|FOLDER…]", summary = "read flows and data files for mistakes, without a browser",
    examples = { { "karun check", "the project you stand in" },
      { "karun check my-flow.lua --json", "for programs" } } },
  { name = "test", args = "[FILE|FOLDER…]", summary = "run *_test.lua files",
    flags = {
      { name = "filter", type = "string", arg = "TEXT", help = "only tests whose name holds TEXT" },
      { name = "junit", type = "path", arg = "FILE", help = "write a JUnit report too" },
      { name = "retries", type = "integer", arg = "N", help = "try a failed test up to N times more" },
      { name = "timeout", type = "duration", arg = "TIME", help = "limit of a test that names none (60s)" },
    },
    examples = { { "karun test", "all of tests/" }, { "karun test tests/solo_test.lua --filter lost", "some" } } },
  { name = "watch", args = "FLOW.lua [ARG…]", summary = "run a flow again at each save of a file it loaded", is_flow = true,
    examples = { { "karun watch flows/first.lua", "keeps the browser and the sign-in; Ctrl-C ends it" } } },
  { name = "doctor", args = "[URL]", summary = "check the environment, and a site table's selectors on the live pages",
    flags = {
      { name = "config", type = "boolean", help = "show each configuration value and where it was set" },
      { name = "write", type = "boolean", help = "write the proposed selectors into your site table, with a backup" },
    },
    examples = { { "karun doctor", "the environment" },
      { "karun doctor --site karaoke_version URL", "its selectors, URL being a song of yours" },
      { "karun doctor --site karaoke_version URL --write", "and mend them" } } },
  { name = "init", args = "NAME", summary = "make a project folder: flow, site table, timings, test",
    examples = { { "karun init my-songs", "the folder my-songs" } } },
  { name = "eject", args = "[FILE…]", summary = "copy a shipped flow here for editing",
    flags = { { name = "force", letter = "f", type = "boolean", help = "replace a copy that is there" } },
    examples = { { "karun eject", "what there is" }, { "karun eject flows/solo.lua", "one flow" } } },
  { name = "report", args = "[RUN]", summary = "make the report of a run, or advise on timings",
    flags = {
      { name = "advise", type = "boolean", help = "propose a value for each timing, from the waits of all kept runs" },
      { name = "html", type = "path", arg = "FILE", help = "write the page there (default: in the run's folder)" },
    },
    examples = { { "karun report", "of the last run; prints where it is" }, { "karun report --advise", "an edit for timing.lua" } } },
  { name = "compare", args = "A B", summary = "compare runs or baselines, phase by phase",
    flags = {
      { name = "fail-on", type = "string", arg = "SHARE", help = "exit 9 when something is worse by more than this (10%)" },
      { name = "html", type = "path", arg = "FILE", help = "write a page with the timelines on one scale" },
    },
    examples = { { "karun compare before latest", "a baseline with the last run" },
      { "karun compare before RUN1,RUN2,RUN3 --fail-on 10%", "several runs make one side; exit 9 when worse" } } },
  { name = "baseline", args = "save NAME [RUN…] | list | remove NAME", summary = "keep runs under a name, to compare with later",
    examples = { { "karun baseline save before", "the last run" }, { "karun baseline list", "what there is" } } },
  { name = "ab", args = "FLOW.lua [ARG…]", summary = "run a flow with two settings by turns, and compare", passes = true,
    flags = {
      { name = "a", type = "texts", arg = "KEY=VALUE", help = "setting of the one side, as --set; timing=FILE or a shipped set's name" },
      { name = "b", type = "texts", arg = "KEY=VALUE", help = "setting of the other side" },
      { name = "runs", type = "integer", arg = "N", help = "runs of each side (5)" },
      { name = "fail-on", type = "string", arg = "SHARE", help = "exit 9 when b is worse by more than this (10%)" },
      { name = "html", type = "path", arg = "FILE", help = "write a page with the timelines on one scale" },
    },
    examples = { { "karun ab --a timing=regression --b timing=current --runs 5 flows/download.lua URL", "two shipped timing sets" } } },
  { name = "auth", args = "[URL]", summary = "sign in and keep the session; show, test or forget it",
    flags = {
      { name = "force", letter = "f", type = "boolean", help = "sign in afresh" },
      { name = "show", type = "boolean", help = "list the saved sign-ins and their age" },
      { name = "test", type = "boolean", help = "only prove that the saved sign-in still holds (exit 5: it does not)" },
      { name = "clear", type = "boolean", help = "forget the saved sign-ins" },
    },
    examples = { { "karun auth", "sign in, or prove that the saved session still holds" },
      { "karun auth --visible", "with the window, when the site asks for a person" },
      { "karun auth --clear", "forget all saved sign-ins" } } },
  { name = "import", args = "FILE", summary = "turn songs.yaml, CSV or addresses into a song list",
    flags = {
      { name = "as", type = "string", arg = "KIND", choices = { "lua", "csv" }, help = "kind of the list: lua (default) or csv" },
      { name = "write", type = "boolean", help = "write it beside the file instead of printing it" },
      { name = "force", letter = "f", type = "boolean", help = "replace a list that is there" },
    },
    examples = { { "karun import songs.yaml", "print the list" },
      { "karun import songs.yaml --write", "write songs.lua beside it" } } },
  { name = "archive", args = "list|verify|forget|stats [WORD…]", summary = "what was downloaded so far: list, prove, forget, count",
    flags = {
      { name = "missing", type = "boolean", help = "forget: only what stands nowhere any more" },
      { name = "margins", type = "boolean", help = "forget: the longer margins learned of a site" },
      { name = "all", type = "boolean", help = "forget: everything" },
      { name = "force", letter = "f", type = "boolean", help = "forget --all without asking" },
    },
    examples = { { "karun archive list africa", "files of songs with that word" },
      { "karun archive verify ~/Music", "hash every file; take up what manifests there tell of" },
      { "karun archive stats --json", "all runs, for programs" } } },
  { name = "timing", args = "[NAME…]", summary = "list every timing with value, range, reason and where it was set",
    examples = { { "karun timing", "all" }, { "karun timing solo download.stall", "some" } } },
  { name = "completion", args = "bash|zsh|fish", summary = "print completions for a shell",
    examples = { { 'eval "$(karun completion bash)"', "for this shell" } } },
  { name = "man", args = "", summary = "print the manual page", hidden = true,
    examples = { { "karun man > karun.1", "as the installation does" } } },
  { name = "help", args = "[COMMAND]", summary = "help about karun or a subcommand",
    examples = { { "karun help test", "one subcommand" } } },
  { name = "version", args = "", summary = "print the version",
    examples = { { "karun version --json", "for programs" } } },
}

function M.find(name)
  for _, command in ipairs(M.commands) do
    if command.name == name then return command end
  end
end

function M.names()
  local names = {}
  for _, command in ipairs(M.commands) do
    if not command.hidden then names[#names + 1] = command.name end
  end
  return names
end

function M.flag(name)
  for _, flag in ipairs(M.flags) do
    if flag.name == name then return flag end
  end
end

return M
