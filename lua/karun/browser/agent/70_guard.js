// The guard: the target is checked once more at the press itself. A press that would land elsewhere
// is swallowed whole, from pointerdown to click; the host aims again. So nothing is clicked instead,
// and nothing later: a gesture whose host has given up is swallowed too.

const GESTURE = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "auxclick", "contextmenu", "dblclick"];

let gestures = []; // armed, in the order of arming
let lastToken = 0;
let swallowing = false;
const answers = new Map(); // token -> promise, kept for a host that asks after the press

// Also called again after document.open, which takes listeners away. The same listener is added once.
function guardWindow() {
  for (const type of GESTURE) addEventListener(type, onGesture, true);
  for (const type of ["dragstart", "dragend"]) addEventListener(type, onDrag, true);
}

// To the host, unasked and at once: what answers it is waiting for may be lost with this document.
function tell(message) {
  if (typeof globalThis.__karun_tell === "function") globalThis.__karun_tell(JSON.stringify(message));
}

// astray: el is a frame, and what this window hears of the press has not gone into it (the browser's own map
// of frames of other sites comes a frame later than a scroll).
function armGesture(el, place, q, astray) {
  guardWindow();
  const gesture = { token: ++lastToken, id: q.id, until: q.until, el, x: place.x, y: place.y, left: q.presses, made: 0, astray };
  answers.set(gesture.token, new Promise((resolve) => { gesture.tell = resolve; }));
  answers.delete(gesture.token - 50);
  drag = {};
  gestures = [...gestures.slice(-20), gesture];
  return gesture.token;
}

function disarm(gesture) {
  gestures = gestures.filter((g) => g !== gesture);
}

function onGesture(event) {
  if (!event.isTrusted) return;
  motion.quiet = now() + 40;
  if (event.type === "pointerdown") swallowing = !passes(event);
  // A click made by the keyboard has no press behind it.
  if (!swallowing || (event.type === "click" && event.detail === 0)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

// One press of a gesture; a press where none was armed is somebody else's and passes.
function passes(event) {
  const gesture = gestures.find((g) => Math.abs(g.x - event.clientX) < 2 && Math.abs(g.y - event.clientY) < 2);
  if (!gesture) return true;
  gesture.wrong = gesture.wrong || verdict(gesture, composedPath(event)[0]);
  if (!gesture.wrong) gesture.made++;
  gesture.left--;
  if (gesture.left === 0) disarm(gesture);
  const told = { ok: !gesture.wrong, made: gesture.made, left: gesture.left, ...gesture.wrong };
  if (gesture.left === 0 || gesture.wrong) gesture.tell(told);
  tell({ id: gesture.id, ...told });
  return !gesture.wrong;
}

function verdict(gesture, hit) {
  if (gesture.cancelled || isLate(gesture)) return { late: true };
  if (!isElement(hit)) return { vetoed: true, covered_by: "the document" };
  if (receives(gesture.el, hit)) return gesture.astray ? { vetoed: true, astray: true } : null;
  return { vetoed: true, gone: !isPresent(gesture.el), covered_by: nameCover(gesture.el, hit) };
}

// The last drag of the page's own kind (draggable): whether it began, and whether its target took it.
let drag = {};

function onDrag(event) {
  if (!event.isTrusted) return;
  if (event.type === "dragstart") drag = { start: event };
  else drag.effect = event.dataTransfer ? event.dataTransfer.dropEffect : "none";
}

function dragged(q) {
  if (q.reset) drag = {};
  return { started: drag.start !== undefined && !drag.start.defaultPrevented, effect: drag.effect };
}

// within: ms after which input that has not arrived is taken for lost; should it come yet, it is swallowed.
function pressed(q) {
  const answer = answers.get(q.token);
  if (answer && q.within) setTimeout(() => cancelGestures((gesture) => gesture.token === q.token, true), q.within);
  return answer || { unknown: true };
}

// sent: the input is on its way, and must come to nothing; else there is nothing to stop.
function cancelGestures(chosen, sent) {
  for (const gesture of gestures.filter(chosen)) {
    gesture.cancelled = true;
    gesture.tell({ ok: false, cancelled: true, made: gesture.made });
    if (!sent) disarm(gesture);
  }
}

guardWindow();
