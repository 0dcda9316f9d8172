local t = require "karun.test"
local units = require "karun.units"

t.test("durations", function()
  for text, seconds in pairs { ["250ms"] = 0.25, ["8s"] = 8, ["2m"] = 120, ["24h"] = 86400, ["1.5"] = 1.5,
    [".5s"] = 0.5 } do
    t.equal(units.duration(text), seconds, text)
  end
  t.equal(units.duration(3), 3)
  t.equal(units.duration(math.huge), math.huge)
end)

t.test("durations: what is none", function()
  for _, bad in ipairs { "soon", "8 parsecs", "", "-3s", "3s3", "s" } do
    local value, why = units.duration(bad)
    t.equal(value, nil, bad)
    t.match(why, "duration")
  end
  t.equal(units.duration(-1), nil)
  t.equal(units.duration(0 / 0), nil)
end)

t.test("sizes", function()
  for text, bytes in pairs { ["500k"] = 512000, ["2M"] = 2097152, ["1G"] = 1073741824, ["12"] = 12, ["1.5k"] = 1536,
    ["3kB"] = 3072, ["7B"] = 7 } do
    t.equal(units.size(text), bytes, text)
    t.equal(math.type(units.size(text)), "integer")
  end
  for _, bad in ipairs { "big", "2X", "-1", "1.5.2k" } do
    t.equal(units.size(bad), nil, bad)
  end
end)

t.test("for a reader", function()
  t.equal(units.show_duration(0.25), "250ms")
  t.equal(units.show_duration(8), "8s")
  t.equal(units.show_duration(90), "1m 30s")
  t.equal(units.show_duration(86400), "24h")
  t.equal(units.show_size(512), "512 B")
  t.equal(units.show_size(8650752), "8.2 MB")
end)
