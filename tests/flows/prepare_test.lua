-- Preparing: mixes that are usual are built before they are asked for, and served from the cache.

local karun = require "karun"
local stage = require "stage"
local t = require "karun.test"

local function home()
  return { XDG_STATE_HOME = t.tmp(), XDG_CACHE_HOME = t.tmp() }
end

t.test("a mix downloaded for three songs is prepared for the next, files nothing, and is served as `cache`",
  { timeout = 400 }, function()
    local site, env = stage.site(), home()
    local mix = { "--mixes", "--mix", "without Lead Vocal" }
    local result, out = stage.download(site, { stage.song.three, stage.song.two, stage.song.six }, mix, { env = env })
    t.equal(result.code, 0, result.err)
    t.equal(#stage.files(out), 3)
    local savannah <const> = "/custombackingtrack/tambo/savannah.html"
    result = stage.download(site, { savannah, stage.song.six }, { "--prepare" }, { env = env, out = out })
    t.equal(result.code, 0, result.err)
    t.match(result.err, "prepared: Savannah: Without Lead Vocal")
    t.equal(#stage.files(out), 3, "nothing is filed")
    t.equal(stage.builds(site), 4, "what is downloaded already is not prepared")
    result = stage.download(site, { savannah }, mix, { env = env, out = out })
    t.equal(result.code, 0, result.err)
    t.match(result.err, "done: Savannah: Without Lead Vocal .+%(cache%)")
    t.match(result.err, "1 of 1 asked for came from the cache %(100 %%%), %d")
    t.equal(stage.builds(site), 4)
    t.equal(#stage.files(out), 4)

    -- a cached file that changed does not stand up to its hash
    karun.file.remove(out .. "/Tambo - Savannah", { recursive = true })
    t.equal(t.run({ "archive", "forget", "savannah" }, { env = env }).code, 0)
    for _, path in ipairs(karun.file.glob(env.XDG_CACHE_HOME .. "/karun/prepared/*.mp3")) do
      karun.file.write(path, karun.file.read(path):sub(1, -2) .. "x")
    end
    result = stage.download(site, { savannah }, mix, { env = env, out = out })
    t.equal(result.code, 0, result.err)
    t.match(result.err, "did not stand up to its hash")
    t.equal(stage.builds(site), 5)
  end)

t.test("the cache has a size limit: the longest unused go first", function()
  local prepared = require "karun.prepared"
  local folder = t.tmp() .. "/cache"
  local cache <close> = prepared.open(250, folder)
  local function item(n)
    return { site = "s", song = "song" .. n, item = "mix:only:x", key = 0 }
  end
  for n = 1, 3 do
    local path = t.tmp() .. "/f"
    karun.file.write(path, ("%d"):format(n):rep(100))
    cache:put(item(n), path, { took_s = 1 })
  end
  t.equal(cache:find(item(1)), nil)
  t.ok(cache:find(item(2)) and cache:find(item(3)))
  t.equal((cache:size()), 2)
  t.equal(#karun.file.glob(folder .. "/*.mp3"), 2)
end)
