-- Addresses of a site: every one derives from the site table's base_url or from the song's own host.

local M = {}

-- scheme://host[:port], path (with query; "/" when empty), or nil for what is no web address.
function M.split(url)
  local scheme, host, path = url:match("^(https?)://([^/?#]+)([^#]*)")
  if not scheme then return nil end
  if path:sub(1, 1) ~= "/" then path = "/" .. path end
  return scheme .. "://" .. host, path
end

function M.host(url)
  local base = M.split(url)
  return base and base:match("//(.+)$")
end

-- The address of a path on the host of `base`.
function M.join(base, path)
  local origin = M.split(base) or base
  if path:sub(1, 1) ~= "/" then path = "/" .. path end
  return origin .. path
end

-- What a person gave for a song (address or bare path) -> the address to open, or nil and why not.
-- With base_url set on the command line, every song is taken there.
function M.song(site, given)
  given = given:match("^%s*(.-)%s*$")
  local origin, path = M.split(given)
  if not origin and given:match("^[%w.-]+%.%a+/") then
    origin, path = M.split("https://" .. given)
  end
  if not origin then
    if given:match("^%a[%w+.-]*:") then return nil, ("`%s` is no web address"):format(given) end
    path = given:sub(1, 1) == "/" and given or "/" .. given
    local longer = site.paths.song:gsub("/$", "") .. path -- "artist/song.html" will do
    if not path:match(site.song_pattern) and longer:match(site.song_pattern) then path = longer end
    origin = site.base_url
  end
  if site.pinned then origin = site.base_url end
  local at_base = M.host(origin) == M.host(site.base_url)
  if not at_base and not (site.hosts and site.hosts[M.host(origin)]) then
    return nil, ("`%s` is not on %s, nor on one of its regional hosts"):format(given, M.host(site.base_url))
  end
  if not at_base and not path:match(site.song_pattern) then
    return nil, ("`%s` is no song's address; those look like %s%sartist/song.html"):format(given, origin,
      site.paths.song)
  end
  return M.join(origin, path)
end

-- A host of the site as a person names it (a host, or any address on it) -> scheme://host, or nil and why not.
function M.origin(site, given)
  local origin = M.split(given) or M.split("https://" .. given)
  local host = origin and M.host(origin)
  if host == M.host(site.base_url) or site.pinned then return site.base_url end
  if site.hosts and site.hosts[host] then return origin end
  return nil, ("`%s` is neither %s nor one of its regional hosts"):format(given, M.host(site.base_url))
end

-- A page of the site by its name in `site.paths`, on the host of `near` (a song's address) when given.
function M.page(site, name, near, values)
  local path = site.paths[name]:gsub("{(%w+)}", function(key)
    return M.encode(tostring(values and values[key] or ""))
  end)
  return M.join(near and M.split(near) or site.base_url, path)
end

-- The language of the host an address is on ("en" when unknown).
function M.language(site, url)
  return site.hosts and site.hosts[M.host(url)] or "en"
end

function M.encode(text)
  return (text:gsub("[^%w%-._~]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

return M
