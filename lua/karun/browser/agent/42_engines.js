// The engines beside CSS: text=, role=, xpath=.

// ---- text=

function textEngine(source) {
  const { wanted, test } = textTest(source);
  if (!wanted) throw new Fault("selector", "text= without a text");
  const words = wanted.toLowerCase().split(" ");
  const holds = (el) => {
    const text = textContent(el).toLowerCase();
    return words.every((word) => text.includes(word));
  };
  // The innermost elements whose text passes; true when there was one inside. What is painted in elements
  // around shadow roots and slots is not all in their text content.
  const visit = (el, around, found) => {
    if (UNREAD.has(localName(el)) || !(holds(el) || around.has(el))) return false;
    let inside = false;
    for (const child of children(el)) inside = visit(child, around, found) || inside;
    const shadow = openShadow(el);
    if (shadow) for (const child of fragmentChildren(shadow)) inside = visit(child, around, found) || inside;
    if (inside) return true;
    if (!isVisible(el) || !test(readerText(el))) return false;
    found.push(el);
    return true;
  };
  return (scope) => {
    const found = [];
    const roots = shadows.within(scope);
    const around = aroundShadows(roots);
    for (const child of childElements(scope)) visit(child, around, found);
    for (const root of [scope, ...roots]) {
      for (const input of queryAll(root, "input")) {
        const label = buttonLabel(input);
        if (label !== null && test(normal(label)) && isVisible(input)) found.push(input);
      }
    }
    return inOrder(found);
  };
}

// The elements around shadow roots and around their slots.
function aroundShadows(roots) {
  const around = new Set();
  for (const root of roots) {
    for (const start of [shadowHost(root), ...queryAll(root, "slot")]) {
      for (let n = start; n && !around.has(n); n = parentOf(n)) around.add(n);
    }
  }
  return around;
}

const fragmentChildren = getter(DocumentFragment, "children");

function childElements(root) {
  if (isDocument(root)) return [docElement(root)].filter(Boolean);
  if (!isElement(root)) return fragmentChildren(root);
  return openShadow(root) ? [...fragmentChildren(openShadow(root)), ...children(root)] : children(root);
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
    const inside = shadows.within(scope);
    for (const root of [scope, ...inside]) {
      for (const el of queryAll(root, candidates)) {
        if (hasRole(el, wanted) && tests.every((test) => test(el, wanted)) && isExposed(el)) found.push(el);
      }
    }
    return inside.length ? inOrder(found) : found;
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
    const plain = unquote(value ?? "");
    const source = anyCase && plain !== null ? plain : (value ?? "") + (plain === null ? flag || "" : "");
    const { test } = textTest(source);
    return (el, role) => test(nameOf(el, { seen: new Set(), role }));
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
