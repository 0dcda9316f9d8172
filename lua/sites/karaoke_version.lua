-- karaoke-version.com: addresses, selectors and texts. Data only; this is the file to edit when the
-- site has changed (`karun doctor` says what no longer matches). Selectors are lists, best first:
-- the first that matches is used, and a match further down is reported as drift.

-- luacheck: no max line length
return {
  name = "karaoke_version",
  kind = "mixer", -- a site with a mixer: the shipped flows work on it, and all they need must be here
  title = "Karaoke Version",
  variants = { "legacy", "newer" }, -- markups the site serves by turns: the first and second entry of the mixer's selectors
  revision = 1, -- raised with each change here, so that an older copy of yours can be told

  -- the English site; a song address of a regional host below keeps its host, sign-in included
  base_url = "https://www.karaoke-version.com",

  -- regional hosts with the same paths, and their language
  hosts = {
    ["www.karaoke-version.com"] = "en",
    ["www.karaoke-version.co.uk"] = "en",
    ["www.karaoke-version.de"] = "de",
    ["www.version-karaoke.es"] = "es",
    ["www.versione-karaoke.it"] = "it",
    ["www.karaoke-versie.nl"] = "nl",
    ["www.version-karaoke.fr"] = "fr",
  },

  paths = {
    home = "/",
    login = "/my/login.html", -- /login answers 404 since 2026
    account = "/my/index.html", -- sends to the login page when signed out
    files = "/my/download.html",
    logout = "/logout.html",
    search = "/custombackingtrack/search.html?query={query}",
    song = "/custombackingtrack/", -- what a song's address begins with
    basket = "/basket.php", -- asks for a build
    begin = "/my/begin_download.html", -- is it built yet
    waitfor = "/my/waitfor_build", -- long wait for a build
  },

  -- captures artist and song slug from a song's path
  song_pattern = "^/custombackingtrack/([^/]+)/([^/?]+)%.html",

  selectors = {
    -- sign-in
    login_form = { "#frm_login", "input[name='frm_login']", "form[action*='login'] input[type='text']", "input[type='email']" }, -- proves the form is here
    user = { "#frm_login", "input[name='frm_login']", "input[type='email']", "input[name*='user']" }, -- name or e-mail
    password = { "#frm_password", "input[name='frm_password']", "input[type='password']" },
    submit = { "#sbm", "[name='sbm']", "form button[type='submit']", "form input[type='submit']" },
    login_error = { ".error", ".alert-error", ".form__error", ".message--error" }, -- shown after a wrong password
    second_step = { "input[autocomplete='one-time-code']", "input[name*='otp']", "input[name*='code']:not([type='hidden'])" }, -- a code after the password: a person's business
    signed_in = { "a[href*='/logout.html']", "a[href*='/my/download.html']" }, -- the positive sign, in every language
    signed_out = { ".navigation a[href*='/my/login.html']", "a[href*='/my/login.html']" },
    overlay_close = { "#onetrust-accept-btn-handler", "#cookie-banner button", ".cookie-banner button", "#cookie-accept", "#newsletter button", "[id*='newsletter'] [class*='close']", "[class*='cookie'] button[class*='accept']" }, -- what covers the page now and then
    cookie_accept = { "#onetrust-accept-btn-handler", ".cookie-banner button", ".cc-allow", "#cookie-accept" }, -- overlay that covers the page

    -- mixer: the first entry is the legacy markup, the second the newer one
    mixer = { "div.mixer", ".custom__mixer-container" }, -- the container; a song page has it and `download`
    row = { ".track[data-index]", ".custom__mixer-track-line[data-index]" }, -- one a track, keyed by data-index from 0
    caption = { ".track__caption", ".custom__mixer-track-caption-name" }, -- in the row; legacy: the last text in it is the name
    solo = { "button.track__solo", ".track__controls.track__solo" }, -- in the row; lit means the class token below
    mute = { "button.track__mute", ".track__controls.track__mute" }, -- in the row
    volume = { "input.volume", "input[type='range'].volume" }, -- in the row, 0 to 100 by 10
    panner = { "input.panner" }, -- in the row, -100 to 100
    reset = { "button.mixer__reset" }, -- disabled until something was changed
    play = { ".mixer__play" },
    preset = { "#presets a.preset[data-preset]" },
    count_in = { "#precount", "input[name='precount']" }, -- in track 0's caption; absent without a click row
    key_value = { "span.pitch__value", ".pitch__value" }, -- whole number as text
    key_up = { "button.pitch__button[onclick*='+']", ".pitch__button:last-of-type" }, -- never by title: it is translated
    key_down = { "button.pitch__button[onclick*='-']", ".pitch__button:first-of-type" },
    bpm = { ".song-bpm", "[class*='bpm']", "[class*='tempo']" }, -- shown only: the site changes no tempo
    key_reload = { "a#pitch-link", "#pitch-link" }, -- the new key counts only after this
    title = { "h1 .song__title", "h1", "meta[property='og:title']" },
    artist = { ".breadcrumb a[href*='/custombackingtrack/']:last-of-type", "h1 a[href^='/custombackingtrack/']", "a[href^='/custombackingtrack/'][href$='/']" },

    -- download
    download = { "a.download", "a.custom__song-download", "a[class*='download'][id^='link_addcart_']" }, -- check `buy_class` before any press
    loader = { "#mixprod_loader" }, -- shown while a build is asked for
    ready = { ".modal__overlay.is-open .begin-download", ".modal__overlay.is-open" }, -- .modal alone is always there
    file_link = { ".modal__overlay.is-open a.begin-download__manual-download", ".modal__overlay.is-open .begin-download a[href*='.mp3']" }, -- its href is the file
    file_link_anywhere = { "a.begin-download__manual-download", ".begin-download a[href*='.mp3']" }, -- in a window of its own
    modal_close = { ".modal__overlay.is-open button.js-modal-close", "button.modal__close[data-action='close']" }, -- left open it covers the mixer

    -- search
    result = { "a.song__name[href$='.html']" },
    result_artist = { "a[href^='/custombackingtrack/'][href$='/']" }, -- beside the result
  },

  classes = {
    solo_active = "is-active", -- whole class token; `track__controls` holds "on" and `inactive` holds "active"
    buy = "addtocart", -- on the download link of a song that is not bought: never press
    modal_open = "is-open",
  },

  -- expressions that the page answers
  probes = {
    mixer_ready = "window.mixer && typeof mixer.getMix === 'function' && !!mixer.tracks", -- before it presses are lost
  },

  attributes = {
    index = "data-index", -- counts from 0 and keeps the site's numbering
    preset = "data-preset", -- a ready-made mix as its mix string
  },

  -- parts of the order's address (paths.basket)
  query = { levels = "trackslevels" }, -- the mix that is ordered: `1,0.2,100.3,100`

  -- answers of the build requests, compared without case
  headers = {
    building = "x-mutli-building", -- sic: the wait address while the mix is built
    file = "x-file-href", -- the address of the finished file
  },

  session = { cookie = "karaoke-version", signed_in_part = "|u-i:" }, -- the cookie's value once someone is signed in

  -- a page with one of these asks for a person; we stop there
  challenge = {
    titles = { "Suspicious activity has been detected", "Just a moment", "Client Challenge", "Attention Required" },
    markers = { "cdn-cgi/challenge-platform", "cf-turnstile", "/_fs-ch-", "g-recaptcha", "h-captcha" },
  },

  -- the server's file name: Artist_Song(Track_Name_Custom_Backing_Track).mp3; read backwards, titles hold parentheses too
  label = {
    suffix = "Custom_Backing_Track)", -- every label ends so, before the extension
    mix = "(Custom_Backing_Track)", -- bare: the full mix
    space = "_", -- stands for a blank
    click = "Click", -- what the click row is called there
  },

  key = { low = -12, high = 12 }, -- semitones; wider is refused before any browser starts. What a song itself allows is seen at its buttons

  -- visible texts, only where nothing better than words tells; any language's text counts on any host
  texts = {
    en = { signed_in = { "My Account", "Log Out" }, signed_out = { "Log in" }, count_in = { "Intro count" }, building = { "is being generated" } },
    de = { signed_in = { "Mein Konto", "Abmelden" }, signed_out = { "Anmelden" }, count_in = { "Intro" } },
    es = { signed_in = { "Mi cuenta" }, signed_out = { "Iniciar sesión" } },
    it = { signed_in = { "Il mio account" }, signed_out = { "Accedi" } },
    nl = { signed_in = { "Mijn account" }, signed_out = { "Inloggen" } },
    fr = { signed_in = { "Mon compte" }, signed_out = { "Se connecter" } },
  },
}
