// Roles and accessible names, as the accname and html-aam texts give them.

const SECTIONING = "article,aside,main,nav,section";
const NAMED = ":is([aria-label],[aria-labelledby],[title])";

// role -> the elements that have it without saying so
const IMPLICIT = {
  article: "article", banner: `header:not(:is(${SECTIONING}) header)`, blockquote: "blockquote",
  button: "button,input:is([type=button i],[type=image i],[type=reset i],[type=submit i])",
  caption: "caption", cell: "td", checkbox: "input[type=checkbox i]:not([switch])", code: "code",
  columnheader: "th:is([scope=col i],[scope=colgroup i]),tr:not(:has(td))>th:not([scope])",
  combobox: "select:not([multiple],[size]),select[size='1']:not([multiple])," +
    "input[list]:is(:not([type]),[type=text i],[type=search i],[type=email i],[type=tel i],[type=url i])",
  complementary: "aside", contentinfo: `footer:not(:is(${SECTIONING}) footer)`, definition: "dd", deletion: "del",
  dialog: "dialog", document: "html", emphasis: "em", figure: "figure", form: `form${NAMED}`,
  generic: "div,span,b,i,u,small,q,samp,data,bdi,bdo", group: "details,fieldset,optgroup,address,hgroup",
  heading: "h1,h2,h3,h4,h5,h6", img: "img:not([alt='']),svg", insertion: "ins", link: "a[href],area[href]",
  list: "ul,ol,menu", listbox: "select[multiple],select[size]:not([size='1'],[size='0'])", listitem: "li", main: "main",
  mark: "mark", math: "math", meter: "meter", navigation: "nav", option: "option", paragraph: "p",
  presentation: "img[alt='']", progressbar: "progress", radio: "input[type=radio i]", region: `section${NAMED}`,
  row: "tr", rowgroup: "tbody,thead,tfoot",
  rowheader: "th:is([scope=row i],[scope=rowgroup i]),tr:has(td)>th:not([scope])",
  search: "search", searchbox: "input[type=search i]:not([list])", separator: "hr", slider: "input[type=range i]",
  spinbutton: "input[type=number i]", status: "output", strong: "strong", subscript: "sub", superscript: "sup",
  switch: "input[type=checkbox i][switch]", table: "table", term: "dfn,dt",
  textbox: "textarea,input:not([list]):is(:not([type]),[type=''],[type=text i],[type=email i],[type=tel i],[type=url i])",
  time: "time",
};

const OTHER_ROLES = ("alert alertdialog application associationlist associationlistitemkey associationlistitemvalue comment " +
  "directory feed grid gridcell image log marquee menu menubar menuitem menuitemcheckbox menuitemradio none note " +
  "radiogroup scrollbar suggestion tab tablist tabpanel timer toolbar tooltip tree treegrid treeitem").split(" ");

const ROLES = new Set([...Object.keys(IMPLICIT), ...OTHER_ROLES]);
const SAME_ROLE = { image: "img", none: "presentation" };

const NAMED_BY_CONTENT = new Set(("button cell checkbox columnheader gridcell heading link menuitem menuitemcheckbox " +
  "menuitemradio option radio row rowheader switch tab tooltip treeitem").split(" "));

function explicitRole(el) {
  const tokens = (getAttribute(el, "role") || "").toLowerCase().split(/\s+/);
  const known = tokens.find((token) => ROLES.has(token));
  return known ? SAME_ROLE[known] || known : null;
}

function roleOf(el) {
  const role = explicitRole(el);
  if (role) return role;
  for (const name in IMPLICIT) if (matches(el, IMPLICIT[name])) return name;
  return "";
}

function hasRole(el, role) {
  const explicit = explicitRole(el);
  if (explicit) return explicit === role;
  return role in IMPLICIT && matches(el, IMPLICIT[role]);
}

// Rendered, and not taken out by aria-hidden. An option counts as its list does.
function isExposed(el) {
  const name = localName(el);
  const list = name === "option" || name === "optgroup" ? closest(el, "select") : null;
  const shown = list || el;
  const style = getComputedStyle(shown);
  if (style.visibility !== "visible") return false;
  if (style.display !== "contents" && !checkVisibility(shown)) return false;
  for (let n = shown; n && isElement(n); n = parentOf(n)) {
    if (getAttribute(n, "aria-hidden") === "true") return false;
  }
  return true;
}

const ARIA_STATES = {
  selected: (el) => localName(el) === "option" ? optionSelected(el) : getAttribute(el, "aria-selected") === "true",
  checked: (el) => checkedState(el) ?? getAttribute(el, "aria-checked") === "true",
  expanded: (el) => localName(el) === "details" ? hasAttribute(el, "open") : getAttribute(el, "aria-expanded") === "true",
  pressed: (el) => getAttribute(el, "aria-pressed") === "mixed" ? "mixed" : getAttribute(el, "aria-pressed") === "true",
  disabled: (el) => !isEnabled(el),
  level: (el) => Number(getAttribute(el, "aria-level") || (/^h([1-6])$/.exec(localName(el)) || [])[1] || 0),
};

function idRefs(el, attribute) {
  const root = rootOf(el);
  const ids = (getAttribute(el, attribute) || "").split(/\s+/).filter(Boolean);
  return ids.map((id) => queryAll(root, `#${CSS.escape(id)}`)[0]).filter(Boolean);
}

// The text alternative of an element; `walk` says how we came here.
function nameOf(el, walk = { seen: new Set() }) {
  return normal(alternative(el, walk));
}

function alternative(el, walk) {
  if (walk.seen.has(el)) return "";
  walk.seen.add(el);
  if (!walk.reference && hasAttribute(el, "aria-labelledby")) {
    const text = idRefs(el, "aria-labelledby")
      .map((ref) => nameOf(ref, { seen: ref === el ? new Set() : walk.seen, reference: true, inside: true })).join(" ");
    if (text.trim()) return text;
  }
  if (walk.inside) {
    const value = embeddedValue(el);
    if (value !== null) return value;
  }
  const label = getAttribute(el, "aria-label");
  if (label && label.trim()) return label;
  const native = nativeName(el, walk);
  if (native && native.trim()) return native;
  if (walk.inside || NAMED_BY_CONTENT.has(walk.role || roleOf(el)) || localName(el) === "summary") {
    const text = contentName(el, walk);
    if (text.trim()) return text;
  }
  return getAttribute(el, "title") || getAttribute(el, "placeholder") || getAttribute(el, "aria-placeholder") || "";
}

// A field inside a label speaks its value.
function embeddedValue(el) {
  if (!matches(el, "input,textarea,select,[role]")) return null;
  const role = roleOf(el);
  if (role === "textbox" || role === "searchbox" || role === "spinbutton" || role === "slider") {
    return fieldValue(el) ?? getAttribute(el, "aria-valuetext") ?? getAttribute(el, "aria-valuenow") ?? textContent(el);
  }
  if (localName(el) !== "select") return null;
  return [...selectOptions(el)].filter(optionSelected).map(optionText).join(" ");
}

const FIRST_CHILD_NAMES = { fieldset: "legend", figure: "figcaption", table: "caption", svg: "title" };
const LABELLED = new Set(["input", "select", "textarea", "button", "meter", "output", "progress"]);

function nativeName(el, walk) {
  const name = localName(el);
  const label = buttonLabel(el);
  if (LABELLED.has(name)) {
    const labels = [...(el.labels || [])].filter((l) => !walk.seen.has(l));
    const text = labels.map((l) => nameOf(l, { seen: walk.seen, inside: true })).join(" ");
    if (text.trim()) return text;
  }
  if (label !== null) return label;
  if (name === "input" && inputType(el) === "image") return getAttribute(el, "alt") || getAttribute(el, "title") || "Submit";
  if (name === "img" || name === "area") return getAttribute(el, "alt");
  if (name === "optgroup") return getAttribute(el, "label");
  if (name === "option") return optionText(el);
  const wanted = FIRST_CHILD_NAMES[name];
  const child = wanted && [...children(el)].find((c) => localName(c) === wanted);
  return child ? nameOf(child, { seen: walk.seen, inside: true }) : null;
}

function contentName(el, walk) {
  let text = generated(el, "::before");
  for (const node of paintedChildren(el)) {
    if (nodeType(node) === 3) text += textContent(node);
    else if (isElement(node) && (isExposed(node) || walk.reference) && !UNREAD_NAMES.has(localName(node))) {
      const part = alternative(node, { seen: walk.seen, reference: walk.reference, inside: true });
      const display = getComputedStyle(node).display;
      text += display === "inline" || display === "contents" ? part : ` ${part} `;
    }
  }
  return text + generated(el, "::after");
}

const UNREAD_NAMES = new Set(["script", "style", "noscript", "template"]);

// Text added by a style sheet; glyphs of icon fonts (private use) say nothing.
function generated(el, pseudo) {
  const text = unquote(getComputedStyle(el, pseudo).content);
  return text === null ? "" : text.replace(/[\ue000-\uf8ff]/g, "");
}
