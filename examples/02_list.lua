-- Find elements, one and many; text() is what a reader sees.

local karun = require "karun"
local shop <close> = require "shop"()

local browser <close> = karun.launch()
local page = browser:page()
page:open(shop.url)

local goods = page:find "#goods .item"
print(goods:count() .. " things")
for _, text in ipairs(goods:texts()) do
  print("  " .. text)
end
print("dear: " .. goods:filter({ text = "900" }):text())
print("last price: " .. goods:last():find("b"):text())
