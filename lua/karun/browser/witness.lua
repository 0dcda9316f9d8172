-- An error that ends a flow closes its browser on the way out. Before that the page it happened on is
-- looked at: its picture goes into the run folder, its path onto the error.

local fault = require "karun.error"

local M = {}

local nothing_to_see = { cancelled = true, interrupted = true, usage = true, config = true, deadlock = true }

local function newest(pages)
  local found
  for _, page in pairs(pages) do
    if not page.gone and (not found or page.number > found.number) then found = page end
  end
  return found
end

local function look(err, pages)
  if not fault.is(err) or nothing_to_see[err.kind] then return end
  local life, run = package.loaded["karun.run_life"], package.loaded["karun.run"]
  local folder = life and life.path()
  if not folder then return end
  local page = newest(pages)
  if not page then return end
  local failure = run.see(err, page)
  local picture = failure and failure.folder and ("%s/%s/page.png"):format(folder, failure.folder)
  if picture and require("karun.file").exists(picture) then err.screenshot = picture end
end

-- err: what a `<close>` was given, nil when all is well. pages: those that are about to go. Never raises:
-- the error on its way out is the one that counts.
function M.look(err, pages)
  fault.try(look, err, pages)
end

return M
