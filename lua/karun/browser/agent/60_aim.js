// Before an act: is there exactly one, can it be seen, used, does it stand still, and would it
// get the event? The order is the one in which the reasons are told.

const FRACTIONS = [[0.5, 0.5], [0.25, 0.5], [0.75, 0.5], [0.5, 0.25], [0.5, 0.75]];
for (let y = 1; y < 10; y += 2) for (let x = 1; x < 10; x += 2) FRACTIONS.push([x / 10, y / 10]);

// Tried in this order; a number is the height in the window where the middle shall be, for a page
// whose bars leave only a strip.
const ALIGNMENTS = [null, "center", "end", "start", 0.6, 0.4, 0.7, 0.3, 0.8, 0.2];

// waits for a ready element and answers with act(el, place), made in the same breath
function whenReady(q, needs, act) {
  return wait(q, (waiter) => {
    const found = resolve(q.path, q.given);
    if (found.frame) return frameAnswer(found);
    let el = single(found.els);
    if (!el) return see(waiter, "not_found", [], "no element matches");
    if (needs.control) el = controlOf(el);
    if (needs.check) {
      const done = needs.check(el);
      if (done) return done;
    }
    const target = needs.stand_in ? standIn(el) : el;
    const place = q.force ? forced(target, q, waiter) : ready(target, q, needs, waiter);
    if (!place) return null;
    if (isLate(q)) return late(q, waiter);
    const answer = act(el, place, target, waiter);
    return answer && found.entry > 1 ? Promise.resolve(answer).then((a) => ({ ...a, entry: found.entry })) : answer;
  });
}

// The host has given up (a blocked page asks us late): do nothing any more.
function isLate(q) {
  return q.until !== undefined && Date.now() > q.until;
}

// Just late: the host is about to cancel, and asks what was seen. Much too late: a clock was set, or nobody asks.
function late(q, waiter) {
  return Date.now() > q.until + 1500 ? { error: "late", last: waiter.seen } : null;
}

function ready(el, q, needs, waiter) {
  const name = () => describe(el);
  if (!isVisible(el)) return see(waiter, "hidden", [el], `${name()} is not visible (${whyHidden(el)})`);
  if (needs.enabled !== false && !isEnabled(el)) return see(waiter, "disabled", [el], `${name()} is disabled`);
  if (needs.editable && isReadOnly(el)) return see(waiter, "disabled", [el], `${name()} is read-only`);
  const still = needs.still === false || q.now || motion.isOver(el) || isStill(el, waiter);
  const moving = () => see(waiter, "unstable", [el], `${name()} is moving`);
  if (!still && (waiter.moved || needs.hit === false)) return moving();
  if (needs.hit === false) return {};
  const place = placeToPress(el, q.at, waiter);
  if (place.x !== undefined) return still ? place : moving();
  return see(waiter, "covered", [el], `${name()} is covered by ${place.covered_by}`, { covered_by: place.covered_by });
}

function forced(el, q, waiter) {
  if (!rectsOf(el).length) return see(waiter, "hidden", [el], `${describe(el)} is not rendered`);
  let place = points(el, q.at).next().value;
  if (!place) {
    scrollIntoView(el, { block: "center", inline: "center", behavior: "instant" });
    place = points(el, q.at).next().value;
  }
  const rect = rectOf(el);
  return place || { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
}

function isReadOnly(el) {
  return el.readOnly === true || getAttribute(el, "aria-readonly") === "true";
}

// A label stands for its control.
function controlOf(el) {
  const label = closest(el, "label");
  const control = label && !matches(el, "input,select,textarea,button,[contenteditable]") ? label.control : null;
  return control || el;
}

// A control that is not rendered is worked through its label, as a hand would.
function standIn(el) {
  if (!el.labels || isVisible(el)) return el;
  return [...el.labels].find(isVisible) || el;
}

// ---- the place

function placeToPress(el, at, waiter) {
  let cover = null;
  const mayScroll = !waiter.scrolled || now() - waiter.scrolled > 1000;
  for (const block of mayScroll ? ALIGNMENTS : ALIGNMENTS.slice(0, 1)) {
    if (block) {
      waiter.scrolled = now();
      align(el, block);
    }
    const rect = rectOf(el);
    // A half visible element is brought into view before its visible half is tried.
    if (!block && !at && !inWindow(rect.x + rect.width / 2, rect.y + rect.height / 2)) continue;
    for (const place of points(el, at)) {
      const hit = hitAt(place.x, place.y);
      if (hit && receives(el, hit)) return place;
      cover = cover || hit;
    }
  }
  return { covered_by: cover ? nameCover(el, cover) : "nothing: it lies outside the window" };
}

function align(el, block) {
  if (typeof block === "string") {
    return scrollIntoView(el, { block, inline: block === "center" ? "center" : "nearest", behavior: "instant" });
  }
  const rect = rectOf(el);
  scrollBy({ top: rect.y + rect.height / 2 - block * innerHeight, behavior: "instant" });
}

function inWindow(x, y) {
  return x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;
}

// Places inside the element and the window, the best first.
function* points(el, at) {
  const box = rectOf(el);
  if (at) {
    const place = { x: box.x + at.x, y: box.y + at.y };
    if (inWindow(place.x, place.y)) yield place;
    return;
  }
  let rects = [...rectsOf(el)].filter((r) => r.width > 0 && r.height > 0);
  if (!rects.length) rects = getComputedStyle(el).display === "contents" ? contentRects(el) : [box];
  rects = rects.sort((a, b) => b.width * b.height - a.width * a.height).slice(0, 8);
  for (const rect of rects) {
    const place = { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
    if (inWindow(place.x, place.y)) yield place;
  }
  yield* shapePoints(el);
  for (const rect of rects) {
    const left = Math.max(rect.left, 0), right = Math.min(rect.right, innerWidth);
    const top = Math.max(rect.top, 0), bottom = Math.min(rect.bottom, innerHeight);
    if (left >= right || top >= bottom) continue;
    for (const [fx, fy] of FRACTIONS) {
      const place = { x: left + (right - left) * fx, y: top + (bottom - top) * fy };
      if (inWindow(place.x, place.y)) yield place;
    }
  }
}

// On the line of an svg shape: a ring is hollow where its middle is.
function* shapePoints(el) {
  if (!(el instanceof SVGGeometryElement)) return;
  const length = el.getTotalLength();
  for (const part of [0.5, 0.25, 0.75, 0.1]) {
    const place = el.getPointAtLength(length * part).matrixTransform(el.getScreenCTM());
    if (inWindow(place.x, place.y)) yield { x: place.x, y: place.y };
  }
}

function contentRects(el) {
  const range = new Range();
  range.selectNodeContents(el);
  return [...range.getClientRects()].filter((r) => r.width > 0 && r.height > 0);
}

// The innermost element at a place, through open shadow roots.
function hitAt(x, y) {
  let hit = fromPointDocument(document, x, y);
  while (hit && openShadow(hit)) {
    const inner = fromPointShadow(openShadow(hit), x, y);
    if (!inner || inner === hit || rootOf(inner) !== openShadow(hit)) break;
    hit = inner;
  }
  return hit;
}

// Would an event on `hit` be one on `el`: itself, something in it, or its label.
function receives(el, hit) {
  if (isInside(hit, el)) return true;
  for (let n = hit; n && isElement(n); n = parentOf(n)) {
    if (localName(n) === "label" && n.control === el) return true;
  }
  return false;
}

// The cover, and the layer it belongs to: the outermost element that does not hold `el` as well.
function nameCover(el, hit) {
  if (isInside(el, hit)) {
    const blind = getComputedStyle(el).pointerEvents === "none";
    return describe(hit) + (blind ? " (the element has pointer-events: none)" : "");
  }
  let layer = hit;
  for (let n = hit; n && isElement(n) && !isInside(el, n); n = paintedParent(n)) layer = n;
  return layer === hit ? describe(hit) : `${describe(hit)} in ${describe(layer)}`;
}

// In the parent document: a place in a frame's window as a place in ours, or what covers it there.
function throughFrame(frame, q) {
  const rect = rectOf(frame);
  const style = getComputedStyle(frame);
  const scaleX = rect.width / frame.offsetWidth || 1;
  const scaleY = rect.height / frame.offsetHeight || 1;
  const px = (value) => parseFloat(value) || 0;
  const origin = {
    x: rect.x + (px(style.borderLeftWidth) + px(style.paddingLeft)) * scaleX,
    y: rect.y + (px(style.borderTopWidth) + px(style.paddingTop)) * scaleY,
  };
  const place = { x: origin.x + (q.x || 0) * scaleX, y: origin.y + (q.y || 0) * scaleY, scale_x: scaleX, scale_y: scaleY };
  if (!q.hit) return place;
  if (!inWindow(place.x, place.y)) return { covered_by: "nothing: it lies outside the window", outside: true };
  const hit = hitAt(place.x, place.y);
  return hit === frame ? place : { covered_by: nameCover(frame, hit) };
}

// Waits until nothing covers that place, and arms the guard on the frame: what lies above it by then
// gets no press.
function throughOp(q) {
  const get = () => single(resolve(q.path, q.given).els);
  if (!q.hit) return throughFrame(get(), q);
  return wait(q, (waiter) => {
    const frame = get();
    const place = throughFrame(frame, q);
    if (place.outside) return { error: "covered", message: `${describe(frame)} lies outside the window`, ...place };
    if (place.covered_by) return see(waiter, "covered", [frame], `${describe(frame)} is covered by ${place.covered_by}`, place);
    if (isLate(q)) return late(q, waiter);
    if (q.presses) armGesture(frame, place, q, true);
    return place;
  });
}
