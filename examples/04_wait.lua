-- Wait for a fact, never for a guessed time: here for a text that comes a moment after the press.

local karun = require "karun"
local shop <close> = require "shop"()

local browser <close> = karun.launch()
local page = browser:page()
page:open(shop.url)
page:click "text=Stock"
page:find("#stock"):wait { text = "left" }
print(page:text "#stock")

local name = karun.wait.any {
  gone = function() page:find("#stock"):wait { state = "hidden" } end,
  there = function() page:find("#stock"):wait() end,
}
print("first to be true: " .. name)
