-- The Python program's names of folders and files.

local old_names = require "karun.old_names"
local t = require "karun.test"

local grammar = { suffix = "Custom_Backing_Track)", mix = "(Custom_Backing_Track)", space = "_" }
local song = { url = "https://x.example/custombackingtrack/toto/don-t-stop-50-50.html", artist = "Toto", title = "Don't Stop: 50/50" }

t.test("folders: Title Case of the address, the site's spelling, with or without the artist, cut", function()
  for _, folder in ipairs { "Don't Stop 50 50", "Don'T Stop 50 50", "Don't Stop_ 50_50", "Toto - Don't Stop 50 50" } do
    t.ok(old_names.is_folder(folder, song), folder)
  end
  t.ok(not old_names.is_folder("Don't Stop", song))
  t.ok(not old_names.is_folder("Don't Stop 50 50", song, true), "another song has that title")
  t.ok(old_names.is_folder("Toto - Don't Stop 50 50", song, true))
  local long = { url = "/x/" .. ("very-long-"):rep(20) .. "end.html", artist = "A", title = ("Very Long "):rep(20) .. "End" }
  t.ok(old_names.is_folder(("Very Long "):rep(20):sub(1, 97) .. "...", long))
  t.ok(not old_names.is_folder("...", long))
end)

t.test("files: captions with blanks, the site's own long names, karun's; never a part of a name", function()
  local track = { name = "Electric Guitar (intro)", place = 5 }
  for name, labelled in pairs { ["Electric Guitar (intro).mp3"] = false, ["05 Electric Guitar (intro) (+2).mp3"] = false,
    ["Toto_Africa(Electric_Guitar_(intro)_Custom_Backing_Track).mp3"] = true } do
    local fits, by_label = old_names.is_track(name, track, grammar)
    t.equal(fits, true, name)
    t.equal(by_label, labelled, name)
  end
  for _, name in ipairs { "Electric Guitar.mp3", "Electric Guitar (intro) (1).mp3", "06 Electric Guitar (intro).mp3",
    "Toto_Africa(Custom_Backing_Track).mp3", "\255.mp3", ".mp3" } do
    t.ok(not old_names.is_track(name, track, grammar), name)
  end
  t.equal(old_names.key("Bass (+2).mp3"), 2)
  t.equal(old_names.key("Bass (-3).mp3"), -3)
  t.equal(old_names.key("Bass (2).mp3"), nil)
end)
