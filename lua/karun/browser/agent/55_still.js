// Does an element stand still?

// Two frames with the same place. Without frames to look at (`now`) a place is taken as it is.
function isStill(el, waiter) {
  const rect = rectOf(el);
  const last = waiter.still;
  if (last && last.el === el && sameRect(last.rect, rect)) {
    if (last.frame !== frameNumber) {
      last.frame = frameNumber;
      last.times++;
    }
    return last.times >= 2;
  }
  waiter.moved = last !== undefined && last.el === el;
  waiter.still = { el, rect, frame: frameNumber, times: 0 };
  return false;
}

function sameRect(a, b) {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

// Knows whether the page moves things, so that an element at rest is not watched for two frames
// at each click. Scripts move by style and class; style sheets by animations; people by scrolling.
// What follows a press of ours is its answer, not motion.
const motion = {
  observer: null, since: 0, last: 0, quiet: 0,

  start() {
    if (this.observer) return;
    this.observer = new MutationObserver(this.note);
    this.observer.observe(document, { subtree: true, attributes: true, attributeFilter: ["style", "class", "transform"] });
    addEventListener("scroll", this.scrolled, { capture: true, passive: true });
    this.since = now();
  },

  stop() {
    if (this.observer) this.observer.disconnect();
    this.observer = null;
  },

  note() {
    if (now() > motion.quiet) motion.last = now();
  },

  // A field that scrolls its own text moves nothing.
  scrolled(event) {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    motion.note();
  },

  // Nothing has moved for a while, and nothing is set to move.
  isOver(el) {
    this.start();
    if (this.observer.takeRecords().length) this.note();
    const time = now();
    if (time - this.since < 80 || time - this.last < 80) return false;
    for (let root = rootOf(el); root; root = root instanceof ShadowRoot ? rootOf(shadowHost(root)) : null) {
      const running = isDocument(root) ? animationsDocument(root) : animationsShadow(root);
      if (running.some((animation) => animation.playState === "running")) return false;
    }
    return true;
  },
};
