// Acts that need no pointer: filling, selecting, focusing.

const setInput = setter(HTMLInputElement, "value");
const setArea = setter(HTMLTextAreaElement, "value");
const setSelected = setter(HTMLOptionElement, "selected");
const inputMaxLength = getter(HTMLInputElement, "maxLength");
const areaMaxLength = getter(HTMLTextAreaElement, "maxLength");
const selectInput = method(HTMLInputElement, "select");
const selectArea = method(HTMLTextAreaElement, "select");
const inputRange = method(HTMLInputElement, "setSelectionRange");
const areaRange = method(HTMLTextAreaElement, "setSelectionRange");

const NOT_FILLED = new Set(["button", "checkbox", "file", "hidden", "image", "radio", "reset", "submit"]);
const FORMATS = {
  date: "yyyy-mm-dd", time: "hh:mm", "datetime-local": "yyyy-mm-ddThh:mm", month: "yyyy-mm", week: "yyyy-Www",
  number: "a number", range: "a number", color: "#rrggbb",
};

function isEditableHost(el) {
  return isHtml(el) && isContentEditable(el);
}

function usageOfFill(el) {
  const name = localName(el);
  if (name === "input" && NOT_FILLED.has(inputType(el))) throw new Fault("usage", `${describe(el)} is no text field`);
  if (name !== "input" && name !== "textarea" && !isEditableHost(el)) {
    throw new Fault("usage", `${describe(el)} is no field` + (name === "select" ? ", use select" : ""));
  }
}

function fill(q) {
  const check = (el) => {
    usageOfFill(el);
    if (localName(el) === "input") checkFormat(el, q.text);
  };
  return whenReady(q, { control: true, editable: true, check }, (el) => {
    focus(el);
    tell({ id: q.id, ok: true });
    if (localName(el) === "input" || localName(el) === "textarea") fillField(el, q.text);
    else fillEditable(el, q.text);
    return turn().then(() => ({ ok: true, value: fieldValue(el) }));
  });
}

// A value its type refuses would silently become an empty one. A loose input tells beforehand.
function checkFormat(el, text) {
  const format = FORMATS[inputType(el)];
  if (!format || text === "") return;
  const probe = document.createElement("input");
  probe.type = inputType(el);
  if (probe.type === "range") probe.type = "number";
  setInput(probe, text.trim());
  const refused = probe.type === "color" ? inputValue(probe) !== text.trim().toLowerCase() : inputValue(probe) === "";
  if (refused) throw new Fault("usage", `${describe(el)} takes ${format}, not "${shorten(text, 40)}"`);
}

// The prototype's own setter: a page's framework that watches the property sees a real change.
function fillField(el, text) {
  const isInput = localName(el) === "input";
  const limit = isInput ? inputMaxLength(el) : areaMaxLength(el);
  let value = isInput && FORMATS[inputType(el)] ? text.trim() : text;
  if (limit >= 0 && value.length > limit) value = value.slice(0, limit).replace(/[\ud800-\udbff]$/, "");
  if (isInput) setInput(el, value);
  else setArea(el, value);
  const typed = new InputEvent("input", { bubbles: true, composed: true, inputType: "insertText", data: value });
  dispatch(el, typed);
  dispatch(el, new Event("change", { bubbles: true }));
}

function fillEditable(el, text) {
  getSelection().selectAllChildren(el);
  if (text === "") execCommand(document, "delete");
  else execCommand(document, "insertText", false, text);
}

// ---- select

function select(q) {
  const check = (el) => {
    if (localName(el) !== "select") throw new Fault("usage", `${describe(el)} is no list to select from`);
    if (q.options.length !== 1 && !selectMultiple(el)) throw new Fault("usage", `${describe(el)} takes one option`);
  };
  return whenReady(q, { control: true, check }, (el, place, target, waiter) => {
    const chosen = [];
    for (const wanted of q.options) {
      const option = findOption(el, wanted);
      const name = optionWanted(wanted);
      if (!option) return see(waiter, "not_found", [el], `${describe(el)} has no option ${name}`);
      if (matches(option, ":disabled")) return see(waiter, "disabled", [el], `the option ${name} is disabled`);
      chosen.push(option);
    }
    focus(el);
    tell({ id: q.id, ok: true });
    for (const option of selectOptions(el)) {
      if (optionSelected(option) !== chosen.includes(option)) setSelected(option, chosen.includes(option));
    }
    dispatch(el, new Event("input", { bubbles: true, composed: true }));
    dispatch(el, new Event("change", { bubbles: true }));
    return turn().then(() => ({ ok: true, value: fieldValue(el), held: chosen.every(optionSelected) }));
  });
}

// { index: from 1 } or { is: a value, else a label }
function findOption(el, wanted) {
  const options = [...selectOptions(el)];
  if (wanted.index !== undefined) return options[wanted.index - 1];
  const label = normal(wanted.is);
  return options.find((o) => optionValue(o) === wanted.is) || options.find((o) => normal(optionText(o)) === label);
}

const optionValue = getter(HTMLOptionElement, "value");

function optionWanted(wanted) {
  return wanted.index !== undefined ? `number ${wanted.index}` : `"${shorten(wanted.is, 40)}"`;
}

// ---- focus

// caret: "end" before typing more, "all" to replace; a field that has the focus keeps its caret at "end".
function focusOn(q) {
  const needs = { control: true, editable: q.editable, still: q.press === true, hit: q.press === true };
  return whenReady(q, needs, (el) => {
    const had = focusedElement() === el;
    focus(el);
    const holder = focusedElement();
    if (q.caret === "all" || (q.caret === "end" && !had)) placeCaret(el, q.caret);
    return { ok: true, focused: holder === el || (holder !== null && isInside(holder, el)), secret: isSecret(el) };
  });
}

function isSecret(el) {
  return localName(el) === "input" && inputType(el) === "password";
}

function placeCaret(el, caret) {
  const name = localName(el);
  if (name === "input" || name === "textarea") {
    if (name === "input") selectInput(el);
    else selectArea(el);
    if (caret === "all") return;
    const end = fieldValue(el).length;
    try {
      if (name === "input") inputRange(el, end, end);
      else areaRange(el, end, end);
    } catch (error) {
      getSelection().collapseToEnd(); // email and number fields have no ranges
    }
  } else if (isEditableHost(el)) {
    getSelection().selectAllChildren(el);
    if (caret === "end") getSelection().collapseToEnd();
  }
}

function scrollTo(q) {
  return whenReady(q, { enabled: false, hit: false }, (el) => {
    scrollIfNeeded(el, true);
    return { ok: true };
  });
}

// ---- the pointer's acts

// Answers with the place and arms the guard; q.checked (check, uncheck) may find its work done.
function aim(q) {
  const check = (el) => {
    if (q.checked === undefined) return null;
    const state = checkable(el);
    if (!q.checked && (roleOf(el) === "radio" || roleOf(el) === "menuitemradio")) {
      throw new Fault("usage", `${describe(el)}: a radio button cannot be unchecked`);
    }
    return state === q.checked ? { ok: true, done: true } : null;
  };
  const needs = { control: q.checked !== undefined, check, stand_in: q.checked !== undefined, enabled: q.act !== "hover" };
  return whenReady(q, needs, (el, place, target) => {
    const answer = { ok: true, x: place.x, y: place.y, pin: q.pin ? pin(el) : undefined };
    if (q.presses && !q.force) answer.token = armGesture(target, place, q);
    return answer;
  });
}

// Is the pointer over it?
function hovered(el) {
  return matches(el, ":hover:not(_)"); // in quirks mode a bare :hover is for links only
}
