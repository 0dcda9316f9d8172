-- Pictures and the page as a PDF; what the console said.

local karun = require "karun"
local shop <close> = require "shop"()

local folder = karun.file.temp()
local browser <close> = karun.launch { viewport = { 800, 600 } }
local page = browser:page()
page:open(shop.url)
page:screenshot(folder .. "/window.png")
page:find("#goods"):screenshot(folder .. "/goods.png")
page:pdf(folder .. "/page.pdf")
for _, name in ipairs(karun.file.list(folder)) do
  print(name, karun.file.stat(folder .. "/" .. name).size > 500)
end
page:eval "() => console.log('hello', 1)"
print(page:console()[1].text)
