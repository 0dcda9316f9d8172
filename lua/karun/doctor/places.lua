-- Where the selectors of a site table belong: on which page, whether inside a row, whether they may be
-- absent. By name; what is not listed here belongs on the page that was given, and must be there.

local site_file = require "karun.site_file"

local M = {}

local after_press <const> = "shows only after Download is pressed, which doctor never does"
local now_and_then <const> = "shows only now and then"

-- page: "login" (signed out), "song" (the given one), "search"; in_row: inside each row; absent: why
-- it may be missing; words: what else such an element is called, for proposals.
M.by_name = {
  login_form = { page = "login", words = { "login", "user", "email" } },
  user = { page = "login", words = { "login", "email", "username", "name" }, tag = "input" },
  password = { page = "login", words = { "passwd", "pass" }, tag = "input", type = "password" },
  submit = { page = "login", words = { "login", "signin", "log", "sign", "sbm" }, clickable = true },
  second_step = { page = "login", absent = "shows only to accounts with a second step" },
  login_error = { page = "login", absent = "shows only after a wrong password" },
  signed_out = { page = "login", words = { "login" }, clickable = true },
  signed_in = { page = "song", signed_in = true, words = { "logout", "download", "account" }, clickable = true },
  cookie_accept = { page = "song", absent = now_and_then },
  overlay_close = { page = "song", absent = now_and_then },
  mixer = { page = "song", words = { "tracks" }, around = "row" },
  row = { page = "song", many = true, words = { "track", "line", "item" } },
  caption = { page = "song", in_row = true, words = { "name", "label", "title" } },
  solo = { page = "song", in_row = true, clickable = true },
  mute = { page = "song", in_row = true, clickable = true },
  volume = { page = "song", in_row = true, tag = "input", words = { "level", "gain" } },
  panner = { page = "song", in_row = true, tag = "input", words = { "pan" } },
  reset = { page = "song", clickable = true },
  play = { page = "song", clickable = true },
  preset = { page = "song", many = true, clickable = true, absent = "not every song has presets" },
  count_in = { page = "song", absent = "a song without a click row has none", words = { "precount", "intro" } },
  key_value = { page = "song", words = { "pitch" } },
  key_up = { page = "song", clickable = true, words = { "pitch" } },
  key_down = { page = "song", clickable = true, words = { "pitch" } },
  key_reload = { page = "song", absent = "shows only after the key was changed", words = { "pitch", "reload" } },
  title = { page = "song", words = { "song", "heading" } },
  artist = { page = "song" },
  download = { page = "song", clickable = true },
  loader = { page = "song", absent = after_press },
  ready = { page = "song", absent = after_press },
  file_link = { page = "song", absent = after_press },
  file_link_anywhere = { page = "song", absent = after_press },
  modal_close = { page = "song", absent = after_press },
  result = { page = "search", many = true, clickable = true },
  result_artist = { page = "search", many = true, clickable = true },
}

-- The place of the selector `name` of `site`; on a site without a login page all belong on one page.
function M.of(site, name)
  local found = M.by_name[name] or { page = "song" }
  local need = site.kind == "mixer" and site_file.keys.selectors[name]
  if need and need:match("%?$") and not M.by_name[name] then found.absent = "no page must have it" end
  if site.kind == "mixer" and M.by_name[name] then return found end
  local plain = {}
  for key, value in pairs(found) do
    plain[key] = value
  end
  plain.page, plain.signed_in = "song", nil
  plain.in_row = found.in_row and site.selectors.row ~= nil or nil
  return plain
end

-- Names in the order a reader expects: pages first to last, `row` before what is inside it.
function M.sorted(site)
  local rank = { login = 1, song = 2, search = 3 }
  local names = {}
  for name in pairs(site.selectors) do
    names[#names + 1] = name
  end
  local function key(name)
    local place = M.of(site, name)
    return rank[place.page] * 10 + (name == "row" and 0 or place.in_row and 1 or 2)
  end
  table.sort(names, function(a, b)
    if key(a) ~= key(b) then return key(a) < key(b) end
    return a < b
  end)
  return names
end

return M
