-- The site this project works on: addresses and selectors. Data only. A selector is a list, best
-- first; `karun doctor --site {{site}} URL` tries each on the live page and says what no longer matches.

return {
  name = "{{site}}",
  base_url = "https://example.com",

  selectors = {
    headline = { "h1", "role=heading" }, -- the first headline of the page
    link = { "a[href]" }, -- every link
  },
}
