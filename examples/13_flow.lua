-- A flow as others can use it: its options have a --help, its steps are timed, its log goes to stderr.

local karun = require "karun"
local shop <close> = require "shop"()

local options = karun.options {
  about = "Prints what a shop sells, up to a price.",
  examples = { { "karun examples/13_flow.lua --most 50", "what costs 50 at most" } },
  { "most", "integer", default = 100, help = "the highest price" },
}

local browser <close> = karun.launch()
local page = browser:page()
karun.span("open", { url = shop.url }, function() page:open(shop.url) end)
for _, text in ipairs(page:find("#goods .item"):texts()) do
  local name, price = text:match "^(%a+) (%d+)$"
  if tonumber(price) <= options.most then print(name) end
  karun.log.debug("seen", { name = name })
end
