-- The main job under each fault of the site: all tracks right, or told plainly; never a wrong file.

local stage = require "stage"
local t = require "karun.test"

-- name, options of the site, more arguments, what must hold
local function all_right(name, faults, more)
  more = more or {}
  t.test(name, { timeout = 180 }, function()
    local options = more.site or {}
    options.faults = faults
    local site = stage.site(options)
    local result, out = stage.download(site, { more.song or stage.song.three }, more.args)
    t.equal(result.code, 0, result.err)
    t.equal(#stage.files(out), more.files or 3, result.err)
    if more.builds then t.equal(stage.builds(site), more.builds, "orders") end
  end)
end

all_right("lost clicks", { lost_clicks = 2 }, { builds = 3, args = { "--set", "solo.again=0.3", "--set", "prepare.start=1" } })
all_right("a slow first solo", { slow_first_solo = 1.5 }, { builds = 3 })
all_right("rows made anew after each press", { rerender = true }, { builds = 3 })
all_right("a stale file is not taken", { stale_file = { seconds = 1 } }, { builds = 3 })
all_right("a build that fails once", { build_error = 1 }, { args = { "--set", "retry.delay=0.1" } })
all_right("a transfer cut short", { cut_transfer = 1 })
all_right("a transfer cut short that looks whole", { cut_transfer = { times = 1, length = false } })
all_right("a transfer reset", { reset_transfer = 1 })
all_right("the ready dialog as a window", { popup = "ready" }, { builds = 3 })
all_right("a window that refreshes itself", { popup = "generating" }, { builds = 3 })
all_right("an alert when the page has loaded", { alert = "load" }, { builds = 3 })
all_right("an alert when Download is pressed", { alert = "press" }, { builds = 3 })
all_right("a question when Download is pressed", { confirm = true }, { builds = 3 })
all_right("a cookie notice over the page", { cookie_overlay = true }, { builds = 3 })
all_right("an offer that comes late", { newsletter = 0.2 }, { builds = 3 })
all_right("a session that ends in the middle", { expire_session = 2 }, { args = { "--set", "retry.delay=0.1" } })
all_right("a busy site", { rate_limit = { times = 1, retry_after = 1 } }, { args = { "--set", "retry.delay=0.1" } })
all_right("pages answer 503 once", { unavailable = 1 }, { args = { "--set", "retry.delay=0.1" } })
all_right("a dead link", { dead_link = 1 }, { args = { "--set", "retry.delay=0.1" } })
all_right("a web page instead of a file", { html_file = 1 }, { args = { "--set", "retry.delay=0.1" } })
all_right("an empty file", { empty_file = 1 }, { args = { "--set", "retry.delay=0.1" } })
all_right("a file without an attachment header", { no_attachment = true }, { builds = 3 })
all_right("no start of its own", { no_autostart = true }, { builds = 3 })
all_right("a wrong label once", { wrong_label = 1 }, { args = { "--set", "solo.margin_again=0.2" } })
all_right("the full mix once", { bare_label = 1 }, { args = { "--set", "solo.margin_again=0.2" } })
all_right("every label bare, every sound right: the whole song", { bare_label = true }, { builds = 3 })
all_right("the server learns the mix late, by a request", { sync_lag = 1 }, { builds = 3, site = { model = "two_phase" } })
all_right("the server learns the mix late, in silence", { sync_lag = 1 },
  { site = { model = "two_phase", sync = "silent" }, args = { "--set", "solo.margin_again=2" } })

-- what, faults, kind, files that are right
local function told(name, faults, kind, files, args)
  t.test(name .. ": listed, nothing wrong is filed", { timeout = 180 }, function()
    local site = stage.site { faults = faults }
    local result, out = stage.download(site, { stage.song.three }, args)
    t.equal(result.code, 4, result.err)
    t.match(result.err, kind .. ": ")
    t.equal(#stage.files(out), files, result.err)
  end)
end

told("every label bare, one file the mix by its sound, always", { bare_label = true, full_mix = { track = 1 } }, "wrong_mix", 0,
  { "--set", "solo.margin_again=0.2" })
told("every label another's", { wrong_label = true }, "wrong_mix", 0, { "--set", "solo.margin_again=0.2" })
told("a silent track", { silent_track = { track = 1 } }, "content", 2)
told("a track that cannot be rendered", { build_error = { track = 1 } }, "http", 2, { "--set", "retry.delay=0.1" })
told("one sound twice", { duplicate_track = { track = 2, as = 1 } }, "duplicate_content", 2,
  { "--set", "solo.margin_again=0.2" })
told("a build that never ends", { build_never_ends = { track = 1 } }, "timeout", 2,
  { "--set", "prepare.build=10", "--set", "retry.tries=1", "--set", "retry.delay=0.1" })
