// What a reader sees: is it visible, what does it say; and one short line about an element.

const normal = (text) => text.replace(/\s+/g, " ").trim();

const inputType = getter(HTMLInputElement, "type");
const inputValue = getter(HTMLInputElement, "value");
const areaValue = getter(HTMLTextAreaElement, "value");
const selectValue = getter(HTMLSelectElement, "value");
const selectMultiple = getter(HTMLSelectElement, "multiple");
const selectOptions = getter(HTMLSelectElement, "options");
const selectSize = getter(HTMLSelectElement, "size");
const optionSelected = getter(HTMLOptionElement, "selected");
const optionLabel = getter(HTMLOptionElement, "label");
const inputChecked = getter(HTMLInputElement, "checked");
const assignedNodes = method(HTMLSlotElement, "assignedNodes");

// Rendered, with a size, not visibility: hidden. A box-less element (display: contents) is as
// visible as what it holds.
function isVisible(el) {
  const style = getComputedStyle(el);
  if (style.display === "contents") return childNodesShown(el);
  if (!checkVisibility(el, { visibilityProperty: true })) return false;
  return hasSize(el);
}

// A level svg line has no height of its own.
function hasSize(el) {
  const { width, height } = rectOf(el);
  return el instanceof SVGGeometryElement ? width > 0 || height > 0 : width > 0 && height > 0;
}

function childNodesShown(el) {
  for (const node of paintedChildren(el)) {
    if (isElement(node)) {
      if (isVisible(node)) return true;
    } else if (nodeType(node) === 3 && normal(textContent(node))) {
      const range = new Range();
      range.selectNodeContents(node);
      const rect = range.getBoundingClientRect();
      if (rect.width > 0 && rect.height > 0) return true;
    }
  }
  return false;
}

// Why it is not visible, for people.
function whyHidden(el) {
  for (let n = el; n && isElement(n); n = paintedParent(n)) {
    if (getComputedStyle(n).display === "none") return n === el ? "display: none" : `inside ${describe(n)}, display: none`;
  }
  if (getComputedStyle(el).visibility !== "visible") return "visibility: hidden";
  if (hasSize(el)) return "not rendered";
  const rect = rectOf(el);
  return `size ${Math.round(rect.width)} x ${Math.round(rect.height)}`;
}

function paintedChildren(el) {
  const shadow = openShadow(el);
  if (shadow) return childNodes(shadow);
  if (localName(el) === "slot" && el instanceof HTMLSlotElement) {
    const slotted = assignedNodes(el);
    if (slotted.length) return slotted;
  }
  return childNodes(el);
}

const UNREAD = new Set(["script", "style", "noscript", "template", "head", "textarea", "select", "datalist"]);
const BUTTON_LABELS = { submit: "Submit", reset: "Reset", button: "" };

// The label of <input type=submit|button|reset>, else null.
function buttonLabel(el) {
  if (localName(el) !== "input" || !(el instanceof HTMLInputElement)) return null;
  const fallback = BUTTON_LABELS[inputType(el)];
  if (fallback === undefined) return null;
  return hasAttribute(el, "value") ? inputValue(el) : fallback;
}

function isDropDown(el) {
  return localName(el) === "select" && !selectMultiple(el) && selectSize(el) < 2;
}

// The element's text as a reader sees it, white space normalised.
function readerText(el) {
  const name = localName(el);
  if (SPEAKING[name]) return normal(SPEAKING[name](el));
  if (!isHtml(el)) return checkVisibility(el, { visibilityProperty: true }) ? normal(textContent(el)) : "";
  if (!checkVisibility(el) && getComputedStyle(el).display !== "contents") return "";
  // (the list is fresh: who asks has just looked for elements)
  if (name === "slot" || (shadows.list.length && paintsOther(el))) return normal(paintedText(el));
  return normal(innerText(el));
}

// Is something painted in it that is not among its descendants: shadow roots, slotted nodes?
function paintsOther(el) {
  return shadows.within(el).length > 0 || (rootOf(el) instanceof ShadowRoot && queryAll(el, "slot").length > 0);
}

// Elements that show something else than what they contain.
const SPEAKING = {
  input: (el) => buttonLabel(el) || "",
  textarea: (el) => areaValue(el),
  option: (el) => optionText(el),
  optgroup: (el) => optionText(el),
  select(el) {
    const shown = [...selectOptions(el)].filter((option) => !isDropDown(el) || optionSelected(option));
    return shown.map(optionText).map(normal).join(" ");
  },
};

function optionText(el) {
  return localName(el) === "option" ? optionLabel(el) || textContent(el) : getAttribute(el, "label") || "";
}

// innerText stops at shadow roots; this goes through them as they are painted.
function paintedText(node) {
  if (nodeType(node) === 3) {
    const parent = paintedParent(node);
    return parent && isElement(parent) && getComputedStyle(parent).visibility !== "visible" ? "" : textContent(node);
  }
  if (!isElement(node) || UNREAD.has(localName(node))) return "";
  if (localName(node) === "br") return "\n";
  const display = getComputedStyle(node).display;
  if (display === "none") return "";
  const label = buttonLabel(node);
  const text = label !== null ? label : [...paintedChildren(node)].map(paintedText).join("");
  return display === "inline" || display === "contents" ? text : `\n${text}\n`;
}

// A test of normalised text: `word` any case, part of it; `"exact"` the whole, as it stands.
function textTest(source) {
  const quoted = unquote(source.trim());
  const wanted = normal(quoted === null ? source : quoted);
  if (quoted !== null) return { wanted, test: (text) => text === wanted };
  const lower = wanted.toLowerCase();
  return { wanted: lower, test: (text) => text.toLowerCase().includes(lower) };
}

// The text inside a quoted string with CSS escapes, or null when it is not one.
function unquote(source) {
  const quote = source[0];
  if ((quote !== '"' && quote !== "'") || source.length < 2 || !source.endsWith(quote)) return null;
  const inner = source.slice(1, -1);
  return inner.replace(/\\(?:([0-9a-fA-F]{1,6})\s?|([\s\S])|$)/g, (whole, hex, char) => {
    if (!hex) return char === undefined ? "" : char;
    const code = parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
  });
}

function shorten(text, limit) {
  const chars = [...text];
  return chars.length > limit ? chars.slice(0, limit - 1).join("") + "…" : text;
}

// <button#go.primary> "Save"
function describe(el) {
  const name = localName(el);
  let line = name;
  const id = getAttribute(el, "id");
  if (id) line += `#${shorten(id, 40)}`;
  for (const token of [...classList(el)].slice(0, 3)) line += `.${shorten(token, 40)}`;
  if (name === "input") line += `[type=${inputType(el)}]`;
  if (!id && getAttribute(el, "name")) line += `[name=${shorten(getAttribute(el, "name"), 40)}]`;
  const silent = name === "textarea" || name === "select" || name === "body" || name === "html";
  const text = [
    () => (silent ? "" : readerText(el) || normal(textContent(el))),
    ...["aria-label", "placeholder", "alt"].map((attribute) => () => getAttribute(el, attribute)),
  ].reduce((found, get) => found || get() || "", "");
  return `<${line}>` + (text ? ` "${shorten(normal(text), 40)}"` : "");
}

// What a field holds now; null for what holds nothing.
function fieldValue(el) {
  const name = localName(el);
  if (name === "input") return inputValue(el);
  if (name === "textarea") return areaValue(el);
  if (name === "select") {
    if (!selectMultiple(el)) return selectValue(el);
    return [...selectOptions(el)].filter(optionSelected).map((o) => o.value);
  }
  if (["button", "option", "output", "data", "meter", "progress", "li", "param"].includes(name)) return String(el.value);
  if (isHtml(el) && isContentEditable(el)) return innerText(el);
  return null;
}

// true, false or "mixed"; null for what cannot be checked.
function checkedState(el) {
  if (localName(el) === "input") {
    const type = inputType(el);
    if (type === "checkbox" && el.indeterminate) return "mixed";
    return type === "checkbox" || type === "radio" ? inputChecked(el) : null;
  }
  if (!/^(checkbox|radio|switch|menuitemcheckbox|menuitemradio|option|treeitem)$/.test(roleOf(el))) return null;
  const aria = getAttribute(el, "aria-checked");
  return aria === "mixed" ? "mixed" : aria === "true";
}

// A control's own state, and aria-disabled on it or around it.
function isEnabled(el) {
  if (closest(el, ":is(button,input,select,textarea,option,optgroup,fieldset):disabled")) {
    const control = closest(el, "button,input,select,textarea,option,optgroup");
    if (matches(el, ":disabled") || (control && matches(control, ":disabled"))) return false;
  }
  for (let n = el; n && isElement(n); n = parentOf(n)) {
    if (getAttribute(n, "aria-disabled") === "true") return false;
  }
  return true;
}
