-- The demo site as a client without a browser meets it: sign-in, basket, build, file, levers.

local karun = require "karun"
local t = require "karun.test"

local path <const> = "examples/demo-site/init.lua"
local demo = assert(loadfile(path, "t", _ENV))("demo-site", path)

local song <const> = { id = 1101, product = 700101, tracks = 6 }

local function start(options)
  local site = demo.start(options)
  t.after(function() site:close() end)
  return site
end

-- A signed-in visitor: get(path) -> response; the session travels as a header.
local function visitor(site)
  local self = {}
  function self.get(address, more)
    local all = { headers = { cookie = self.cookie }, tries = 1 }
    for name, value in pairs(more or {}) do
      all[name] = value
    end
    return karun.http.fetch(address:match "^http" and address or site.url .. address, all)
  end
  local session = site.sessions:sign_in({ value = "" }, demo.user, demo.password)
  self.cookie = site.sessions.cookie(session):match "^[^;]+"
  return self
end

local function solo(number)
  local pairs_of = {}
  for i = 1, song.tracks do
    pairs_of[i] = ("%d,%d"):format(i, i == number and 100 or 0)
  end
  return table.concat(pairs_of, ".")
end

local function order(user, levels, more)
  return user.get(("/basket.php?method=ajax&famid=5&precount=0&trackslevels=%s&pannings=&bkac=editf&s=%d&prodid=%d&pitch=0%s")
    :format(levels, song.id, song.product, more or ""))
end

local begin <const> = "/my/begin_download.html?id=700101&famid=5"

-- Follows the protocol as the page does -> the file's address.
local function address_of(user)
  local answer = user.get(begin .. "&method=ajax")
  while answer.headers["x-mutli-building"] do
    user.get(answer.headers["x-mutli-building"])
    answer = user.get(begin .. "&produced=1&method=ajax")
  end
  return answer.headers["x-file-href"], answer
end

-- Until the file before is no longer on offer.
local function settle(site)
  karun.sleep(site.profile.stale + 0.005)
end

local function take(site, user, number)
  t.equal(order(user, solo(number)).status, 200)
  settle(site)
  return user.get((address_of(user)))
end

t.test("an order, its build, its file: the label says what sounds", function()
  local site = start { faults = { build_never_ends = 1 } }
  local user = visitor(site)
  t.equal(order(user, solo(3)).body, "")
  local first = user.get(begin .. "&method=ajax")
  t.match(first.headers["x-mutli-building"], "^/my/waitfor_build_multi%.php%?id=700101&famid=5$")
  order(user, solo(3))
  local address, answer = address_of(user)
  t.match(address, site.files_url .. "/sl/%x%x%x%x%x%x%x%x%x%x/" .. ("%x"):rep(32) .. "/The_Paper_Lanterns_Night_Drive%%28Bass_Custom")
  t.match(answer.body, 'class="begin%-download__manual%-download" href="' .. address:gsub("%p", "%%%0"))
  local file = user.get(address)
  t.equal(file.headers["content-type"], "audio/mpeg")
  t.match(file.headers["content-disposition"], "^attachment; .*Night_Drive%(Bass_Custom_Backing_Track%)%.mp3")
  t.equal(file.body:sub(1, 3), "ID3")
  t.equal(#file.body, math.tointeger(tonumber(file.headers["content-length"])))
  t.equal(#site.log:list "build_start", 2)
  t.equal(#site.log:list "build_cancelled", 1)
  t.equal(#site.log:list "build_end", 1)
end)

t.test("files of a song have one size, and two renders of one mix differ", function()
  local site = start()
  local user = visitor(site)
  local bass, again, drums = take(site, user, 3).body, take(site, user, 3).body, take(site, user, 2).body
  t.equal(#bass, #again)
  t.equal(#bass, #drums)
  t.ok(bass ~= again, "two renders are two files")
  t.equal(bass:sub(600), again:sub(600))
  t.ok(bass:sub(600) ~= drums:sub(600), "two tracks sound different")
end)

t.test("a second order cancels the first, and the file before stays on offer for a moment", function()
  local site = start { profile = { stale = 60, build = 0.05 } }
  local user = visitor(site)
  order(user, solo(2))
  local first = address_of(user)
  site.faults:set { build_never_ends = 1 }
  order(user, solo(3))
  t.equal((address_of(user)), first)
  order(user, solo(4))
  t.equal(#site.log:list "build_cancelled", 1)
  t.equal((address_of(user)), first)
  t.equal(site.log:list("begin")[3].is_stale, true)
end)

t.test("ranges: a part, what is left, too far, and another version", function()
  local site = start()
  local user = visitor(site)
  order(user, solo(2))
  settle(site)
  local address = address_of(user)
  local whole = user.get(address)
  local function part(range, condition)
    return user.get(address, { headers = { range = range, ["if-range"] = condition } })
  end
  local answer = part "bytes=700-799"
  t.equal(answer.status, 206)
  t.equal(answer.headers["content-range"], ("bytes 700-799/%d"):format(#whole.body))
  t.equal(answer.body, whole.body:sub(701, 800))
  t.equal(part("bytes=700-", whole.headers.etag).body, whole.body:sub(701))
  t.equal(part("bytes=700-", '"another"').status, 200)
  t.equal(part("bytes=" .. #whole.body .. "-").status, 416)
end)

t.test("a broken mix string is 500, a song not bought 403, a stranger goes to the login", function()
  local site = start()
  local user = visitor(site)
  t.equal(order(user, "1,0.2,100").status, 500)
  t.equal(user.get("/basket.php?s=1109&prodid=700109&trackslevels=1,100.2,0.3,0.4,0").status, 403)
  user.cookie = nil
  t.match(order(user, solo(2)).url, "/my/login%.html$")
  t.equal(#site.log:list "build_start", 0)
end)

t.test("the two-phase server renders what it has heard of", function()
  local site = start { model = "two_phase", faults = { sync_lag = 0.05 } }
  local user = visitor(site)
  order(user, solo(2))
  settle(site)
  t.match((address_of(user)), "Night_Drive%%28Custom_Backing_Track")
  user.get("/mixer_sync.php?s=1101&page=a&n=1&pannings=&trackslevels=" .. solo(2))
  order(user, solo(5))
  settle(site)
  t.match((address_of(user)), "Drum_Kit_Custom_Backing_Track")
end)

t.test("faults come for as often as they are asked for, where they are asked for", function()
  local site = start { faults = { wrong_label = { times = 1, track = 2 }, rate_limit = 1 } }
  local user = visitor(site)
  local limited = order(user, solo(2))
  t.equal(limited.status, 429)
  t.equal(limited.headers["retry-after"], "1")
  t.match(take(site, user, 2).url, "Drum_Kit_Custom")
  t.match(take(site, user, 3).url, "Electric_Guitar_Custom")
  t.match(take(site, user, 3).url, "Bass_Custom")
end)

t.test("levers work from outside, and say what they do not know", function()
  local site = start()
  local user = visitor(site)
  local function post(address, value)
    return user.get(address, { method = "POST", body = karun.json.encode(value) })
  end
  t.equal(post("/_demo/faults", { build_error = 1 }):json().build_error, 1)
  local wrong = post("/_demo/faults", { biuld_error = 1 })
  t.equal(wrong.status, 400)
  t.match(wrong.body, "biuld_error")
  order(user, solo(2))
  t.equal(user.get("/my/waitfor_build_multi.php?id=700101&famid=5").body, "done")
  local log = user.get("/_demo/log?event=build_failed"):json()
  t.equal(#log.entries, 1)
  post("/_demo/reset", {})
  t.equal(next(user.get("/_demo/faults"):json()), nil)
  t.equal(#user.get("/_demo/log?event=basket"):json().entries, 0)
end)

t.test("one seed, one course of events", function()
  local function times()
    local site = start { seed = 7 }
    local user = visitor(site)
    local list = {}
    for i = 1, 3 do
      order(user, solo(i))
      local build = site.builds.latest["90001 1101"]
      list[i] = ("%.6f"):format(build.ready_at - build.ordered_at)
    end
    return table.concat(list, " ")
  end
  t.equal(times(), times())
end)

t.test("an unknown option, profile or fault is said at once", function()
  t.error("usage", function() demo.start { modle = "click" } end)
  t.error("usage", function() demo.start { profile = "slow" } end)
  t.error("usage", function() demo.start { faults = { nothing = 1 } } end)
end)
