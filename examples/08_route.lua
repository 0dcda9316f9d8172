-- Look at what a page asks for, and answer in the server's place.

local karun = require "karun"
local shop <close> = require "shop"()

local browser <close> = karun.launch()
local page = browser:page()
page:route("/list.csv", function(request)
  request:fulfill { status = 200, headers = { ["content-type"] = "text/plain" }, body = "sold out" }
end)
local response = page:expect("response", function() page:open(shop.url) end, { match = "/visit" })
print(response.status, response:body())
print(page:eval "() => fetch('/list.csv').then((answer) => answer.text())")
