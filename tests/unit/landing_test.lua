-- Landing: nothing wrong gets a name, nothing that is there is lost.

local file = require "karun.file"
local landing = require "karun.landing"
local t = require "karun.test"

local function temp(dir, bytes)
  local path = dir .. "/.temp"
  file.write(path, bytes)
  return path
end

t.test("place: folders, adoption, copies beside", function()
  local dir = t.tmp()
  t.equal(landing.place(temp(dir, "one"), dir .. "/a/b/x.mp3"), dir .. "/a/b/x.mp3")
  t.equal(landing.place(temp(dir, "one"), dir .. "/a/b/x.mp3"), dir .. "/a/b/x.mp3")
  t.equal(landing.place(temp(dir, "two"), dir .. "/a/b/x.mp3"), dir .. "/a/b/x (2).mp3")
  t.equal(landing.place(temp(dir, "three"), dir .. "/a/b/X.mp3"), dir .. "/a/b/X (3).mp3")
  t.same(file.list(dir .. "/a/b"), { "X (3).mp3", "x (2).mp3", "x.mp3" })
  t.equal(file.exists(dir .. "/.temp"), false)
end)

t.test("place: a folder takes the suggested name, made harmless", function()
  local dir = t.tmp()
  t.equal(landing.place(temp(dir, "1"), dir .. "/", { name = "../../x/y.mp3" }), dir .. "/_.._x_y.mp3")
  t.equal(landing.place(temp(dir, "2"), dir, { name = "" }), dir .. "/download")
  t.equal(landing.place(temp(dir, "3"), dir .. "/n/", { name = "\xff.mp3" }), dir .. "/n/_.mp3")
  t.error("path", landing.place, temp(dir, "4"), dir .. "/none/..")
end)

t.test("place: links are refused, a kept file stays", function()
  local dir = t.tmp()
  file.write(dir .. "/real", "r")
  os.execute(("ln -s real %s/link"):format(dir))
  t.error("path", landing.place, temp(dir, "x"), dir .. "/link")
  t.equal(file.read(dir .. "/real"), "r")
  t.equal(landing.place(dir .. "/real", dir .. "/again", { keep = true }), dir .. "/again")
  t.equal(landing.place(dir .. "/real", dir .. "/real", { keep = true }), dir .. "/real")
  t.equal(file.read(dir .. "/real"), "r")
end)

t.test("checks: the first that is not true refuses, and nothing lands", function()
  local dir = t.tmp()
  local function try(kind, bytes, checks)
    t.error(kind, landing.place, temp(dir, bytes), dir .. "/x", { checks = checks })
    t.equal(file.exists(dir .. "/x"), false)
  end
  try("content", "", {})
  try("content", "<html></html>", { type = "audio" })
  try("content", ("\xff\xfb\x90\x00" .. ("\0"):rep(100)), { type = "audio" })
  try("incomplete", "abc", { size = 4 })
  try("content", "abc", { min_size = 4 })
  try("too_large", "abc", { limit = 2 })
  try("content", "abc", { sha256 = ("0"):rep(64) })
  try("usage", "abc", { sha256 = "abc" })
  try("usage", "abc", { size = "3" })
  file.write(dir .. "/other", "abc")
  try("duplicate_content", "abc", { differs_from = { dir .. "/other" } })
  try("file", "abc", { differs_from = { dir .. "/none" } })
  local frame = "\xff\xfb\x90\x00" .. ("\0"):rep(413)
  local tagged = "ID3\4\0\0\0\0\1\0" .. ("\0"):rep(128) .. frame .. frame
  t.equal(landing.place(temp(dir, tagged), dir .. "/x", { checks = { type = "audio", size = #tagged } }), dir .. "/x")
end)
