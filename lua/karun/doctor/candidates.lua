-- luacheck: no max line length
-- What an element of a page might be meant by a selector that matches no more. Runs in the page, reads
-- only. Each element is weighed by its id, classes, attributes, role, text and place against the
-- selector's name and old entries, and against what was remembered of it; for the best one the possible
-- selectors are ranked by how likely they last.

-- (want) => { about, score, selectors: [{ selector, lasts, kind, count }] } or null
--   want: { words: {word: weight}, tag, type, clickable, many, row, around, attribute, seen, letter, leaf }
return [[(want) => {
  const generic = new Set(['div', 'span', 'the', 'and', 'custom', 'btn', 'button', 'input', 'container', 'wrapper', 'inner', 'controls']);
  const tokens = (text) => String(text ?? '').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((w) => w.length > 1);
  const clean = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
  const made = (word) => /^(css|sc|jsx|svelte)-/.test(word)
    || word.split(/[-_]+/).some((p) => /\d{3,}/.test(p) || (/\d/.test(p) && /[a-z]/i.test(p) && p.length > 4 && !/^[a-z]+\d{1,2}$/i.test(p)));
  const isVisible = (e) => e.getClientRects().length > 0;
  const roleOf = (e) => e.getAttribute('role') || ({ A: e.hasAttribute('href') ? 'link' : '', BUTTON: 'button', H1: 'heading', H2: 'heading' })[e.tagName]
    || (e.tagName === 'INPUT' ? ({ checkbox: 'checkbox', radio: 'radio', range: 'slider', submit: 'button', button: 'button' })[e.type] || 'textbox' : '') || '';
  const nameOf = (e) => clean(e.getAttribute('aria-label') || e.innerText || e.value || e.getAttribute('title') || '').slice(0, 60);
  const isClickable = (e) => ['A', 'BUTTON', 'SUMMARY'].includes(e.tagName) || roleOf(e) === 'button' || e.hasAttribute('onclick') || (e.tagName === 'INPUT' && ['submit', 'button', 'image'].includes(e.type));
  const placeOf = (e, root) => {
    const steps = [];
    for (let n = e; n && n !== root && n !== document.body && n.parentElement; n = n.parentElement) {
      const same = [...n.parentElement.children].filter((c) => c.tagName === n.tagName);
      steps.unshift(n.tagName.toLowerCase() + (same.length > 1 ? `:nth-of-type(${same.indexOf(n) + 1})` : ''));
    }
    return steps.join('>');
  };
  const facts = (e, root) => ({ tag: e.tagName.toLowerCase(), id: e.id || '', classes: [...e.classList], role: roleOf(e), text: nameOf(e), type: e.getAttribute('type') || '', name: e.getAttribute('name') || '', place: placeOf(e, root) });
  const rows = want.row ? [...document.querySelectorAll(want.row)] : [];
  const root = rows[0] || document.body;
  if (want.facts) {
    const e = want.row ? rows.map((r) => r.querySelector(want.facts)).find(Boolean) : document.querySelector(want.facts);
    return e ? facts(e, want.row ? rows.find((r) => r.contains(e)) : document.body) : null;
  }

  // A caption is what differs from row to row.
  const varies = (e) => {
    const at = placeOf(e, root);
    const texts = rows.map((r) => clean((at ? r.querySelector(':scope > ' + at.split('>').join(' > ')) : null)?.textContent));
    return texts.every((t) => t && !/^[\d.,:%-]+$/.test(t)) && new Set(texts).size > texts.length / 2;
  };
  const utility = (c) => /^(btn|button|big|small|large|primary|secondary|row|col|flex|grid|link|text|left|right|center|container|wrapper)\b/.test(c) || /^[mp][tblrxy]?-\d/.test(c);

  const score = (e) => {
    let sum = 0;
    const gain = (text, factor) => { for (const w of new Set(tokens(text))) for (const [word, weight] of Object.entries(want.words)) if (!generic.has(w) && (w === word || (word.length > 3 && w.length > 3 && (w.startsWith(word) || w.endsWith(word))))) sum += weight * factor; };
    gain(e.id, 1.2); gain([...e.classList].join(' '), 1.2); gain(e.getAttribute('name'), 1.2);
    gain([e.getAttribute('aria-label'), e.getAttribute('title'), e.getAttribute('placeholder'), e.getAttribute('alt')].join(' '), 1);
    gain([...e.attributes].filter((a) => a.name.startsWith('data-')).map((a) => a.name.slice(5) + ' ' + a.value.slice(0, 40)).join(' '), 0.8);
    gain(e.getAttribute('href'), 0.6); gain(e.getAttribute('onclick'), 0.4);
    if (!e.firstElementChild || isClickable(e)) gain(nameOf(e), 0.8);
    if (want.letter && nameOf(e).toLowerCase() === want.letter) sum += 1;
    if (sum > 0 && want.tag) sum += want.tag === e.tagName.toLowerCase() ? 1 : -1;
    if (want.type) sum += e.type === want.type ? 6 : -6;
    if (want.clickable) sum += isClickable(e) ? 1 : -3;
    if (want.leaf && rows.length > 1 && varies(e)) sum += 2;
    if (want.leaf) sum += clean(e.textContent) && !isClickable(e) && !['INPUT', 'CANVAS'].includes(e.tagName) ? 1 - 0.3 * e.childElementCount : -4;
    if (!isVisible(e)) sum -= 0.5;
    const s = want.seen;
    if (s) {
      const f = facts(e, root);
      if (s.id && f.id === s.id) sum += 6;
      sum += 2 * f.classes.filter((c) => s.classes.includes(c) && !made(c)).length;
      if (s.text && f.text === s.text) sum += 2.5;
      if (f.tag === s.tag) sum += 0.5;
      if (f.role && f.role === s.role) sum += 0.5;
      if (f.name && f.name === s.name) sum += 3;
      if (f.place === s.place) sum += 2.5;
    }
    return sum;
  };

  const signature = (e) => e.tagName + '.' + [...e.classList].filter((c) => !made(c) && !/^(is|has)-/.test(c)).sort().join('.');
  const twins = (e) => e.parentElement ? [...e.parentElement.children].filter((c) => signature(c) === signature(e)) : [e];
  let best = null, value = want.seen ? 4 : 2.5;
  const consider = (e, v) => { if (v > value) { best = e; value = v; } };
  if (want.around && document.querySelectorAll(want.around).length > 1) {
    const inside = [...document.querySelectorAll(want.around)];
    let e = inside[0].parentElement;
    while (e && !inside.every((r) => e.contains(r))) e = e.parentElement;
    if (e && e !== document.body && e !== document.documentElement) { best = e; value = 5; }
  } else {
    for (const e of root.querySelectorAll('*')) {
      if (['SCRIPT', 'STYLE', 'LINK', 'META', 'TEMPLATE', 'NOSCRIPT', 'HEAD', 'BR', 'OPTION'].includes(e.tagName)) continue;
      let v = score(e);
      if (want.many && (v > 0 || want.holds)) {
        const n = twins(e).length;
        v += n > 1 ? 2 : -3;
        if (want.attribute) v += e.hasAttribute(want.attribute) ? 4 : 0;
        if (want.holds) v += e.querySelector('button, input, [role=button]') ? 2 : -2;
      }
      consider(e, v);
    }
  }
  if (!best) return null;

  const quote = (text) => JSON.stringify(text);
  const tag = best.tagName.toLowerCase();
  const said = new Set(Object.keys(want.words));
  const list = [];
  const add = (selector, lasts, kind) => { if (!list.some((o) => o.selector === selector)) list.push({ selector, lasts, kind }); };
  const extra = want.many && want.attribute && best.hasAttribute(want.attribute) ? '[' + want.attribute + ']' : '';
  for (const a of best.attributes) {
    if (/^data-(test|testid|test-id|qa|cy)$/.test(a.name) && !want.many) add('[' + a.name + '=' + quote(a.value) + ']', 95, 'a test mark');
  }
  if (best.id && !made(best.id) && !want.many && !want.row) add('#' + CSS.escape(best.id), 90, 'its id');
  const name = best.getAttribute('name');
  if (name && !made(name)) add(tag + '[name=' + quote(name) + ']', 85, 'its name');
  const classes = [...best.classList].filter((c) => !/^(is|has|js)-/.test(c) && !/^(active|on|open|selected|disabled|hidden)$/.test(c));
  const good = classes.filter((c) => !made(c));
  const wordy = (c) => tokens(c).some((w) => said.has(w));
  for (const c of good) add(tag + '.' + CSS.escape(c) + extra, wordy(c) ? 82 : utility(c) ? 30 : 58, 'its class');
  if (good.length > 1) add(tag + good.map((c) => '.' + CSS.escape(c)).join('') + extra, good.every(utility) ? 35 : 62, 'its classes');
  for (const a of best.attributes) if (a.name.startsWith('data-') && !made(a.value) && !/^data-(test|testid|test-id|qa|cy)$/.test(a.name)) {
    add(tag + '[' + a.name + (want.many || /^\d*$/.test(a.value) || a.value.length > 30 ? '' : '=' + quote(a.value)) + ']', tokens(a.name + ' ' + a.value).some((w) => said.has(w)) ? 78 : 55, 'its data');
  }
  if (want.type || (tag === 'input' && best.type === 'password')) add(tag + '[type=' + quote(best.type) + ']', 80, 'its type');
  const href = best.getAttribute('href');
  if (href && href.length > 2 && !href.startsWith('#') && !href.startsWith('javascript')) {
    const path = href.split(/[?#]/)[0].split('/').filter(Boolean).pop();
    if (path && !/\d{4,}/.test(path)) add(tag + '[href*=' + quote(path) + ']', 65, 'where it leads');
  }
  for (const a of ['aria-label', 'title', 'placeholder']) if (best.getAttribute(a)) add(tag + '[' + a + '=' + quote(best.getAttribute(a)) + ']', 50, 'its ' + a + ' (translated on other hosts)');
  const role = roleOf(best), label = nameOf(best);
  if (role && label && label.length < 40 && !want.many) add('role=' + role + '[name=' + quote(label) + ']', 48, 'role and name (translated on other hosts)');
  for (let p = best.parentElement; p && p !== document.body && (!want.row || p !== root); p = p.parentElement) {
    const mark = p.id && !made(p.id) ? '#' + CSS.escape(p.id) : [...p.classList].filter((c) => !made(c) && wordy(c)).map((c) => '.' + CSS.escape(c))[0];
    if (mark) { add(mark + ' ' + tag + (good[0] ? '.' + CSS.escape(good[0]) : ''), 54, 'its surroundings'); break; }
  }
  if (label && label.length < 30 && !best.firstElementChild && !want.many && !want.leaf) add('text=' + quote(label), 40, 'its text (translated on other hosts)');
  const steps = placeOf(best, root).split('>').filter(Boolean);
  if (steps.length && steps.length < 5 && !want.many) add((want.row ? '' : 'body > ') + steps.join(' > '), 15, 'its place only');

  const plain = (s) => !/^(role=|text=|xpath=|\/\/)/.test(s);
  const count = (scope, s) => { try { return scope.querySelectorAll(s).length; } catch { return -1; } };
  const fits = list.filter((o) => {
    if (!plain(o.selector)) return true; // counted by karun itself afterwards
    if (want.row) { o.count = rows.reduce((sum, r) => sum + (count(r, o.selector) === 1), 0); return o.count === rows.length; }
    o.count = count(document, o.selector);
    if (want.many) return o.count > 1 && document.querySelector(o.selector) && [...document.querySelectorAll(o.selector)].includes(best);
    return o.count >= 1 && document.querySelector(o.selector) === best;
  });
  for (const o of fits) if (!want.row && !want.many && o.count > 1) o.lasts -= 15;
  fits.sort((a, b) => b.lasts - a.lasts);
  const about = '<' + tag + (best.id ? ' id=' + quote(best.id) : '') + (best.classList.length ? ' class=' + quote([...best.classList].join(' ')) : '') + '>' + (label ? ' ' + quote(label.slice(0, 40)) : '');
  return fits.length ? { about, score: value, selectors: fits.slice(0, 6) } : null;
}]]
