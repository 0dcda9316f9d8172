-- A small shop on this machine, for the examples beside it: `local shop <close> = require "shop"()`.

local karun = require "karun"

local function page(title, body)
  return { status = 200, headers = { ["content-type"] = "text/html; charset=utf-8" },
    body = ("<!doctype html><title>%s</title><h1>%s</h1>%s"):format(title, title, body) }
end

local home <const> = [[
<ul id="goods"><li class="item">Drum <b>20</b></li><li class="item">Flute <b>35</b></li><li class="item">Harp <b>900</b></li></ul>
<a href="/order">Order</a> <a href="/help" target="_blank">Help</a> <a href="/list.csv" download>Price list</a>
<button onclick="setTimeout(() => { document.querySelector('#stock').textContent = '3 left'; }, 300)">Stock</button>
<p id="stock"></p><script>fetch('/visit')</script>]]

local order <const> = [[
<form action="/thanks"><label>Name <input name="who"></label>
<label>Thing <select name="what"><option>Drum<option>Flute<option>Harp</select></label>
<label><input type="checkbox" name="gift"> as a gift</label> <button>Send</button></form>]]

local routes = {
  ["GET /"] = function() return page("Shop", home) end,
  ["GET /order"] = function() return page("Order", order) end,
  ["GET /help"] = function() return page("Help", "<p>Ask away.</p>") end,
  ["GET /visit"] = function() return "ok" end,
  ["GET /thanks"] = function(request)
    local ask = request.query
    return page("Thanks", ("<p>%s gets a %s%s.</p>"):format(ask.who, ask.what, ask.gift and " as a gift" or ""))
  end,
  ["GET /list.csv"] = function()
    return { status = 200, headers = { ["content-type"] = "text/csv" }, body = "Drum,20\nFlute,35\nHarp,900\n" }
  end,
}

return function()
  return karun.serve { routes = routes }
end
