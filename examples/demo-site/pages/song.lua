-- The song page: the mixer in its two markups, key, presets, the download link, the empty dialog.

local karun = require "karun"
local part = ...
local http = part "http"
local mix = part "mix"
local layout = part "pages/layout"

local M = {}

-- A row is its caption, in one of the two forms, and the controls, which both have.
local rows <const> = {
  legacy = [[
<div class="track" data-index="{index}">
  <div class="track__caption">{=count_in}{caption}</div>
]],
  newer = [[
<div class="custom__mixer-track-line" data-index="{index}">
  <div class="custom__mixer-track-caption">
    <span class="custom__mixer-track-caption-input">{=count_in}</span>
    <span class="custom__mixer-track-caption-name">{caption}</span>
  </div>
]],
}

local controls <const> = [[
  <div class="track__buttons">
    <button class="track__controls track__mute" title="{mute}">M</button>
    <button class="track__controls track__solo" title="{solo}">S</button>
  </div>
  <canvas class="track__wave" width="600" height="40"></canvas>
  <input class="panner" type="range" min="-100" max="100" step="100" value="0" aria-label="pan">
  <input class="volume" type="range" min="0" max="100" step="10" value="{level}" aria-label="volume">
  <span class="track__volume-caption">{level}%</span>
</div>
]]

-- The quirk of the click row: box, link and blanks stand before the name, inside the caption.
local count_in <const> = '<input type="checkbox" id="precount" '
  .. 'onclick="mixer.setPrecount(this.checked ? 1 : 0)"{=checked}>'
  .. '<a class="tooltip" href="#precount" title="{text}"> {text}</a>&nbsp;&nbsp;&nbsp; '

local body <const> = [[
<h1 class="song-title">{title}</h1>
<p class="song-artist"><a href="{artist_path}">{artist}</a> <span class="song-bpm">{bpm} BPM</span></p>
<div class="song-tools">
  <div class="pitch"><span class="pitch__caption" id="key">{key}</span>
    <button class="btn--pitch pitch__button" title="{key_down}" onclick="mixer.changePitch({id}, - 1)">&minus;</button>
    <span class="pitch__value">{pitch}</span>
    <button class="btn--pitch pitch__button" title="{key_up}" onclick="mixer.changePitch({id}, + 1)">+</button>
    <div class="pitch__bubble" hidden>{key_changed} <a href="#" id="pitch-link">{reload}</a></div>
  </div>
  <div id="presets" class="presets"><span>{presets_title}</span>{=presets}</div>
</div>
{=mixer}
<div class="song-actions">
  <button class="mixer__play" title="{play}">&#9654; {play}</button>
  <button class="mixer__reset" disabled>{reset}</button>
  <a class="{download_class}" id="link_addcart_{id}" href="#" title="{download_text} MP3">
    <span>{download_text}</span> <span>MP3</span>
  </a>
  <div id="mixprod_loader" hidden>{loading}</div>
</div>
]]

-- The dialog is in the page from the beginning, empty and closed.
local tail <const> = [[
<div class="modal__overlay"><div class="modal" role="dialog">
  <button class="js-modal-close modal__close" data-action="close" title="{close}">&times;</button>
  <div class="modal__content"></div>
</div></div>
<script>var songPage = {=page};</script>
<script src="/static/mixer.js"></script>
<script src="/static/notices.js"></script>
]]

local function row(site, variant, song, place, level, settings)
  local box = ""
  if place == song.click then
    box = http.fill(count_in, { text = site.texts.intro_count, checked = settings.precount == 1 and " checked" or "" })
  end
  return http.fill(rows[variant] .. controls, {
    index = place - 1,
    caption = song.tracks[place],
    level = level,
    count_in = box,
    mute = site.texts.mute,
    solo = site.texts.solo,
  })
end

local function mixer(site, variant, song, levels, settings)
  local lines = {}
  for place in ipairs(song.tracks) do
    lines[place] = row(site, variant, song, place, levels[place], settings)
  end
  local all = table.concat(lines)
  if variant == "legacy" then return ('<div class="mixer"><div class="mixer__inner">\n%s</div></div>'):format(all) end
  return ('<div class="custom__mixer-container">\n%s</div>'):format(all)
end

local function presets(site, song)
  local links = {}
  for i, preset in ipairs(mix.presets(song, site.texts)) do
    links[i] = http.fill('<a class="preset" href="#" data-preset="{mix}">{name}</a>', preset)
  end
  return table.concat(links)
end

-- What the page's script has to know; the lags are drawn here so that a seed repeats them.
local function page_data(site, song, account, settings)
  local profile, lags = site.profile, karun.json.array {}
  if site.options.model == "two_phase" and site.options.sync == "silent" then
    for i = 1, 100 do
      lags[i] = site:lag()
    end
  end
  return (
    karun.json
      .encode({
        song = song.id,
        product = account and site.builds:product(account, song),
        pitch = settings.pitch,
        model = site.options.model,
        sync = site.options.sync,
        lags = lags,
        ask = profile.ask,
        start = profile.start,
        -- The inline script has the box's state of the moment the page was made, never a later one.
        precount = settings.precount,
        faults = site.faults:for_page(),
        texts = {
          alert = site.texts.alert,
          confirm = site.texts.confirm,
          failed = site.texts.failed,
          busy = site.texts.busy,
        },
        notices = {
          cookies = site.texts.cookies,
          accept = site.texts.accept,
          newsletter = site.texts.newsletter,
          no_thanks = site.texts.no_thanks,
        },
      })
      :gsub("</", "<\\/")
  )
end

function M.show(site, request, song)
  local texts, account, variant = site.texts, request.session.account, request.session.markup
  local owned = account and song.bought ~= false
  local settings = owned and site.sessions.settings(account, song) or { precount = 0, pitch = 0 }
  -- A fresh page stands at its own levels, whatever the two-phase server had heard before.
  if request.session.mixes then request.session.mixes[song.id] = nil end
  local levels = request.query.levels and mix.levels(request.query.levels, #song.tracks) or mix.default(song)
  local download_class = variant == "legacy" and "download" or "custom__song-download"
  if not owned then download_class = download_class .. " addtocart" end
  return layout.page(site, request, {
    title = texts.title:format(song.artist, song.title),
    body = http.fill(body, {
      title = song.title,
      artist = song.artist,
      artist_path = layout.artist_path(song),
      bpm = song.bpm,
      id = song.id,
      key = texts.key,
      key_up = texts.key_up,
      key_down = texts.key_down,
      pitch = settings.pitch,
      key_changed = texts.key_changed,
      reload = texts.reload,
      presets_title = texts.presets,
      presets = presets(site, song),
      play = texts.play,
      reset = texts.reset,
      mixer = mixer(site, variant, song, levels, settings),
      download_class = download_class,
      loading = texts.loading,
      download_text = owned and texts.download or texts.add_to_cart,
    }),
    tail = http.fill(tail, { close = texts.close, page = page_data(site, song, account, settings) }),
  })
end

return M
