// Selectors: chains, and CSS through open shadow roots.

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
    const found = queryAll(scope, text); // a NodeList as it is: spreading 50,000 costs more than finding them
    const inside = relative ? [] : shadows.within(scope);
    if (!inside.length) return found;
    const all = new Set(found);
    for (const shadow of inside) {
      for (const el of queryAll(shadow, css)) all.add(el);
      for (const parts of branches) {
        for (let k = 1; k < parts.length; k++) {
          const rest = queryAll(shadow, parts.slice(k).join(" "));
          if (rest.length && aroundMatches(shadow, parts.slice(0, k))) for (const el of rest) all.add(el);
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
