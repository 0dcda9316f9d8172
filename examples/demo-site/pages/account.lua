-- Signing in and out, the account, the bought files, the cart.

local part = ...
local http = part "http"
local layout = part "pages/layout"

local M = {}

local form <const> = [[
<h1>{title}</h1>
{=refused}<form class="form" method="post" action="/my/login.html">
  <label for="frm_login">{user}</label>
  <input type="text" name="frm_login" id="frm_login" autocomplete="username" value="{typed}">
  <label for="frm_password">{password}</label>
  <input type="password" name="frm_password" id="frm_password" autocomplete="current-password">
  <button type="submit" name="sbm" id="sbm" value="1">{title}</button>
</form>
<p class="hint">demo@example.com / demo</p>
]]

local function login_page(site, request, typed, refused)
  local texts = site.texts
  return layout.page(site, request, {
    title = texts.log_in,
    body = http.fill(form, {
      title = texts.log_in,
      user = texts.user,
      password = texts.password,
      typed = typed,
      refused = refused and ('<p class="form__error">%s</p>'):format(http.html(texts.refused)) or "",
    }),
  })
end

function M.login(site, request)
  if request.session.account then return http.redirect "/my/index.html" end
  return login_page(site, request, "", false)
end

local code_form <const> = [=[
<h1>{title}</h1>
<form class="form" method="post" action="/my/second_step.html">
  <label for="code">{code}</label>
  <input type="text" name="code" id="code" autocomplete="one-time-code">
  <button type="submit" id="code_ok">{title}</button>
</form>
<p class="hint">123456</p>
<script>
  setInterval(function () {
    fetch("/my/second_step.html").then(function (reply) { if (reply.redirected) location.href = reply.url; });
  }, 500);
</script>
]=]

local function code_page(site, request)
  site.log:add "second_asked"
  local texts = site.texts
  return layout.page(site, request, {
    title = texts.log_in, body = http.fill(code_form, { title = texts.log_in, code = texts.code_sent }),
  })
end

function M.sign_in(site, request)
  site:pause "login"
  local user = request.form.frm_login or ""
  if site.faults:value "second_factor" then
    request.session.half_signed = site.sessions:account(user, request.form.frm_password or "")
    if request.session.half_signed then return code_page(site, request) end
  end
  local session = site.sessions:sign_in(request.session, user, request.form.frm_password or "")
  if not session then return login_page(site, request, user, true) end
  return http.redirect("/my/index.html", { ["set-cookie"] = site.sessions.cookie(session) })
end

local function let_in(site, request)
  site.faults:set { second_factor = false }
  site.log:add "second_factor"
  local session = site.sessions:attach(request.session, request.session.half_signed)
  return http.redirect("/my/index.html", { ["set-cookie"] = site.sessions.cookie(session) })
end

-- POST /my/second_step.html: the code; until then the session is nobody's.
function M.second_step(site, request)
  if not request.session.half_signed then return http.redirect "/my/login.html" end
  if request.form.code ~= "123456" then return code_page(site, request) end
  return let_in(site, request)
end

-- GET: the page asks whether its owner has said yes on another device (POST /human.html).
function M.second_step_elsewhere(site, request)
  if request.session.half_signed and request.session.is_approved then return let_in(site, request) end
  return http.text ""
end

function M.sign_out(site, request)
  site.sessions:sign_out(request.session)
  local back = request.query.redirect
  if not back or not back:match "^/[^/]" then back = "/" end
  return http.redirect(back, { ["set-cookie"] = "karaoke-version=; Path=/; Max-Age=0" })
end

local function must_sign_in(request)
  return not request.session.account and http.redirect "/my/login.html"
end

function M.index(site, request)
  local refusal = must_sign_in(request)
  if refusal then return refusal end
  local account, texts = request.session.account, site.texts
  return layout.page(site, request, {
    title = texts.my_account,
    body = http.fill('<h1>{title}</h1><p>{hello}</p><p>{user}</p><p><a href="/my/download.html">{files}</a></p>', {
      title = texts.my_account,
      hello = texts.hello:format(account.name),
      user = account.user,
      files = texts.my_files:format(#site:bought(account)),
    }),
  })
end

function M.files(site, request)
  local refusal = must_sign_in(request)
  if refusal then return refusal end
  local account, lines = request.session.account, {}
  for i, song in ipairs(site:bought(account)) do
    lines[i] = layout.song_line(song):gsub("</li>", function()
      return ('<a class="song__file" href="begin_download.html?id=%d&amp;famid=5">MP3</a></li>'):format(
        site.builds:product(account, song)
      )
    end)
  end
  local title = site.texts.my_files:format(#lines)
  return layout.page(site, request, {
    title = title,
    body = ('<h1>%s</h1><ul class="songs">%s</ul>'):format(http.html(title), table.concat(lines)),
  })
end

function M.cart(site, request)
  local account = request.session.account
  local title = site.texts.cart:format(account and account.cart or 0)
  return layout.page(site, request, { title = title, body = "<h1>" .. http.html(title) .. "</h1>" })
end

return M
