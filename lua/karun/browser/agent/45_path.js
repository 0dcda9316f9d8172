// Paths: a locator's chain and steps, to elements; and pins, elements held by number.

// What an engine finds is an array or a NodeList; this is an array.
const listOf = (els) => (Array.isArray(els) ? els : [...els]);

// -> { els } or, where a frame stands in the middle of a chain, { frame, rest }
function runChain(chain, scopes) {
  let els = scopes;
  for (let k = 0; k < chain.length; k++) {
    if (els.length && listOf(els).every((el) => isElement(el) && isFrame(el))) {
      if (els.length > 1) throw new Fault("ambiguous", "several frames match", ambiguity(els));
      return { els: [], frame: els[0], rest: chain.slice(k).map((part) => part.text).join(" >> ") };
    }
    const found = findIn(chain[k], els);
    els = found.length || !els.length || !shadows.rescan() ? found : findIn(chain[k], els);
  }
  return { els };
}

function findIn(part, scopes) {
  if (scopes.length === 1) return part.find(scopes[0]);
  return inOrder([...new Set(listOf(scopes).flatMap((scope) => listOf(part.find(scope))))]);
}

// The first entry of a list that matches; `entry` says which one (from 1). Where that one leads into a
// frame, the later ones that lead into the same frame go along: `entries` says which they are.
function firstMatch(selectors, scopes) {
  const list = Array.isArray(selectors) ? selectors : [selectors];
  const parsed = list.map(parseChain);
  for (let i = 0; i < parsed.length; i++) {
    const found = runChain(parsed[i], scopes);
    if (found.frame) return framesOf(parsed, scopes, i, found);
    if (found.els.length) return { ...found, entry: i + 1 };
  }
  return { els: [] };
}

function framesOf(parsed, scopes, first, found) {
  if (parsed.length === 1) return found;
  const rest = [found.rest], entries = [first + 1];
  for (let i = first + 1; i < parsed.length; i++) {
    const other = runChain(parsed[i], scopes);
    if (other.frame !== found.frame) continue;
    rest.push(other.rest);
    entries.push(i + 1);
  }
  return { ...found, rest, entries };
}

function pick(els, i) {
  const el = i > 0 ? els[i - 1] : els[els.length + i];
  return el ? [el] : [];
}

function filterTest(filter) {
  const text = filter.text === undefined ? null : textTest(filter.text).test;
  const has = filter.has === undefined ? null : parseChain(filter.has);
  return (el) => (!text || text(readerText(el))) &&
    (!has || runChain(has, [el]).els.length > 0) &&
    (filter.visible === undefined || isVisible(el) === filter.visible);
}

function resolve(path, given) {
  if (given) return { els: [given] };
  let found;
  if (path.pin !== undefined) {
    found = { els: [pinned(path.pin)] };
    if (path.sel !== undefined) found = firstMatch(path.sel, found.els);
  } else found = firstMatch(path.sel, [document]);
  const steps = path.steps || [];
  for (let i = 0; i < steps.length; i++) {
    if (found.frame) return { ...found, steps: steps.slice(i) };
    const step = steps[i];
    if (step.nth !== undefined) found.els = pick(found.els, step.nth);
    else if (step.filter) found.els = listOf(found.els).filter(filterTest(step.filter));
    else if (step.find !== undefined) found = { ...firstMatch(step.find, found.els), entry: found.entry };
  }
  return found;
}

function ambiguity(els) {
  return { count: els.length, matches: listOf(els).slice(0, 5).map(describe) };
}

// Exactly one, or none (null); several are a fault at once.
function single(els) {
  if (els.length > 1) throw new Fault("ambiguous", `${els.length} elements match`, ambiguity(els));
  return els[0] || null;
}

// ---- pins: elements held by number

const pins = new Map();
const pinNumbers = new WeakMap();
let lastPin = 0;

function pin(el) {
  const known = pinNumbers.get(el);
  if (known && pins.has(known)) return known;
  if (++lastPin % 256 === 0) for (const [number, held] of pins) if (!isPresent(held)) pins.delete(number);
  pins.set(lastPin, el);
  pinNumbers.set(el, lastPin);
  return lastPin;
}

function isPresent(el) {
  return isConnected(el) && ownerDocument(el) === document;
}

function pinned(number) {
  const el = pins.get(number);
  if (!el || !isPresent(el)) throw new Fault("stale", "the element has left the document");
  return el;
}
