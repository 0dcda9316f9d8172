-- A person steps in: with a window karun waits for them and carries on; without one it ends with 6.

local karun = require "karun"
local screen = require "screen"
local stage = require "stage"
local t = require "karun.test"

-- What a person does at the site, once karun has said that it waits for them.
local function person(site, when, act)
  return karun.spawn(function()
    karun.wait.until_true(function()
      return when(site)
    end, { timeout = 60, what = "the check" })
    karun.sleep(1) -- a person reads first; karun must not go on before they have answered
    act(site)
  end)
end

local function checked_pages(site)
  return #site.log:list "request"
end

t.test("a human check before anything: the person passes it in the window, karun does the rest", { timeout = 180 }, function()
  local display = screen.start()
  for _, kind in ipairs { true, "challenge" } do
    local site = stage.site { faults = { human_check = kind }, lang = "de", markup = kind == true and "newer" or "legacy" }
    local who = person(site, function()
      return checked_pages(site) > 0
    end, function()
      t.equal(#site.log:list "login", 0)
      -- the person's own press, in a browser of theirs
      karun.http.fetch(site.url .. "/human.html", { method = "POST" })
    end)
    local song = kind == true and stage.song.three or stage.song.two -- the archive knows the first one by now
    local result, out = stage.download(site, { song }, { "--visible", "--tracks", "2" }, { env = { DISPLAY = display } })
    who:join()
    t.equal(result.code, 0, result.err)
    t.match(result.err, "the site asks for a person")
    t.match(result.err, "thank you; going on")
    t.equal(#stage.files(out), 1)
    t.equal(stage.builds(site), 1)
    t.equal(#site.log:list "human", 1)
  end
end)

t.test("a check in the middle of a song: the same track goes on", { timeout = 180 }, function()
  local site = stage.site { faults = { expire_session = 2 } }
  local who = person(site, function()
    return #site.log:list "session_expired" > 0
  end, function()
    karun.http.fetch(site.url .. "/human.html", { method = "POST" })
  end)
  -- the check stands where the session ended
  karun.spawn(function()
    karun.wait.until_true(function()
      return #site.log:list "build_end" > 0
    end, { timeout = 60 })
    site.faults:set { expire_session = 1, human_check = true }
  end)
  local result, out = stage.download(site, { stage.song.three }, { "--visible", "--set", "retry.delay=0.1" },
    { env = { DISPLAY = screen.start() } })
  who:join()
  t.equal(result.code, 0, result.err)
  t.match(result.err, "the site asks for a person")
  t.equal(#stage.files(out), 3)
  t.equal(stage.builds(site), 3)
end)

t.test("a code after the password: a person types it in the window; headless it is exit 6", { timeout = 180 }, function()
  local site = stage.site { faults = { second_factor = true } }
  local headless, out = stage.download(site, { stage.song.two })
  t.equal(headless.code, 6, headless.err)
  t.match(headless.err, "%-%-visible")
  t.equal(stage.builds(site), 0)
  local who = person(site, function()
    return #site.log:list "second_asked" > 1
  end, function()
    karun.http.fetch(site.url .. "/human.html", { method = "POST" }) -- the yes on their telephone
  end)
  local result = stage.download(site, { stage.song.two }, { "--visible", "--tracks", "1" },
    { out = out, env = { DISPLAY = screen.start() } })
  who:join()
  t.equal(result.code, 0, result.err)
  t.equal(#stage.files(out), 1)
  -- and it is remembered: no second code
  t.equal(stage.download(site, { stage.song.two }, { "--tracks", "2" }, { out = out }).code, 0)
  t.equal(#site.log:list "second_asked", 2)
end)
