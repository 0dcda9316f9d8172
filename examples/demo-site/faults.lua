-- What can go wrong, on demand. Three shapes of value:
--   times  true: always; n: the next n times; {times=n, track=data-index, song=id, …}: only there
--   page   given to each song page when it is opened
--   value  explained in its line
-- Off is false. Set at the start (`faults={…}`) or later through POST /_demo/faults.

local known = {
  -- signing in and pages
  { "refuse_login", "times", "the login form refuses the right password" },
  { "expire_session", "value", 'n: the session ends at the nth basket call from now; "now": all sessions, at once' },
  { "human_check", "value", 'true: every page is a human check until passed or lifted; "challenge": the other kind' },
  { "second_factor", "value", "true: after the password the site asks for a code (123456), which a person types" },
  { "unavailable", "times", "pages answer 503; {retry_after=s}" },
  { "slow_page", "value", "s: pages take so much longer" },
  { "cookie_overlay", "page", "true: a cookie notice covers the page until accepted" },
  { "newsletter", "page", "s: an offer covers the mixer s seconds after the page has loaded" },
  { "alert", "page", '"load" or "press": an alert when the page has loaded, or when Download is pressed' },
  { "confirm", "page", "true: a question when Download is pressed; a no orders nothing" },
  -- the mixer
  { "key_limit", "page", "n: the song's key goes from -n to +n only (12)" },
  { "lost_clicks", "page", "n: the first n presses of Solo or Download on a page do nothing" },
  { "slow_first_solo", "page", "s: the first solo of a page lights after s seconds" },
  { "rerender", "page", "true: all rows are made anew after each press; s: and every s seconds" },
  { "sync_lag", "value", "two_phase: s or {min=, max=}: the server knows the mix so much later" },
  -- building
  { "rate_limit", "times", "basket.php answers {status=429}; {retry_after=s}" },
  { "slow_build", "times", "the build takes {seconds=30}" },
  { "build_error", "times", "the build fails at its end; {track=n} for one that cannot be rendered for a while" },
  { "build_never_ends", "times", "the build goes on for ever; a new basket call replaces it" },
  { "stale_file", "times", "the previous file is offered for {seconds=2} after the basket call" },
  { "popup", "page", '"ready": the ready dialog is a window; "generating": a window that refreshes itself' },
  { "no_autostart", "page", "true: the download begins only by its link" },
  -- the file
  { "wrong_label", "times", "the file bears the name of the next track" },
  { "bare_label", "times", "the file bears the name of a full mix" },
  { "silent_track", "times", "the file is silent" },
  { "full_mix", "times", "the file holds the full mix, and its label says so; {label=false}: under the track's label" },
  { "bleed", "times", "the file also holds track {from=0} (data-index) at {level=50}, as doubled parts do" },
  { "duplicate_track", "times", "the file holds track {as=0} (data-index) instead; {identical=true}: its very bytes" },
  { "cut_transfer", "times", "the file ends early at {at=0.5}; {length=false}: and looks whole, without a length" },
  { "reset_transfer", "times", "the connection breaks at {at=0.5}" },
  { "stalled_transfer", "times", "no byte comes after {at=0.5}" },
  { "html_file", "times", "the file is a web page with status 200" },
  { "empty_file", "times", "the file is empty" },
  { "no_attachment", "times", "the file comes without Content-Disposition" },
  { "dead_link", "times", "the file's address answers 403" },
}

local kinds = {}
for _, fault in ipairs(known) do
  kinds[fault[1]] = fault[2]
end

local Faults = {}
Faults.__index = Faults
Faults.__name = "demo.faults"

local M = { known = known }

function M.new(start)
  local self = setmetatable({ values = {}, start = start or {} }, Faults)
  self:reset()
  return self
end

-- Back to what was asked for at the start.
function Faults:reset()
  self.values = {}
  self:set(self.start)
end

-- nil on success, else what is wrong with it.
function Faults:set(changes)
  for name in pairs(changes) do
    if not kinds[name] then return ("no fault is called %q"):format(tostring(name)) end
  end
  for name, value in pairs(changes) do
    if type(value) == "table" then
      local copy = {}
      for k, v in pairs(value) do
        copy[k] = v
      end
      value = copy
    end
    self.values[name] = value
  end
end

function Faults:value(name)
  assert(kinds[name], name)
  local value = self.values[name]
  if value == false or value == 0 then return nil end
  return value
end

-- One "times" fault happens now, or not (nil). Answers its settings, {} for none.
function Faults:take(name, song, track)
  assert(kinds[name] == "times", name)
  local value = self:value(name)
  if not value then return nil end
  if type(value) == "number" then
    self.values[name] = value - 1
    return {}
  end
  if value == true then return {} end
  if type(value) ~= "table" or value.times == 0 then return nil end
  if value.song and value.song ~= (song and song.id) then return nil end
  if value.track and value.track ~= (track and track - 1) then return nil end
  if type(value.times) == "number" then value.times = value.times - 1 end
  return value
end

-- What a song page has to know.
function Faults:for_page()
  local values = {}
  for _, fault in ipairs(known) do
    if fault[2] == "page" then values[fault[1]] = self:value(fault[1]) or false end
  end
  return values
end

return M
