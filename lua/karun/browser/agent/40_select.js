// Selectors and paths: from text to elements.

// A chain "a >> b" is cut outside quotes, brackets and parentheses; each part keeps its text so
// that the rest of a chain can be asked in a frame.
const chains = new Map();

function parseChain(source) {
  let chain = chains.get(source);
  if (chain) return chain;
  if (typeof source !== "string" || !source.trim()) throw new Fault("selector", "an empty selector");
  chain = cutChain(source).map((text) => {
    if (!text) throw new Fault("selector", `nothing beside >> in ${source}`);
    return { text, find: parsePart(text) };
  });
  if (chains.size > 500) chains.clear();
  chains.set(source, chain);
  return chain;
}

function cutChain(source) {
  const parts = [];
  for (let start = 0; start <= source.length;) {
    const end = partEnd(source, start);
    parts.push(source.slice(start, end).trim());
    start = end + 2;
  }
  return parts;
}

function partEnd(source, start) {
  let i = start;
  const text = /^\s*text=\s*/.exec(source.slice(start));
  if (text) {
    // Apostrophes belong to the text unless a quote opens it.
    i += text[0].length;
    if (source[i] === '"' || source[i] === "'") i = skipQuoted(source, i, true);
    const end = source.indexOf(">>", i);
    return end < 0 ? source.length : end;
  }
  const escapes = !isXPath(source.slice(start).trim());
  while (i < source.length) {
    if (source.startsWith(">>", i)) return i;
    if (source[i] === '"' || source[i] === "'") i = skipQuoted(source, i, escapes);
    else i += source[i] === "\\" && escapes ? 2 : 1;
  }
  return source.length;
}

function skipQuoted(source, at, escapes) {
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === "\\" && escapes) i++;
    else if (source[i] === source[at]) return i + 1;
  }
  return source.length;
}

function isXPath(text) {
  return text.startsWith("xpath=") || /^\(*\.{0,2}\/\//.test(text) || text.startsWith("./") || text === "..";
}

function parsePart(text) {
  if (text.startsWith("text=")) return textEngine(text.slice(5));
  if (text.startsWith("role=")) return roleEngine(text.slice(5));
  if (isXPath(text)) return xpathEngine(text.replace(/^xpath=/, ""));
  return cssEngine(text.startsWith("css=") ? text.slice(4) : text);
}

// ---- CSS, through open shadow roots

function cssEngine(source) {
  let css = source.trim();
  const relative = /^[>+~]/.test(css);
  try {
    queryAll(document.createDocumentFragment(), relative ? `:scope ${css}` : css);
  } catch (error) {
    throw new Fault("selector", `not a CSS selector: ${source}`);
  }
  const branches = relative ? [] : cutCss(css, ",").map((branch) => cutCss(branch, " "));
  return (scope) => {
    const text = relative ? `:scope ${css}` : css;
    const found = [...queryAll(scope, text)];
    const shadows = shadowsIn(scope);
    if (!shadows.length) return found;
    const all = new Set(found);
    for (const shadow of shadows) {
      if (relative) continue;
      for (const el of queryAll(shadow, css)) all.add(el);
      for (const parts of branches) {
        for (let k = 1; k < parts.length; k++) {
          const inside = queryAll(shadow, parts.slice(k).join(" "));
          if (inside.length && aroundMatches(shadow, parts.slice(0, k))) for (const el of inside) all.add(el);
        }
      }
    }
    return inOrder([...all]);
  };
}

// Does an element around this shadow root match the descendant chain `parts`?
function aroundMatches(shadow, parts) {
  for (let el = shadowHost(shadow); el && isElement(el); el = parentOf(el)) {
    for (let k = 0; k < parts.length; k++) {
      if (!matches(el, parts.slice(k).join(" "))) continue;
      if (k === 0) return true;
      const root = rootOf(el);
      if (root instanceof ShadowRoot && aroundMatches(root, parts.slice(0, k))) return true;
    }
  }
  return false;
}

// Cut at commas, or at the white space that means "descendant", outside quotes and brackets.
function cutCss(css, mark) {
  const parts = [];
  let start = 0, depth = 0;
  for (let i = 0; i < css.length; i++) {
    const char = css[i];
    if (char === "\\") i++;
    else if (char === '"' || char === "'") i = skipQuoted(css, i, true) - 1;
    else if (char === "(" || char === "[") depth++;
    else if (char === ")" || char === "]") depth--;
    else if (!depth && (mark === "," ? char === "," : /\s/.test(char))) {
      const joined = mark === " " && (/[>+~]\s*$/.test(css.slice(0, i)) || /^\s*[>+~]/.test(css.slice(i)));
      if (joined) continue;
      if (css.slice(start, i).trim()) parts.push(css.slice(start, i).trim());
      start = i + 1;
    }
  }
  if (css.slice(start).trim()) parts.push(css.slice(start).trim());
  return parts;
}

// ---- text=

function textEngine(source) {
  const { wanted, test } = textTest(source);
  if (!wanted) throw new Fault("selector", "text= without a text");
  const words = wanted.toLowerCase().split(" ");
  const holds = (el) => {
    const text = textContent(el).toLowerCase();
    return words.every((word) => text.includes(word));
  };
  // The innermost elements whose text passes; true when there was one inside.
  const visit = (el, found) => {
    if (UNREAD.has(localName(el)) || !holds(el)) return false;
    let inside = false;
    for (const child of children(el)) inside = visit(child, found) || inside;
    if (inside) return true;
    if (!isVisible(el) || !test(readerText(el))) return false;
    found.push(el);
    return true;
  };
  return (scope) => {
    const found = [];
    for (const root of [scope, ...shadowsIn(scope)]) {
      for (const child of childElements(root)) visit(child, found);
      for (const input of queryAll(root, "input")) {
        const label = buttonLabel(input);
        if (label !== null && test(normal(label)) && isVisible(input)) found.push(input);
      }
    }
    return inOrder(found);
  };
}

const fragmentChildren = getter(DocumentFragment, "children");

function childElements(root) {
  if (isDocument(root)) return [docElement(root)].filter(Boolean);
  return isElement(root) ? children(root) : fragmentChildren(root);
}

// ---- role=

const ROLE_STATES = ["checked", "disabled", "expanded", "level", "name", "pressed", "selected"];

function roleEngine(source) {
  const role = /^\s*([\w-]+)/.exec(source);
  const name = role && role[1].toLowerCase();
  if (!name || !ROLES.has(name)) throw new Fault("selector", `no such role: role=${source}`);
  const wanted = SAME_ROLE[name] || name;
  const tests = parseRoleTests(source.slice(role[0].length), source);
  const candidates = wanted in IMPLICIT ? `${IMPLICIT[wanted]},[role]` : "[role]";
  return (scope) => {
    const found = [];
    const shadows = shadowsIn(scope);
    for (const root of [scope, ...shadows]) {
      for (const el of queryAll(root, candidates)) {
        if (hasRole(el, wanted) && tests.every((test) => test(el)) && isExposed(el)) found.push(el);
      }
    }
    return shadows.length ? inOrder(found) : found;
  };
}

function parseRoleTests(rest, source) {
  const tests = [];
  const each = /\s*\[\s*([\w-]+)\s*(?:=\s*("(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|[^\]]*?)\s*([iIsS])?\s*)?\]/y;
  while (each.lastIndex < rest.trimEnd().length) {
    const found = each.exec(rest);
    if (!found || !ROLE_STATES.includes(found[1].toLowerCase())) {
      throw new Fault("selector", `in role=${source}: wanted [name="…"] or one of ${ROLE_STATES.join(", ")}`);
    }
    tests.push(roleTest(found[1].toLowerCase(), found[2], found[3]));
  }
  return tests;
}

// [name="Save"] is the whole name, [name=save] and [name="save" i] any case and part of it.
function roleTest(state, value, flag) {
  if (state === "name") {
    const anyCase = flag && /i/i.test(flag);
    const { test } = textTest(anyCase ? unquote(value) ?? value : (value ?? "") + (unquote(value ?? "") === null ? flag || "" : ""));
    return (el) => test(nameOf(el));
  }
  const plain = value === undefined ? "true" : unquote(value) ?? value + (flag || "");
  const wanted = { true: true, false: false }[plain] ?? (state === "level" ? Number(plain) : plain);
  return (el) => ARIA_STATES[state](el) === wanted;
}

// ---- XPath

function xpathEngine(source) {
  try {
    evaluateXPath(document, source, document, null, 0, null);
  } catch (error) {
    throw new Fault("selector", `not an XPath: ${source}`);
  }
  return (scope) => {
    const relative = isDocument(scope) ? source : source.replace(/^(\(*)\//, "$1./");
    let result;
    try {
      result = evaluateXPath(document, relative, scope, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
    } catch (error) {
      throw new Fault("selector", `an XPath that gives no elements: ${source}`);
    }
    const found = [];
    for (let i = 0; i < result.snapshotLength; i++) {
      if (isElement(result.snapshotItem(i))) found.push(result.snapshotItem(i));
    }
    return found;
  };
}

// ---- paths

// -> { els } or, where a frame stands in the middle of a chain, { frame, rest }
function runChain(chain, scopes) {
  let els = scopes;
  for (let k = 0; k < chain.length; k++) {
    const frames = els.filter((el) => isElement(el) && isFrame(el));
    if (frames.length && frames.length === els.length) {
      if (frames.length > 1) throw new Fault("ambiguous", "several frames match", ambiguity(frames));
      return { els: [], frame: frames[0], rest: chain.slice(k).map((part) => part.text).join(" >> ") };
    }
    if (els.length === 1) els = chain[k].find(els[0]);
    else els = inOrder([...new Set(els.flatMap((el) => chain[k].find(el)))]);
  }
  return { els };
}

// The first entry of a list that matches; `entry` says which one (from 1).
function firstMatch(selectors, scopes) {
  const list = Array.isArray(selectors) ? selectors : [selectors];
  const parsed = list.map(parseChain);
  for (let i = 0; i < parsed.length; i++) {
    const found = runChain(parsed[i], scopes);
    if (found.frame || found.els.length) return { ...found, entry: i + 1 };
  }
  return { els: [] };
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
    else if (step.filter) found.els = found.els.filter(filterTest(step.filter));
    else if (step.find !== undefined) found = { ...firstMatch(step.find, found.els), entry: found.entry };
  }
  return found;
}

function ambiguity(els) {
  return { count: els.length, matches: els.slice(0, 5).map(describe) };
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
