-- This project's timings. A number alone changes one of karun's own (`karun timing` lists them); an
-- entry with unit, range and reason is a new one for your flows.

return {
  first = {
    open = { value = 30, unit = "s", range = { 2, 300 }, reason = "a slow line; most pages take a second" },
    headline = { value = 10, unit = "s", range = { 1, 60 }, reason = "it stands in the page itself" },
  },
}
