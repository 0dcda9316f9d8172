-- The pages all drivers work on. Prints its address, serves until it is killed. `/ended` tells when the
-- last byte of the last file was handed out, on the machine's one monotonic clock.

local karun = require "karun"

local function page(title, body)
  return { headers = { ["content-type"] = "text/html; charset=utf-8", ["cache-control"] = "no-store" },
    body = "<!doctype html><title>" .. title .. "</title>" .. body }
end

local form = [[<style>body{margin:40px}</style><button id="go">Go</button> <input id="name" value="old">
<script>var hits = 0; document.querySelector("#go").onclick = (e) => { if (e.isTrusted) hits++; };</script>]]

local wait = [[<a id="get" href="/file">file</a><script>
var changed_at;
function later(ms) {
  const old = document.querySelector("#late");
  if (old) old.remove();
  setTimeout(() => {
    const made = document.createElement("p");
    made.id = "late";
    made.textContent = "here";
    changed_at = performance.now();
    document.body.append(made);
  }, ms);
}
</script>]]

local function many()
  local parts = {}
  for i = 0, 49999 do
    parts[#parts + 1] = i % 50 == 0 and ('<p class="hit" id="hit%d">text %d</p>'):format(i // 50, i) or ("<p>text %d</p>"):format(i)
  end
  return page("many", table.concat(parts))
end

local bytes = ("karun bench "):rep(80000)
local PIECE = 65536
local ended = 0
local whole = many()

local server <close> = karun.serve {
  routes = {
    ["GET /title"] = function() return page("cold", "hello") end,
    ["GET /form"] = function() return page("form", form) end,
    ["GET /wait"] = function() return page("wait", wait) end,
    ["GET /many"] = function() return whole end,
    ["GET /file"] = function()
      local sent = 0
      return {
        headers = { ["content-type"] = "application/octet-stream", ["content-disposition"] = 'attachment; filename="file.bin"',
          ["content-length"] = tostring(#bytes), ["cache-control"] = "no-store" },
        body = function()
          if sent >= #bytes then
            ended = karun.now()
            return nil
          end
          -- the last piece comes when the browser has long begun: its beginning (13 ms) is not its end
          if sent + PIECE >= #bytes then karun.sleep(0.15) end
          local piece = bytes:sub(sent + 1, sent + PIECE)
          sent = sent + #piece
          return piece
        end,
      }
    end,
    ["GET /ended"] = function()
      return { headers = { ["content-type"] = "application/json" }, body = ('{"value":%.6f}'):format(ended) }
    end,
  },
}
io.stdout:write(server.url, "\n")
io.stdout:flush()
karun.sleep(math.huge)
