// The DOM through its own prototypes, each function taken once. A form with a field named
// "parentNode", or an image named "querySelector", shadows the property of that name, in our
// world too; a prototype's getter called by hand cannot be shadowed.
// Nothing here keeps `document`: a window may be given another one (a popup's first page).

const own = Object.getOwnPropertyDescriptor;

function getter(type, name) {
  const get = own(type.prototype, name).get;
  return (node) => get.call(node);
}

function setter(type, name) {
  const set = own(type.prototype, name).set;
  return (node, value) => set.call(node, value);
}

function method(type, name) {
  const call = type.prototype[name];
  return (node, ...args) => call.apply(node, args);
}

const nodeType = getter(Node, "nodeType");
const parentNode = getter(Node, "parentNode");
const childNodes = getter(Node, "childNodes");
const isConnected = getter(Node, "isConnected");
const ownerDocument = getter(Node, "ownerDocument");
const textContent = getter(Node, "textContent");
const rootOf = method(Node, "getRootNode");
const comparePosition = method(Node, "compareDocumentPosition");
const contains = method(Node, "contains");

const localName = getter(Element, "localName");
const children = getter(Element, "children");
const classList = getter(Element, "classList");
const innerHTML = getter(Element, "innerHTML");
const openShadow = getter(Element, "shadowRoot");
const assignedSlot = getter(Element, "assignedSlot");
const getAttribute = method(Element, "getAttribute");
const hasAttribute = method(Element, "hasAttribute");
const matches = method(Element, "matches");
const closest = method(Element, "closest");
const rectOf = method(Element, "getBoundingClientRect");
const rectsOf = method(Element, "getClientRects");
const checkVisibility = method(Element, "checkVisibility");
const scrollIntoView = method(Element, "scrollIntoView");
const scrollIfNeeded = method(Element, "scrollIntoViewIfNeeded");

const innerText = getter(HTMLElement, "innerText");
const isContentEditable = getter(HTMLElement, "isContentEditable");
const htmlFocus = method(HTMLElement, "focus");
const svgFocus = method(SVGElement, "focus");
const dispatch = method(EventTarget, "dispatchEvent");
const composedPath = method(Event, "composedPath");

const shadowHost = getter(ShadowRoot, "host");
const docElement = getter(Document, "documentElement");
const evaluateXPath = method(Document, "evaluate");
const execCommand = method(Document, "execCommand");
const queryAllDocument = method(Document, "querySelectorAll");
const queryAllFragment = method(DocumentFragment, "querySelectorAll");
const queryAllElement = method(Element, "querySelectorAll");
const fromPointDocument = method(Document, "elementFromPoint");
const fromPointShadow = method(ShadowRoot, "elementFromPoint");
const animationsDocument = method(Document, "getAnimations");
const animationsShadow = method(ShadowRoot, "getAnimations");
const activeDocument = getter(Document, "activeElement");
const activeShadow = getter(ShadowRoot, "activeElement");

const isElement = (node) => nodeType(node) === 1;
const isDocument = (node) => nodeType(node) === 9;
const isFrame = (el) => localName(el) === "iframe" || localName(el) === "frame";
const isHtml = (el) => el instanceof HTMLElement;

// A failure with its kind, thrown by whatever notices it; ask() turns it into an answer.
class Fault extends Error {
  constructor(kind, message, fields) {
    super(message);
    this.kind = kind;
    this.fields = fields;
  }
}

function queryAll(root, css) {
  if (isElement(root)) return queryAllElement(root, css);
  return isDocument(root) ? queryAllDocument(root, css) : queryAllFragment(root, css);
}

// A look at every node below (and of) a node for open shadow roots, outer ones first.
function scanShadows(root, found = []) {
  const enter = (shadow) => {
    if (!shadow) return;
    found.push(shadow);
    scanShadows(shadow, found);
  };
  if (isElement(root)) enter(openShadow(root));
  const all = queryAll(root, "*");
  for (let i = 0, n = all.length; i < n; i++) {
    const shadow = openShadow(all[i]);
    if (shadow) enter(shadow);
  }
  return found;
}

// The open shadow roots of the document. One scan, then what is added is scanned as it comes: a scan of
// 50,000 nodes at each question would cost more than the question. A root that is attached to an
// element already there makes no mutation: who finds nothing asks for a new scan.
const shadows = {
  home: null, list: [], observer: null, cost: 0, ended: 0,

  all() {
    if (this.home !== document) this.begin();
    this.absorb(this.observer.takeRecords());
    return this.list;
  },

  within(scope) {
    const list = this.all();
    return isDocument(scope) || !list.length ? list : list.filter((root) => isInside(shadowHost(root), scope));
  },

  begin() {
    if (this.observer) this.observer.disconnect();
    this.observer = new MutationObserver((records) => this.absorb(records));
    this.home = document;
    this.list = [];
    this.watch(document);
    this.scan();
  },

  watch(root) {
    this.observer.observe(root, { childList: true, subtree: true });
  },

  scan() {
    const start = performance.now();
    this.add(scanShadows(document));
    this.ended = performance.now();
    this.cost = this.ended - start;
  },

  add(roots) {
    for (const root of roots) {
      if (this.list.includes(root)) continue;
      this.list.push(root);
      this.watch(root);
    }
  },

  absorb(records) {
    for (const record of records) {
      for (const node of record.addedNodes) if (isElement(node) && isConnected(node)) this.add(scanShadows(node));
    }
    if (records.length) this.list = this.list.filter((root) => isConnected(root));
  },

  // true when there are roots that were not known; a big page is not scanned all the time.
  rescan() {
    if (performance.now() - this.ended < 10 * this.cost) return false;
    const before = this.all().length;
    this.scan();
    return this.list.length > before;
  },
};

// One step outwards: out of a shadow root to its host.
function parentOf(node) {
  const parent = parentNode(node);
  return parent && parent instanceof ShadowRoot ? shadowHost(parent) : parent;
}

// One step outwards as things are painted: a slotted node lies in its slot.
function paintedParent(node) {
  return (isElement(node) && assignedSlot(node)) || parentOf(node);
}

function isInside(node, outer) {
  for (let n = node; n; n = paintedParent(n)) if (n === outer) return true;
  for (let n = node; n; n = parentOf(n)) if (n === outer) return true;
  return false;
}

// Order on the page; what is in a shadow root comes right after its host.
function inOrder(els) {
  const chain = (node) => {
    const roots = [node];
    for (let r = rootOf(node); r instanceof ShadowRoot; r = rootOf(roots[0])) roots.unshift(shadowHost(r));
    return roots;
  };
  const compare = (a, b) => {
    const left = chain(a), right = chain(b);
    for (let i = 0; ; i++) {
      if (i === left.length || i === right.length) return left.length - right.length;
      if (left[i] === right[i]) continue;
      // Light children follow the shadow content of their host.
      if (i > 0 && rootOf(left[i]) !== rootOf(right[i])) return rootOf(left[i]) instanceof ShadowRoot ? -1 : 1;
      const place = comparePosition(left[i], right[i]);
      if (place & 8 && i + 1 < right.length) return 1;
      return place & 4 ? -1 : 1;
    }
  };
  return els.length < 2 ? els : els.sort(compare);
}

function focusedElement() {
  let el = activeDocument(document);
  while (el && openShadow(el) && activeShadow(openShadow(el))) el = activeShadow(openShadow(el));
  return el;
}

function focus(el) {
  if (focusedElement() === el) return;
  if (isHtml(el)) htmlFocus(el, { preventScroll: true });
  else if (el instanceof SVGElement) svgFocus(el, { preventScroll: true });
}

// Let the page's own microtasks pass. A task of our own would come after the next frame: 10 ms.
async function turn() {
  for (let i = 0; i < 5; i++) await null;
}
