-- Several things at once: each task has a page of its own.

local karun = require "karun"
local shop <close> = require "shop"()

local browser <close> = karun.launch()
local titles = karun.wait.all {
  order = function() return browser:page():open(shop.url .. "/order").status end,
  help = function()
    local page = browser:page()
    page:open(shop.url .. "/help")
    return page:title()
  end,
}
print(titles.order, titles.help)

karun.scope(function(scope)
  local queue = karun.queue(1)
  scope:spawn(function()
    for i = 1, 3 do queue:put(i) end
    queue:close()
  end)
  for i in function() return queue:get() end do print("got " .. i) end
end)
