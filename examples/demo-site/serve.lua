-- Starts the demo site and serves it until Ctrl-C: a site to try flows on, or to look at.

local karun = require "karun"
local demo = require "init"

local options = karun.options {
  about = "A stand-in for karaoke-version.com on this machine.",
  examples = {
    { "karun examples/demo-site/serve.lua --port 8080", "quick, for trying out" },
    { "karun examples/demo-site/serve.lua --timing seed --model two_phase", "as slow as the real one" },
    { "karun examples/demo-site/serve.lua --fault lost_clicks=2,popup=ready", "with faults, see README.md" },
  },
  { "port", "integer", default = 8080, help = "of the site; 0: any" },
  { "files-port", "integer", default = 0, help = "of the host that hands out the files; 0: any" },
  { "timing", "string", default = "fast", arg = "PROFILE", help = "fast, or seed: as the real site" },
  { "model", "string", default = "click", help = "click: levels are read at the press; two_phase: somewhat later" },
  { "sync", "string", default = "request", help = "two_phase: the page sends a request, or is silent" },
  { "markup", "string", default = "legacy", help = "legacy, newer or mixed" },
  { "lang", "string", default = "en", help = "en, en-gb, de or fr" },
  { "seed", "integer", default = 1, help = "of all chance; the same seed repeats the same times" },
  { "fault", "list", default = {}, help = "NAME, NAME=NUMBER or NAME=WORD, several by commas" },
}

local function value_of(text)
  if text == "" or text == "true" then return true end
  return math.tointeger(text) or tonumber(text) or text
end

local faults = {}
for _, fault in ipairs(options.fault) do
  local name, value = fault:match "^([%w_]+)=?(.*)$"
  faults[name or fault] = value_of(value or "")
end

local site <close> = demo.start {
  port = options.port,
  files_port = options.files_port,
  profile = options.timing,
  model = options.model,
  sync = options.sync,
  markup = options.markup,
  lang = options.lang,
  seed = options.seed,
  faults = faults,
}
print(site.url)
karun.log.info(("sign in as %s with the password %s; Ctrl-C ends it"):format(demo.user, demo.password))
local _, err = pcall(karun.sleep, math.huge)
if err.kind ~= "interrupted" then error(err) end -- Ctrl-C is how it is meant to end
