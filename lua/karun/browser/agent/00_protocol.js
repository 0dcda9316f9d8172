// The agent: karun's only JavaScript. It finds, describes, checks before an act, and waits; it knows
// no site and no deadline. The host puts it into an isolated world of every frame and asks
//
//   __karun.ask(q)          one question, a plain object; the answer is one too, or a promise of it
//   __karun.ask(q, element) the same about an element the host holds (in place of q.path)
//   __karun.element({pin, drop=})  the very element, or null when it has left
//
// PATHS. A locator travels as q.path = { sel | pin, steps }:
//   sel    a selector, or an ordered list of them: the first that matches. An answer's `entry` says
//          which (from 1; absent means the first).
//   pin    a number from an earlier answer: that very element (`sel` then searches inside it).
//   steps  a list of { nth: i } (from 1; negative from the end), { filter: { text, has, visible } },
//          { find: sel }.
// Selectors: CSS (through open shadow roots), text=part, text="exact", role=button[name="Save"][pressed],
// xpath=… or //…, and chains a >> b. [name="x"] is the whole name; [name=x] any case and part of it.
//
// FRAMES. Where an iframe stands in the middle of a chain the answer to any question is
//   { frame: true, pin, rest, entries }: take element({pin, drop:true}), describe it to learn its frameId,
//   and ask the same with path = rest in that frame's own world. When that world is lost, begin again.
//   From a list of selectors all that lead into this frame go along in rest.sel; entries[answer.entry] is then
//   the place in the list that was asked.
//
// FAILURES. { error: kind, message, … }: selector, usage, ambiguous (count, matches: five lines), stale,
//   late (q.until has passed: nothing was done), cancelled, internal. With q.now the first look decides
//   and error is the reason: not_found, hidden, disabled, unstable, covered, timeout.
//
// WAITING. Every question that may wait takes an `id` the host makes up (unique in this world) and
//   now: true      do not wait
//   until: ms      a Date.now(): asked or pressed later than this (a blocked page), nothing is done
//   cancel { id, sent } -> { last } disarms at once; last = { kind, seen (words), count, covered_by } or
//                  null; { unknown: true } when it had ended. sent: true when input of this act is on its
//                  way and not yet acknowledged: it will be swallowed. The pending answer is error "cancelled".
//   seen { id }    -> { last } without disarming
//   rearm {}       on Page.frameNavigated and Page.documentOpened: look at the window's document afresh
//
// QUESTIONS
//   read { what, path }             -> { value }
//     at once, about all matches: exists, visible (any), count, texts (raw=), attrs (name=), pins (a list), matches
//     waits for the one element:  text (raw=), attr (name=), value, html, has_class (name=), enabled, checked,
//     box {x,y,w,h}, role, name, describe, secret (a password field), hovered, file_input ({pin, multiple} or null)
//   pin { path } -> { value: pin }; drop { pin }
//   wait { path, want: { state, class, no_class, text, attr, value, count } } -> { ok }
//   aim { path, at, force, presses, button?, checked, act } -> { ok, x, y, token }
//     Waits for exactly one, visible, enabled, still, hit-testable; scrolls as needed; x, y in this frame's
//     window. presses: n arms the guard for n presses there (none with force). at: {x,y} from the element's
//     top left. checked: true|false is for check and uncheck: { ok, done: true } when it is so already.
//     act: "hover" goes for disabled elements too.
//   pressed { token, within } -> { ok, made } once the last press has been judged, before the page saw it; or
//     { ok: false, vetoed: true, covered_by, gone, astray } (nothing happened: aim again, unless made > 0),
//     { ok: false, late: true }, { unknown: true }; { cancelled: true } also when nothing arrived here within so many
//     ms: aim again. Asked when nothing was told.
//   dragged { reset } -> { started, effect } of the last drag since an aim: with Input.setInterceptDrags and
//     dispatchDragEvent (dragEnter, dragOver, drop), then mouseReleased, the effect is "none" when refused.
//     Moves of a drag say button "left", buttons 1.
//   through { path | element, x, y, hit, presses } -> { x, y, scale_x, scale_y }: a place in that iframe's window
//     as a place in ours; with hit: true it waits until nothing covers it ({ error: "covered", outside: true }
//     at once when it lies outside the window); presses arms the guard on the iframe.
//   fill { path, text, force }      -> { ok, value } (one input, one change event)
//   select { path, options: [{ is: text } | { index }], force } -> { ok, value, held }
//   focus { path, caret: "end"|"all"|nil, editable, press }     -> { ok, focused, secret }
//     press: true makes it wait for still and hit-testable as well; "end" leaves a caret that is there already
//   scroll { path } -> { ok }
//   stats {} -> what is armed
//
// TOLD. Unasked, through the binding __karun_tell of this world, at the moment of the act and before the page
// hears of it: { id, ok, made, left, vetoed, … } at each press of a gesture, { id, ok } at fill and select.
// So an act whose answer was lost with its document is known to have been made.
