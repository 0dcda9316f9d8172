-- Download a file and check it. The server's name is never used as a path.

local karun = require "karun"
local shop <close> = require "shop"()

local folder = karun.file.temp()
local browser <close> = karun.launch()
local page = browser:page()
page:open(shop.url)

local download = page:expect("download", function() page:click "text=Price list" end)
local path = download:save(folder .. "/prices.csv", { min_size = 10 })
print(download.suggested_name, karun.file.stat(path).size)
print((karun.file.read(path):match "^[^\n]+"))
