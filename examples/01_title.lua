-- Open a page and read from it.

local karun = require "karun"
local shop <close> = require "shop"() -- luacheck: ignore

local browser <close> = karun.launch()
local page = browser:page()
local response = page:open(karun.args[1] or shop.url)
print(response.status, page:title())
