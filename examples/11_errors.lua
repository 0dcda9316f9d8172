-- Errors are objects with a kind. try catches one; retry does a thing again.

local karun = require "karun"
local shop <close> = require "shop"()

local browser <close> = karun.launch()
local page = browser:page()
page:open(shop.url)

local ok, err = karun.try(function() page:click("text=Trumpet", { timeout = 0.1 }) end)
print(ok, err.kind, err.selector)

local tries = 0
local title = karun.retry({ tries = 3, delay = 0.01, on = { "http" } }, function()
  tries = tries + 1
  page:open(shop.url .. (tries < 3 and "/nowhere" or "/help"), { ok = true })
  return page:title()
end)
print(title, tries)
