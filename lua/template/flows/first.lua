-- Opens a page and prints its headline and its links. Yours to change: `karun watch flows/first.lua`
-- runs it again at each save.

local karun = require "karun"

karun.options {
  about = "Prints the headline of a page and where its links lead.",
  examples = { { "karun flows/first.lua", "the page named in sites/{{site}}.lua" } },
}

local site, timing = karun.site(), karun.timing.first
local browser <close> = karun.launch()
local page = browser:page()

page:open(site.base_url, { timeout = timing.open })
print(page:find(site.selectors.headline):first():text { timeout = timing.headline })
for i, address in ipairs(page:find(site.selectors.link):attrs "href") do
  print(("%d. %s"):format(i, address))
end
