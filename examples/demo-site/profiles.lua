-- How long things take, in seconds; a table {min=, max=, mean=} is drawn anew each time.
-- `seed` is what was observed on the real site; `fast` is the same order of events in tens of
-- milliseconds, for tests.

return {
  seed = {
    about = "the observed timing of the real site",
    song_length = 216, -- 3:36, 8.65 MB at 320 kbit/s
    login = 0.1, -- answer of the login form; with the account page after it 0.9
    page = 0.8, -- until a page's markup is there
    picture = 2.9, -- its slowest picture; page + picture: the load event at 3.8
    hydrate = 0.5, -- multi.json, after which the mixer listens
    basket = 0.6, -- answer of basket.php
    build = { min = 7, max = 14, mean = 11 }, -- from the basket's answer until the file is offered
    stale = 0.2, -- the previous file is still offered for so long
    ask = 0.4, -- the page asks for the file so long after the basket
    hold = 25, -- longest answer of waitfor_build_multi.php
    refresh = 10, -- meta refresh of the page "Generating MP3"
    start = 0.5, -- from the ready dialog to the browser's own start
    transfer = 2, -- the whole file
    preview = 3.5, -- reload of the preview after a change of key
    sync_lag = 0.3, -- two_phase: the server knows the mix after
  },
  fast = {
    about = "the same in tens of milliseconds",
    song_length = 8,
    login = 0.01,
    page = 0,
    picture = 0.01,
    hydrate = 0.02,
    basket = 0.01,
    build = { min = 0.03, max = 0.09, mean = 0.05 },
    stale = 0.01,
    ask = 0.03,
    hold = 2,
    refresh = 1, -- browsers round a meta refresh to whole seconds
    start = 0.02,
    transfer = 0, -- as fast as the socket takes it
    preview = 0.03,
    sync_lag = 0.05,
  },
}
