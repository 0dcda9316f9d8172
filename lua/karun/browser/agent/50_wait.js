// Waiting. A waiter has a `test`, asked again whenever something may have changed: mutations (of the
// document and of every open shadow root), events of fields, and animation frames where layout decides.
// test() -> an answer (the wait is over) or null; it leaves in waiter.seen what it saw last.
// Nothing here knows a deadline: the host cancels.

const waiters = new Map();
const now = () => performance.now();

let observer = null;
let observed = new Set();
let frameRequest = 0;
let frameTimer = 0;
let frameNumber = 0;
let trailing = false;

const FIELD_EVENTS = ["input", "change", "toggle", "transitionend", "animationend", "load"];

function wait(q, test) {
  const waiter = { id: q.id, test, seen: null, cost: 0, ended: 0, frames: true };
  const first = attempt(waiter);
  if (first) return first;
  if (q.now) return atOnce(waiter);
  return new Promise((resolve) => {
    waiter.resolve = resolve;
    waiters.set(q.id, waiter);
    listen();
  });
}

// No time to wait: what was seen is the answer.
function atOnce(waiter) {
  const seen = waiter.seen || { kind: "timeout" };
  return { error: seen.kind, ...seen };
}

function attempt(waiter) {
  const start = now();
  waiter.busy = true; // its own act sets off events that would ask it again
  try {
    return waiter.test(waiter);
  } catch (error) {
    return answerFault(error);
  } finally {
    waiter.busy = false;
    waiter.ended = now();
    waiter.cost = waiter.ended - start;
  }
}

// A costly test on a busy page runs at most a fifth of the time; a frame later is soon enough.
function retest(fromFrame) {
  for (const waiter of [...waiters.values()]) {
    if (waiter.busy || (fromFrame && !waiter.frames && !waiter.late)) continue;
    waiter.late = waiter.cost > 0.5 && now() - waiter.ended < 4 * waiter.cost;
    if (waiter.late) {
      trailing = true;
      continue;
    }
    const answer = attempt(waiter);
    if (answer) settle(waiter, answer);
  }
  listen();
}

function settle(waiter, answer) {
  waiters.delete(waiter.id);
  waiter.resolve(answer);
}

function onMutation() {
  retest(false);
}

function onFrame() {
  stopFrames();
  frameNumber++;
  trailing = false;
  retest(true);
}

// Arm for what is awaited now, or disarm when nothing is.
function listen() {
  if (!waiters.size) return unlisten();
  const roots = [document, ...shadows.all()];
  if (!observer || roots.length !== observed.size || roots.some((root) => !observed.has(root))) observe(roots);
  let frames = trailing;
  for (const waiter of waiters.values()) frames = frames || waiter.frames;
  if (!frames || frameRequest) return;
  frameRequest = requestAnimationFrame(onFrame);
  // An iframe out of view is given no frames at all; a view of it now and then must do.
  frameTimer = setTimeout(onFrame, 100);
}

function stopFrames() {
  cancelAnimationFrame(frameRequest);
  clearTimeout(frameTimer);
  frameRequest = frameTimer = 0;
}

function observe(roots) {
  if (observer) observer.disconnect();
  observer = observer || new MutationObserver(onMutation);
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  for (const root of roots) observer.observe(root, all);
  observed = new Set(roots);
  for (const type of FIELD_EVENTS) addEventListener(type, onMutation, true);
}

function unlisten() {
  if (observer) observer.disconnect();
  observer = null;
  observed = new Set();
  for (const type of FIELD_EVENTS) removeEventListener(type, onMutation, true);
  stopFrames();
  trailing = false;
}

// The window has another document (or the same one, opened again): look afresh.
function rearm() {
  unlisten();
  guardWindow();
  motion.stop();
  if (waiters.size) retest(false);
}

// ---- conditions of wait{}

// Layout decides these, or nothing announces them: frames are needed.
function needsFrames(q, state) {
  const want = q.want;
  if (state && state !== "attached" && state !== "detached") return true;
  if (want.text !== undefined || want.value !== undefined) return true;
  if (readsLayout(q.path)) return true;
  // An element that is defined later grows its shadow root without a mutation.
  return queryAll(document, ":not(:defined)").length > 0;
}

function readsLayout(path) {
  return /text=|role=|"visible":|"text":/.test(JSON.stringify(path || ""));
}

function hasOther(want) {
  return ["class", "no_class", "text", "attr", "value", "count"].some((key) => want[key] !== undefined);
}

function waitTest(q) {
  const want = q.want;
  const state = want.state || (hasOther(want) ? null : "visible");
  return (waiter) => {
    waiter.frames = needsFrames(q, state);
    const found = resolveGone(q, state);
    if (found.frame) return frameAnswer(found);
    const els = found.els;
    if (want.count !== undefined && els.length !== want.count) {
      return see(waiter, "timeout", els, `${els.length} elements match`);
    }
    if (state === "detached") return els.length ? see(waiter, "timeout", els, "still there") : { ok: true };
    const many = state === "hidden" || want.count !== undefined;
    if (!many && !single(els)) return see(waiter, "timeout", els, "no element matches");
    for (const el of els) {
      const why = missing(el, want, state, waiter);
      if (why) return see(waiter, "timeout", els, `${describe(el)} ${why}`);
    }
    return { ok: true, entry: found.entry };
  };
}

// For "hidden" and "detached" an element that has left is as good as none.
function resolveGone(q, state) {
  try {
    return resolve(q.path, q.given);
  } catch (error) {
    if (error.kind === "stale" && (state === "hidden" || state === "detached")) return { els: [] };
    throw error;
  }
}

function see(waiter, kind, els, text, fields) {
  waiter.seen = { kind, seen: text, count: els.length, ...fields };
  return null;
}

// What does not hold yet, in words; null when all holds.
function missing(el, want, state, waiter) {
  const states = {
    visible: () => isVisible(el) ? null : `is not visible (${whyHidden(el)})`,
    hidden: () => isVisible(el) ? "is visible" : null,
    attached: () => null,
    enabled: () => isEnabled(el) ? null : "is disabled",
    disabled: () => isEnabled(el) ? "is enabled" : null,
    stable: () => isStill(el, waiter) ? null : "is moving",
    checked: () => checkable(el) === true ? null : "is not checked",
    unchecked: () => checkable(el) === false ? null : "is checked",
  };
  const why = state && states[state]();
  if (why) return why;
  for (const token of tokens(want.class)) if (!classList(el).contains(token)) return `has not the class ${token}`;
  for (const token of tokens(want.no_class)) if (classList(el).contains(token)) return `has the class ${token}`;
  if (want.text !== undefined && !textTest(want.text).test(readerText(el))) return `says "${shorten(readerText(el), 80)}"`;
  if (want.value !== undefined && fieldValue(el) !== want.value) return "has another value";
  return missingAttribute(el, want.attr || {});
}

function tokens(text) {
  return (text || "").split(/\s+/).filter(Boolean);
}

function missingAttribute(el, wanted) {
  for (const name of Object.keys(wanted)) {
    const value = getAttribute(el, name);
    const holds = typeof wanted[name] === "boolean" ? (value !== null) === wanted[name] : value === wanted[name];
    if (!holds) return value === null ? `has no attribute ${name}` : `has ${name}="${shorten(value, 80)}"`;
  }
  return null;
}

function checkable(el) {
  const state = checkedState(el);
  if (state === null) throw new Fault("usage", `${describe(el)} cannot be checked`);
  return state;
}
