// The questions. See 00_protocol.js for what each takes and gives.

const READ = {
  text: (el, q) => q.raw ? textContent(el) : readerText(el),
  attr: (el, q) => getAttribute(el, q.name),
  html: (el) => innerHTML(el),
  has_class: (el, q) => classList(el).contains(q.name),
  enabled: isEnabled,
  checked: (el) => checkable(el) === true,
  visible: isVisible,
  box: boxOf,
  role: roleOf,
  name: (el) => nameOf(el),
  hovered,
  describe,
  secret: isSecret,
  value(el) {
    const value = fieldValue(el);
    if (value === null) throw new Fault("usage", `${describe(el)} has no value`);
    return value;
  },
  file_input(el) {
    const input = controlOf(el);
    const is = localName(input) === "input" && inputType(input) === "file";
    return is ? { multiple: input.multiple, pin: pin(input), enabled: isEnabled(input) } : null;
  },
};

function boxOf(el) {
  if (!rectsOf(el).length) return null;
  const rect = rectOf(el);
  return { x: rect.x, y: rect.y, w: rect.width, h: rect.height };
}

// Questions about all matches: answered at once.
const READ_ALL = {
  exists: (els) => els.length > 0,
  visible: (els) => els.some(isVisible),
  count: (els) => els.length,
  texts: (els, q) => els.map((el) => READ.text(el, q)),
  attrs: (els, q) => els.map((el) => getAttribute(el, q.name)),
  pins: (els) => els.map(pin),
  matches: (els) => ambiguity(els),
};

function frameAnswer(found) {
  return { frame: true, pin: pin(found.frame), rest: { sel: found.rest, steps: found.steps || [] }, entries: found.entries };
}

function read(q) {
  const all = READ_ALL[q.what];
  if (all) {
    const found = resolve(q.path, q.given);
    return found.frame ? frameAnswer(found) : { value: all(listOf(found.els), q), entry: found.entry };
  }
  if (!READ[q.what]) throw new Fault("usage", `nothing to read: ${q.what}`);
  return whenThere(q, (el) => READ[q.what](el, q));
}

function whenThere(q, get) {
  return wait(q, (waiter) => {
    const found = resolve(q.path, q.given);
    if (found.frame) return frameAnswer(found);
    const el = single(found.els);
    if (!el) {
      waiter.frames = readsLayout(q.path);
      return see(waiter, "not_found", [], "no element matches");
    }
    return { value: get(el), entry: found.entry };
  });
}

// Disarms and says what was seen last, in one answer.
function cancel(q) {
  const waiter = waiters.get(q.id);
  cancelGestures((gesture) => gesture.id === q.id, q.sent);
  if (!waiter) return { unknown: true };
  settle(waiter, { error: "cancelled" });
  listen();
  return { last: waiter.seen };
}

const OPS = {
  read,
  wait: (q) => wait(q, waitTest(q)),
  aim, pressed, dragged, fill, select,
  focus: focusOn,
  scroll: scrollTo,
  pin: (q) => whenThere(q, pin),
  through: throughOp,
  cancel,
  seen: (q) => ({ last: waiters.has(q.id) ? waiters.get(q.id).seen : null }),
  drop: (q) => ({ ok: pins.delete(q.pin) }),
  rearm: () => { rearm(); return { ok: true }; },
  stats: () => ({ waiters: waiters.size, gestures: gestures.length, pins: pins.size, observing: observer !== null }),
};

function answerFault(error) {
  if (!(error instanceof Fault)) return { error: "internal", message: String(error && error.stack || error) };
  return { error: error.kind, message: error.message, ...error.fields };
}

// given: an element the host holds, in place of q.path
function ask(q, given) {
  try {
    if (given) q.given = given;
    if (!OPS[q.op]) throw new Fault("usage", `no such question: ${q.op}`);
    if (q.path) motion.start();
    return OPS[q.op](q);
  } catch (error) {
    return answerFault(error);
  }
}

function element(q) {
  const el = pins.get(q.pin);
  if (q.drop) pins.delete(q.pin);
  return el && isPresent(el) ? el : null;
}

globalThis.__karun = { ask, element };
