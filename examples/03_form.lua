-- Fill in a form. Each verb waits until its element can be used.

local karun = require "karun"
local shop <close> = require "shop"()

local browser <close> = karun.launch()
local page = browser:page()
page:open(shop.url)
page:click "text=Order"

page:fill("[name=who]", "Mara")
page:select("[name=what]", "Flute")
page:check "[name=gift]"
page:click "role=button[name=\"Send\"]"
print(page:text "p")
