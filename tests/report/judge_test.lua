-- The verdict of a comparison: exact, careful with few runs.

local judge = require "karun.report.judge"
local t = require "karun.test"

t.test("chances are exact: all orders counted, ties by middle ranks", function()
  local above, below = judge.chances({ 1, 2, 3 }, { 4, 5, 6 })
  t.ok(math.abs(above - 1 / 20) < 1e-12)
  t.equal(below, 1.0)
  above = judge.chances({ 1, 2, 4, 5 }, { 3, 6, 7, 8 })
  t.ok(math.abs(above - 4 / 70) < 1e-12) -- rank sums 10 (1 way), 11 (1), 12 (2)
  above, below = judge.chances({ 1, 1, 1 }, { 1, 1, 1 })
  t.equal(above, 1.0)
  t.equal(below, 1.0)
end)

t.test("no verdict below three runs a side, whatever the difference", function()
  t.equal(judge.compare({ 1, 1.1 }, { 9, 9.1, 9.2 }).verdict, "unclear")
  t.match(judge.compare({ 1 }, { 9 }).why, "fewer than 3")
  t.equal(judge.compare({ 1, 1.1, 1.2 }, { 9, 9.1, 9.2 }).verdict, "worse")
  t.equal(judge.compare({ 9, 9.1, 9.2 }, { 1, 1.1, 1.2 }).verdict, "better")
end)

t.test("overlap, smallness and spread are unclear", function()
  t.match(judge.compare({ 10, 11, 12 }, { 11.5, 12.5, 13.5 }).why, "chance")
  t.match(judge.compare({ 10, 10.01, 10.02 }, { 10.1, 10.11, 10.12 }).why, "too small")
  t.match(judge.compare({ 10, 12, 14 }, { 14.5, 15, 15.2 }).why, "spread")
  t.match(judge.compare({}, { 1 }).why, "no figures")
end)

t.test("one wild run does not decide", function()
  t.equal(judge.compare({ 10, 10.2, 10.1, 10.3, 10.2 }, { 10.1, 10.2, 10.3, 10.1, 60 }).verdict, "unclear")
end)

t.test("the same distribution is rarely told apart", function()
  local state = 7
  local function noise()
    state = (state * 1103515245 + 12345) % 2147483648
    return 10 + 2 * state / 2147483648
  end
  local wrong = 0
  for _ = 1, 300 do
    local a, b = {}, {}
    for i = 1, 5 do a[i], b[i] = noise(), noise() end
    if judge.compare(a, b).verdict ~= "unclear" then wrong = wrong + 1 end
  end
  t.ok(wrong <= 12, wrong .. " of 300 were told apart")
end)
