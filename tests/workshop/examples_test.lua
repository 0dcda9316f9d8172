-- Every script in examples/ runs as it stands and prints what it says.

local karun = require "karun"
local t = require "karun.test"

local prints <const> = {
  ["01_title"] = "200\tShop\n",
  ["02_list"] = "3 things\n  Drum 20\n  Flute 35\n  Harp 900\ndear: Harp 900\nlast price: 900\n",
  ["03_form"] = "Mara gets a Flute as a gift.\n",
  ["04_wait"] = "3 left\nfirst to be true: there\n",
  ["05_popup"] = "Ask away.\n1 page left\n",
  ["06_download"] = "list.csv\t26\nDrum,20\n",
  ["07_tasks"] = "200\tHelp\ngot 1\ngot 2\ngot 3\n",
  ["08_route"] = "200\tok\nsold out\n",
  ["09_session"] = "true\nwho=Mara, seen: yes\n",
  ["10_fetch"] = '200\t26\n["Flute",35]\n["Drum",20]\n',
  ["11_errors"] = "false\tnot_found\ttext=Trumpet\nHelp\t3\n",
  ["12_screenshot"] = "goods.png\ttrue\npage.pdf\ttrue\nwindow.png\ttrue\nhello 1\n",
  ["13_flow"] = "Drum\nFlute\n",
  ["14_serve"] = "Hello Mara\nyou said hi\n",
}

local function lines_of(text)
  local _, n = text:gsub("\n", "")
  return n
end

for _, path in ipairs(karun.file.glob "examples/[0-9]*.lua") do
  local name = path:match "([^/]+)%.lua$"
  t.test("examples/" .. name, { timeout = 90 }, function()
    local got = t.run { "--quiet", path }
    t.equal(got.code, 0, got.err)
    t.equal(got.out, prints[name])
    t.ok(lines_of(karun.file.read(path)) < 40, "it is short")
  end)
end

t.test("all examples are there", function()
  for name in pairs(prints) do
    t.ok(karun.file.exists("examples/" .. name .. ".lua"), name)
  end
end)
