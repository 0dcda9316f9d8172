-- A press that opens a window: expect arms the wait before the press, so that nothing is missed.

local karun = require "karun"
local shop <close> = require "shop"()

local browser <close> = karun.launch()
local page = browser:page()
page:open(shop.url)

local help = page:expect("popup", function() page:click "text=Help" end)
print(help:text "p")
help:close()
print(#browser:pages() .. " page left")
