-- Values from the page and to it: nothing changes on the way, or it is a clear error.

local karun = require "karun"
local t = require "karun.test"

local null = karun.json.null

local function kind(value)
  return math.type(value) or type(value)
end

t.test("whole numbers are integers up to 2^53, others floats", function()
  local page = t.page()
  for js, want in pairs {
    ["0"] = 0, ["1"] = 1, ["-7"] = -7, ["2 ** 31"] = 2 ^ 31 | 0, ["2 ** 53"] = 1 << 53, ["-(2 ** 53)"] = -(1 << 53), ["1e3"] = 1000,
  } do
    t.equal(page:eval(js), want, js)
    t.equal(kind(page:eval(js)), "integer", js)
    t.same(page:eval("[" .. js .. "]"), { want })
    t.equal(kind(page:eval("[" .. js .. "]")[1]), "integer", js)
  end
  for js, want in pairs { ["0.5"] = 0.5, ["1e300"] = 1e300, ["2 ** 60"] = 2.0 ^ 60, ["5e-324"] = 5e-324 } do
    t.equal(page:eval(js), want, js)
    t.equal(kind(page:eval(js)), "float", js)
    t.equal(page:eval("({ x: " .. js .. " })").x, want, js)
  end
end)

t.test("NaN, the infinities and -0 are kept, alone and nested", function()
  local page = t.page()
  local nan, inf, minus, zero = page:eval("NaN"), page:eval("Infinity"), page:eval("-Infinity"), page:eval("-0")
  t.ok(nan ~= nan)
  t.same({ inf, minus }, { math.huge, -math.huge })
  t.equal(1 / zero, -math.huge)
  local list = page:eval("[NaN, Infinity, -Infinity, -0]")
  t.ok(list[1] ~= list[1])
  t.same({ list[2], list[3], 1 / list[4] }, { math.huge, -math.huge, -math.huge })
end)

t.test("booleans, null, undefined, functions and symbols", function()
  local page = t.page()
  t.equal(page:eval("true"), true)
  t.equal(page:eval("false"), false)
  t.equal(page:eval("null"), null)
  t.equal(page:eval("undefined"), nil)
  t.equal(page:eval("Symbol('x')"), nil)
  t.equal(page:eval("() => () => 1"), nil)
  t.same(page:eval("[undefined, null, () => 1, Symbol('x'), 1]"), { null, null, null, null, 1 })
  t.same(page:eval("({ a: undefined, b: null, c: () => 1, d: false })"), { b = null, d = false })
end)

t.test("strings: empty, NUL, emoji, RTL, NFC against NFD, lone surrogates", function()
  local page = t.page()
  for js, want in pairs {
    ["''"] = "", ["'a\\0b\\0'"] = "a\0b\0", ["'\\u{1F3B5}'"] = "\u{1F3B5}", ["'\\u05E9\\u200F'"] = "\u{5E9}\u{200F}",
    ["'\\u00FC'"] = "\u{FC}", ["'u\\u0308'"] = "u\u{308}", ["'x\\uD800y'"] = "x\u{FFFD}y", ["'\\uFDD0'"] = "\u{FDD0}",
    ["'\"\\\\\\n\\t'"] = "\"\\\n\t",
  } do
    t.equal(page:eval(js), want, js)
    t.same(page:eval("({ [" .. js .. "]: [" .. js .. "] })"), { [want] = { want } }, js)
    if not js:find("uD800", 1, true) then
      t.equal(page:eval("(s) => s", want), want, js)
      t.equal(page:eval("(s) => s === " .. js, want), true, js)
      t.same(page:eval("(o) => o", { [want] = { want } }), { [want] = { want } }, js)
    end
  end
end)

t.test("a string of 10 MB comes and goes whole", function()
  local page = t.page()
  local big = page:eval("'0123456789'.repeat(1e6)")
  t.equal(#big, 10000000)
  t.equal(big, ("0123456789"):rep(1000000))
  t.equal(page:eval("(s) => s.length", big), 10000000)
end)

t.test("nested tables; an empty list is not an empty object, either way", function()
  local page = t.page()
  t.same(page:eval("({ a: [1, { b: [[], {}] }], c: { d: null } })"), { a = { 1, { b = { {}, {} } } }, c = { d = null } })
  local function is_list(value)
    return karun.json.encode(value) == "[]"
  end
  t.ok(is_list(page:eval("[]")))
  t.ok(not is_list(page:eval("({})")))
  t.ok(is_list(page:eval("[[]]")[1]))
  t.same(page:eval("(a, b, c) => [a, b, c].map((x) => JSON.stringify(x))", karun.json.array {}, {}, { karun.json.array {} }),
    { "[]", "{}", "[[]]" })
  t.equal(page:eval("(v) => JSON.stringify(v)", { a = { 1, 2.5, "x", true, null }, b = { c = {} } }):gsub("%s", ""):len() > 0, true)
  t.same(page:eval("(v) => [v.a[1], v.a[4], v.a.length, typeof v.b.c]", { a = { 1, 2.5, "x", true, null }, b = { c = {} } }),
    { 2.5, null, 5, "object" })
end)

t.test("arguments: numbers JSON lacks, null and nil, their count", function()
  local page = t.page()
  t.same(page:eval("(...a) => a.map((x) => Object.is(x, -0) ? '-0' : String(x))", 0 / 0, math.huge, -math.huge, -0.0, 7, 7.0),
    { "NaN", "Infinity", "-Infinity", "-0", "7", "7" })
  t.same(page:eval("(o) => o.l.map((x) => Object.is(x, -0) ? '-0' : String(x))", { l = { 0 / 0, -0.0, math.huge, (1 << 53) + 1 } }),
    { "NaN", "-0", "Infinity", "9007199254740993" })
  t.same(page:eval("(a, b) => [a === null, b === undefined]", null, nil), { true, true })
  t.equal(page:eval("(...a) => a.length"), 0)
  t.equal(page:eval("(...a) => a.length", 1, nil, 3), 3)
end)

t.test("values with code in them are data", function()
  local page = t.page()
  for _, text in ipairs { "'); throw 1; ('", "`${1}`", "%s %d %%", "</script>", "\\", "\u{2028}" } do
    t.equal(page:eval("(s) => s", text), text)
  end
end)

t.test("BigInt as its digits, a Date as ISO text, maps and sets as tables", function()
  local page = t.page()
  t.equal(page:eval("2n ** 64n"), "18446744073709551616")
  t.equal(page:eval("new Date(0)"), "1970-01-01T00:00:00.000Z")
  t.same(page:eval("[10n, new Date(0)]"), { "10", "1970-01-01T00:00:00.000Z" })
  t.same(page:eval("({ m: new Map([['a', 1]]), s: new Set([1, 2]) })"), { m = { a = 1 }, s = { 1, 2 } })
  t.equal(page:eval("(x) => typeof x", 1 << 60), "bigint")
end)

t.test("promises are awaited, thenables too; one that fails or never ends", function()
  local page = t.page()
  t.equal(page:eval("Promise.resolve(7)"), 7)
  t.equal(page:eval("async () => { await 0; return 'late'; }"), "late")
  t.equal(page:eval("({ then(done) { done(3); } })"), 3)
  t.match(t.error("script", page.eval, page, "Promise.reject(new Error('no'))").message, "no")
  t.match(t.error("script", page.eval, page, "Promise.reject('plain')").message, "plain")
  local other = page.context:page { timeout = 0.2 }
  local err = t.error("timeout", other.eval, other, "new Promise(() => {})")
  t.equal(err.timed_out, true)
  t.match(err.message, "eval")
  t.error("timeout", karun.timeout, 0.05, function() page:eval("new Promise(() => {})") end)
end)

t.test("errors of the page: message, stack, place in our script", function()
  local page = t.page()
  local err = t.error("script", page.eval, page, "() => { function deep() { throw new TypeError('bad thing'); } deep(); }")
  t.match(err.message, "TypeError: bad thing")
  t.match(err.stack, "at deep")
  t.match(tostring(err), "values_test.lua")
  t.match(t.error("script", page.eval, page, "() => { throw 'a text'; }").message, "a text")
  t.match(t.error("script", page.eval, page, "() => { throw { code: 7 }; }").message, "Object")
  t.match(t.error("script", page.eval, page, "() => { throw null; }").message, "null")
  t.match(t.error("script", page.eval, page, "no.such.name").message, "ReferenceError")
  t.match(t.error("script", page.eval, page, "1 +").message, "SyntaxError")
  t.equal(page:eval("window.n = (window.n || 0) + 1"), 1)
  t.error("script", page.eval, page, "() => { n++; JSON.parse('{'); }")
  t.equal(page:eval("n"), 2)
end)

t.test("an expression, a function, statements", function()
  local page = t.page()
  t.equal(page:eval("1 + 1 // a comment"), 2)
  t.equal(page:eval("function (a, b) { return a + b; }", 1, 2), 3)
  t.equal(page:eval("(a) => ({ a })", 1).a, 1)
  t.equal(page:eval("let a = 2; a * 2"), 4)
  t.same(page:eval("{ let x = 1; x }"), 1)
end)

t.test("cycles and over 200 levels are `too_large`, either way; 150 levels are not", function()
  local page = t.page()
  t.match(t.error("too_large", page.eval, page, "() => { const a = {}; a.b = { a }; return a; }").message, "cycle")
  t.error("too_large", page.eval, page, "() => { const a = []; a.push(a); return a; }")
  local nest = "(n) => { let v = 1; for (let i = 0; i < n; i++) v = [v]; return v; }"
  t.error("too_large", page.eval, page, nest, 250)
  local value, levels = page:eval(nest, 150), 0
  while type(value) == "table" do
    value, levels = value[1], levels + 1
  end
  t.equal(levels, 150)
  local cycle = {}
  cycle.self = cycle
  t.error("too_large", page.eval, page, "(v) => 1", cycle)
  t.same(page:eval("() => { const s = { x: 1 }; return [s, s]; }"), { { x = 1 }, { x = 1 } })
end)

t.test("what cannot be sent is `usage`", function()
  local page = t.page()
  t.error("usage", page.eval, page, "(x) => x", print)
  t.error("usage", page.eval, page, "(x) => x", { f = print })
  t.error("usage", page.eval, page, "(x) => x", "\255")
  t.error("usage", page.eval, page, "(x) => x", { "\xC3" })
  t.error("usage", page.eval, page, "(x) => x", { [1] = 1, a = 2 })
  t.error("usage", page.eval, page, "(x) => x", require("karun.secret").new("geheim-93"))
  t.error("usage", page.eval, page)
  t.equal(page:eval("1"), 1)
end)

t.test("nodes, errors and proxies come as what is JSON-like in them, never as a fault", function()
  local page = t.html "<p id=x>t"
  t.equal(type(page:eval("document.body")), "table")
  t.equal(type(page:eval("new Error('x')")), "table")
  t.equal(type(page:eval("new Proxy({}, {})")), "table")
  t.equal(type(page:eval("[document.body, /x/g, new Uint8Array(2)]")), "table")
  page:eval("window")
end)

t.test("20,000 objects in one answer", function()
  local list = t.page():eval("Array.from({ length: 20000 }, (_, i) => ({ i, s: 'row ' + i }))")
  t.equal(#list, 20000)
  t.same(list[20000], { i = 19999, s = "row 19999" })
end)

t.test("the name of a function is called, as its text would be", function()
  local page = t.html "<script>function named() { return 'called' }</script>"
  t.equal(page:eval "named", "called")
  t.equal(page:eval "window.named", "called")
  t.equal(page:eval "() => named()", "called")
end)
