-- For the desk: WAV stems of one length, manifest.json, tags; and what the archive says afterwards.

local audio = require "karun.audio"
local id3 = require "karun.id3"
local karun = require "karun"
local stage = require "stage"
local t = require "karun.test"

local function manifest(folder)
  return karun.json.decode(karun.file.read(folder .. "/manifest.json"))
end

t.test("WAV, manifest and tags; the sound of a tagged file is untouched", { timeout = 180 }, function()
  local site = stage.site()
  local plain, plain_out = stage.download(site, { stage.song.two })
  t.equal(plain.code, 0, plain.err)
  local result, out = stage.download(site, { stage.song.two }, { "--wav", "--tags" }, { env = { XDG_STATE_HOME = t.tmp() } })
  t.equal(result.code, 0, result.err)
  local folder, plain_folder = out .. "/The Paper Lanterns - Two Chairs", plain_out .. "/The Paper Lanterns - Two Chairs"
  local found = manifest(folder)
  t.equal(found.song.title, "Two Chairs")
  t.equal(found.song.bpm, 74)
  t.equal(found.song.key, 0)
  t.equal(#found.tracks, 2)
  local size
  for _, track in ipairs(found.tracks) do
    local path = folder .. "/" .. track.file
    t.equal(track.sha256, karun.file.sha256(path))
    t.equal(audio.probe(path).fingerprint, audio.probe(plain_folder .. "/" .. track.file).fingerprint)
    local bytes = karun.file.read(path)
    t.ok(bytes:find("TIT2", 1, true) and bytes:find(track.name, 1, true), "its title")
    t.ok(bytes:find("The Paper Lanterns", 1, true) and bytes:find("Two Chairs", 1, true), "artist and album")
    t.equal(bytes:sub(id3.sound_starts(bytes)), (function(other)
      return other:sub(id3.sound_starts(other))
    end)(karun.file.read(plain_folder .. "/" .. track.file)))
    local wav = karun.file.stat(folder .. "/" .. track.wav).size
    size = size or wav
    t.equal(wav, size, "equally long")
  end
  t.equal(manifest(plain_folder).tracks[1].wav, nil)
  t.ok(not karun.file.read(plain_folder .. "/" .. found.tracks[1].file):find("TPE1", 1, true), "no tags unless asked for")

  -- later, for what is there already: WAVs are made, nothing is ordered
  local builds = stage.builds(site)
  result = stage.download(site, { stage.song.two }, { "--wav" }, { out = plain_out })
  t.equal(result.code, 0, result.err)
  t.equal(stage.builds(site), builds)
  t.equal(#karun.file.glob(plain_folder .. "/*.wav"), 2)
end)

t.test("karun archive: list, verify, forget, stats", { timeout = 180 }, function()
  local site, env = stage.site(), { XDG_STATE_HOME = t.tmp() }
  local result, out = stage.download(site, { stage.song.two }, {}, { env = env })
  t.equal(result.code, 0, result.err)
  t.match(result.err, "attempted 2, done 2, failed 0 %(100 %%%)")
  t.match(result.err, "by phase: .*prepare %d")
  local function ask(...)
    local answer = t.run({ "archive", ... }, { env = env })
    return answer.out:sub(1, 1) == "{" and karun.json.decode(answer.out) or nil, answer
  end
  local list = ask("list", "--json")
  t.equal(#list.files, 2)
  t.equal(list.files[1].title, "Two Chairs")
  local stats = ask("stats", "--json")
  t.equal(stats.schema, 1)
  t.equal(stats.total.done, 2)
  t.equal(stats.total.success_rate, 1)
  t.ok(stats.total.bytes > 0 and stats.total.phases_s.prepare > 0)
  t.equal(select(2, ask("verify")).code, 0)
  local path = list.files[1].path
  karun.file.write(path, "other bytes")
  local verified, answer = ask("verify", "--json")
  t.equal(answer.code, 4)
  t.equal(verified.changed, 1)
  karun.file.remove(path)
  t.equal(ask("verify", "--json").missing, 1)
  t.equal(ask("forget", "--missing", "--json").forgotten, 1)
  t.equal(select(2, ask("forget", "--all")).code, 2)
  t.equal(ask("forget", "--all", "--force", "--json").forgotten, 1)
  t.equal(#ask("list", "--json").files, 0)
  t.equal(ask("verify", out, "--json").ok, 1, "the manifest tells what the other file is")
  t.equal(select(2, ask("lst")).code, 2)
end)
