-- Without a browser: fetch, JSON, files, and a database.

local karun = require "karun"
local shop <close> = require "shop"()
local folder = karun.file.temp()

local answer = karun.http.fetch(shop.url .. "/list.csv", { to = folder .. "/list.csv" })
print(answer.status, answer.size)

local db <close> = karun.store.open(":memory:")
db:exec "create table goods (name text, price integer)"
for name, price in karun.file.read(answer.path):gmatch "(%a+),(%d+)" do
  db:exec("insert into goods values (?, ?)", name, math.tointeger(tonumber(price)))
end
for row in db:rows "select name, price from goods where price < 100 order by price desc" do
  print(karun.json.encode { row.name, row.price })
end
