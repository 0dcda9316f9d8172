-- Makes the pictures of docs/editing.md from real runs on the demo site: what the selectors of the site
-- table point at, what the doctor says of a broken one, and what a failed flow keeps.
--   build/bin/karun scripts/pictures.lua [FOLDER]     default: docs/pictures

local karun = require "karun"
local proc = require "karun.native.proc"

local folder = karun.args[1] or "docs/pictures"
local path = "examples/demo-site/init.lua"
local demo = loadfile(path, "t", _ENV)("demo_site", path)
local song = "/custombackingtrack/the-paper-lanterns/night-drive.html"

-- karun as a person runs it, in a place of its own -> what it said
local function run(home, argv)
  local env = { "HOME=" .. home, "PATH=" .. os.getenv "PATH", "KARUN_USERNAME=" .. demo.user, "KARUN_PASSWORD=" .. demo.password }
  local child = proc.start { argv = { "/proc/self/exe", table.unpack(argv) }, env = env, cwd = home, capture = true }
  child:wait(120)
  local said = child:out() .. child:err()
  child:close()
  return said
end

local function terminal(page, file, command, text)
  page:set_html [[<style>body { margin: 0; background: #1d1f21; color: #e6e6e6 } pre { font: 14px/1.5 monospace; margin: 1em;
    white-space: pre-wrap } b { color: #8abeb7 } i { color: #f0c674; font-style: normal }</style><pre></pre>]]
  page:eval([[(command, text) => {
    const pre = document.querySelector('pre'), line = document.createElement('b');
    line.textContent = '$ ' + command + '\n';
    pre.append(line);
    for (const one of text.trimEnd().split('\n')) {
      const part = document.createElement(/ (fail|fix|best|drift) /.test(one) || /^(diff|wrote)/.test(one) ? 'i' : 'span');
      part.textContent = one + '\n';
      pre.append(part);
    }
  }]], command, text)
  page:screenshot(folder .. "/" .. file, { clip = page:box "pre" })
end

local function only(text, pattern)
  local out = {}
  for line in text:gmatch "[^\n]+" do
    if line:find(pattern) then out[#out + 1] = line:sub(1, 118) end
  end
  return table.concat(out, "\n")
end

-- Frames with names around what a site table's selectors find.
local MARK = [[(marks) => {
  for (const [name, selectors, colour] of marks) for (const selector of selectors) {
    const all = [...document.querySelectorAll(selector)];
    all.slice(0, name === 'row' ? 3 : name === 'download' ? 1 : 3).forEach((element, i) => {
      element.style.outline = '3px solid ' + colour;
      if (i > 0) return;
      const box = element.getBoundingClientRect(), label = document.createElement('div');
      label.textContent = name;
      label.style = `position:absolute;left:${box.left + scrollX}px;top:${box.top + scrollY - 20}px;background:${colour};`
        + 'color:white;font:bold 13px sans-serif;padding:1px 6px;z-index:9999';
      document.body.append(label);
    });
    if (all.length) break;
  }
}]]

local function mixer_picture(site, page)
  page:open(site.url .. song)
  local sel = karun.site("karaoke_version").selectors
  page:wait_js "window.mixer && mixer.tracks"
  page:eval(MARK, { { "row", sel.row, "#4271ae" }, { "caption", sel.caption, "#718c00" }, { "solo", sel.solo, "#c82829" },
    { "download", sel.download, "#8959a8" } })
  page:screenshot(folder .. "/mixer.png", { clip = { 0, 0, 1000, 640 } })
end

local function doctor_picture(site, page, home)
  karun.file.mkdir(home .. "/sites")
  karun.file.write(home .. "/sites/karaoke_version.lua", 'return {\n  selectors = {\n    solo = { "button.solo-old" },\n  },\n}\n')
  local said = run(home, { "doctor", "--site", "karaoke_version", "--set", "site.base_url=" .. site.url, song, "--write" })
  terminal(page, "doctor.png", "karun doctor --site karaoke_version URL --write",
    only(said, "^row ") .. "\n" .. only(said, "^caption ") .. "\n" .. only(said, "^solo ")
      .. "\n" .. only(said, "^diff .*solo") .. "\n" .. only(said, "^wrote"))
end

local function failure_picture(site, page, home)
  site.faults:set { cookie_overlay = true }
  karun.file.write(home .. "/look.lua", ([[
local karun = require "karun"
local browser <close> = karun.launch()
local page = browser:page()
page:open "%s"
page:click(".mixer__play", { timeout = 1 })
]]):format(site.url .. song))
  local said = run(home, { "look.lua" })
  terminal(page, "error.png", "karun look.lua", (said:gsub("warn: [^\n]*\n", "")
    :gsub(home:gsub("%p", "%%%0"), "~"):gsub("http://127%.0%.0%.1:%d+", "https://…")))
  local picture = said:match "screenshot: (%S+)"
  if picture then karun.file.copy(picture, folder .. "/failure.png", { replace = true }) end
end

karun.file.mkdir(folder)
local site <close> = demo.start {}
local home = karun.file.temp()
local browser <close> = karun.launch { viewport = { 1000, 640 } }
local page = browser:page()
mixer_picture(site, page)
doctor_picture(site, page, home)
failure_picture(site, page, home)
for _, name in ipairs(karun.file.list(folder)) do
  print(("%s/%s (%d bytes)"):format(folder, name, karun.file.stat(folder .. "/" .. name).size))
end
