-- Files of a folder as answers: content types, ETag, conditions, one range. Never outside the folder,
-- also not by a link.

local answers = require "karun.serve.answer"
local native = require "karun.native.serve"

local M = {}

local types = {
  html = "text/html; charset=utf-8", htm = "text/html; charset=utf-8", css = "text/css; charset=utf-8",
  js = "text/javascript; charset=utf-8", mjs = "text/javascript; charset=utf-8", json = "application/json",
  map = "application/json", txt = "text/plain; charset=utf-8", csv = "text/csv; charset=utf-8",
  md = "text/plain; charset=utf-8",
  xml = "application/xml", svg = "image/svg+xml", png = "image/png", jpg = "image/jpeg", jpeg = "image/jpeg",
  gif = "image/gif", webp = "image/webp", ico = "image/x-icon", woff = "font/woff", woff2 = "font/woff2",
  mp3 = "audio/mpeg", wav = "audio/wav", ogg = "audio/ogg", m4a = "audio/mp4", mp4 = "video/mp4", webm = "video/webm",
  pdf = "application/pdf", zip = "application/zip", wasm = "application/wasm",
}

function M.content_type(path)
  local extension = path:match("%.([%w]+)$")
  return types[extension and extension:lower()] or "application/octet-stream"
end

-- The Unix seconds of an HTTP date, or nil.
local months = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6,
  Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12 }
local date_form <const> = "^%a+, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$"

function M.date(text)
  local day, month, year, hour, min, sec = (text or ""):match(date_form)
  if not month or not months[month] then return nil end
  local y, m = tonumber(year), months[month]
  if m <= 2 then y, m = y - 1, m + 12 end -- days of the civil calendar, years that begin in March
  local days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * (m - 3) + 2) // 5 + tonumber(day) - 719469
  return days * 86400 + tonumber(hour) * 3600 + tonumber(min) * 60 + tonumber(sec)
end

local function lists(header, etag)
  if header:match("^%s*%*%s*$") then return true end
  for one in header:gmatch('"[^"]*"') do
    if one == etag then return true end
  end
  return false
end

local function is_unchanged(headers, etag, mtime)
  if headers["if-none-match"] then return lists(headers["if-none-match"], etag) end
  local since = M.date(headers["if-modified-since"])
  return since ~= nil and math.floor(mtime) <= since
end

-- -> first, last (from 0) | nil: all of it | false: cannot be satisfied. Several ranges: all of it.
local function wanted_range(headers, size, etag, mtime)
  local range, condition = headers.range, headers["if-range"]
  if not range then return nil end
  if condition and condition ~= etag and M.date(condition) ~= math.floor(mtime) then return nil end
  local first, last = range:match("^bytes=(%d*)%-(%d*)$")
  first, last = math.tointeger(tonumber(first)), math.tointeger(tonumber(last))
  if not first and not last then return nil end
  if first and last and last < first then return nil end
  if not first then first, last = math.max(0, size - last), last > 0 and size - 1 or -1 end
  last = math.min(last or size - 1, size - 1)
  if first > last then return false end
  return first, last
end

-- The answer for one file that is open already; `answer` may say status and headers of its own.
local function answer_file(request, path, file, size, mtime, answer)
  local headers = {}
  for name, value in pairs(answer.headers or {}) do
    headers[name:lower()] = value
  end
  answer.headers = headers
  local etag = headers.etag or ('"%x-%x"'):format(size, math.floor(mtime * 1e6))
  headers.etag = etag
  headers["last-modified"] = headers["last-modified"] or os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(mtime))
  if answer.status == nil and is_unchanged(request.headers, etag, mtime) then
    answer.status = 304
    return answer
  end
  headers["content-type"] = headers["content-type"] or M.content_type(path)
  headers["accept-ranges"] = headers["accept-ranges"] or "bytes"
  local first, last
  if answer.status == nil then first, last = wanted_range(request.headers, size, etag, mtime) end
  if first == false then return answers.plain(416, { ["content-range"] = "bytes */" .. size }) end
  if first then
    answer.status = 206
    headers["content-range"] = ("bytes %d-%d/%d"):format(first, last, size)
  end
  first, last = first or 0, last or size - 1
  answer.part = { file = file, offset = first, length = last - first + 1 }
  return answer
end

-- answer.file: a path the handler chose.
function M.of_answer(request, answer)
  local folder = answer.file:match("^(.*)/[^/]*$") or "."
  local file, size, mtime = native.open_file(folder == "" and "/" or folder, answer.file)
  if not size then return answers.plain(404) end
  return answer_file(request, answer.file, file, size, mtime, answer)
end

-- A request's path below folder.
function M.of_folder(request, folder)
  for segment in request.path:gmatch("[^/]+") do
    if segment == ".." then return answers.plain(404) end
  end
  local path = folder .. request.path
  if path:sub(-1) == "/" then path = path .. "index.html" end
  local file, size, mtime = native.open_file(folder, path)
  if file == "folder" then
    return { status = 301, headers = { location = request.url:match("^[^?]*") .. "/" } }
  end
  if not size then return answers.plain(404) end
  return answer_file(request, path, file, size, mtime, {})
end

return M
