-- karun import FILE: a song list of another kind (the Python program's songs.yaml, CSV, addresses) as a
-- list for --songs. Printed, or with --write put beside the file.

local fault = require "karun.error"
local file = require "karun.file"
local settings = require "karun.settings"
local songs = require "karun.songs"
local songs_text = require "karun.songs_text"

local M = {}

function M.run(values, args, context)
  if #args ~= 1 then
    fault.raise("usage", "karun import wants one song list: karun import songs.yaml", { where = false })
  end
  local path, kind = args[1], values.as or "lua"
  local list = songs.read(path, settings.site())
  local text = songs_text[kind](list, path:match("[^/]+$"))
  if settings.flags().json then
    text = require("karun.json").encode({ schema = 1, songs = list }, { pretty = true }) .. "\n"
  end
  if not values.write then
    context.stdout:write(text)
    return 0
  end
  local to = path:gsub("%.%w+$", "") .. "." .. kind
  if to == path then
    fault.raise("usage", ("%s is a .%s list already; without --write karun only prints it"):format(path, kind), { where = false })
  end
  songs_text.check_free(to, values.force)
  file.write(to, text)
  context.stdout:write(to, "\n")
  context.stderr:write(("%d song%s; now: karun flows/download.lua --songs %s\n"):format(#list, #list == 1 and "" or "s", to))
  return 0
end

return M
