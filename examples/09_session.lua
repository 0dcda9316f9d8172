-- Keep a sign-in: cookies and local storage go into a file that only you can read.

local karun = require "karun"
local shop <close> = require "shop"()
local file = karun.file.temp() .. "/session.json"

do
  local browser <close> = karun.launch()
  local page = browser:page()
  page:open(shop.url)
  page:eval "() => { document.cookie = 'who=Mara; max-age=3600'; localStorage.seen = 'yes'; }"
  browser:save_session(file)
end

local browser <close> = karun.launch()
print(browser:load_session(file))
local page = browser:page()
page:open(shop.url)
print(page:eval "() => document.cookie + ', seen: ' + localStorage.seen")
