// What playwright and puppeteer share: how each work is timed and printed. A driver gives the few verbs.
const now = () => Number(process.hrtime.bigint()) / 1e9;
const cpu = () => { const use = process.cpuUsage(); return (use.user + use.system) / 1e6; };
const say = (work, value) => console.log(`${work} ${value.toFixed(9)}`);
const sure = (ok) => { if (!ok) throw new Error('not as it must be'); };

async function timed(work, fn) {
  const from = now();
  await fn();
  say(work, now() - from);
}

const CALLS = 20; // of the thousand single texts: the rest is said by multiplication

exports.works = {
  async cold(d) {
    await d.open('/title');
    sure(await d.page.title() === 'cold');
  },
  async eval(d) {
    await d.open('/form');
    const one = async () => sure(await d.page.evaluate('1+1') === 2);
    for (let i = 0; i < 100; i++) await one();
    for (let i = 0; i < 500; i++) await timed('eval', one);
    const from = cpu();
    for (let i = 0; i < 1000; i++) await one();
    say('eval_cpu', (cpu() - from) / 1000);
  },
  async click(d) {
    await d.open('/form');
    for (let i = 0; i < 60; i++) await timed('click', () => d.page.click('#go'));
    sure(await d.page.evaluate('hits') === 60);
  },
  async fill(d) {
    await d.open('/form');
    for (let i = 1; i <= 40; i++) await timed('fill', () => d.fill('#name', `value ${i}`));
    for (let i = 0; i < 20; i++) {
      await d.page.evaluate("document.querySelector('#name').value = ''");
      await timed('type', () => d.type('#name', 'fourteen chars'));
      sure(await d.page.evaluate("document.querySelector('#name').value.length") === 14);
    }
  },
  async wait(d) {
    await d.open('/wait');
    let best = Infinity, offset;
    for (let i = 0; i < 50; i++) {
      const before = now(), its = await d.page.evaluate('performance.now()') / 1000, after = now();
      if (after - before < best) { best = after - before; offset = (before + after) / 2 - its; }
    }
    for (let i = 0; i < 50; i++) {
      await d.page.evaluate('later(20 + Math.random() * 30), 0');
      await d.page.waitForSelector('#late', d.attached);
      const at = now();
      say('wait', at - (await d.page.evaluate('changed_at') / 1000 + offset));
    }
  },
  async download(d) {
    await d.open('/wait');
    for (let i = 0; i < 15; i++) {
      await d.download('#get');
      const at = now();
      say('download', at - await d.page.evaluate("fetch('/ended').then(r => r.json()).then(v => v.value)"));
    }
  },
  async big(d) {
    await d.open('/form');
    for (let i = 0; i < 5; i++) await timed('big', async () => sure((await d.page.evaluate("'x'.repeat(10485760)")).length === 10485760));
  },
  async pages(d) {
    const pages = [d.page];
    while (pages.length < 8) {
      const page = await d.new_page();
      await page.goto(d.base + '/form');
      pages.push(page);
    }
    const from = now();
    await Promise.all(pages.map(async (page) => { for (let i = 0; i < 250; i++) await page.evaluate('1+1'); }));
    say('pages', (now() - from) / 2000);
  },
  async text(d) {
    await d.open('/many');
    for (let i = 0; i < 5; i++) await timed('texts', async () => sure((await d.texts('.hit')).length === 1000));
    const from = now();
    for (let i = 0; i < CALLS; i++) await d.text_of('.hit', i);
    say('text1000', (now() - from) * 1000 / CALLS);
  },
};

exports.run = async (start) => {
  const [program, base, ...names] = process.argv.slice(2);
  const driver = await start(program, base);
  driver.base = base;
  driver.open = (path) => driver.page.goto(base + path);
  for (const name of names) await exports.works[name](driver);
  await driver.close();
  if (names[0] === 'cold') {
    say('cold_cpu', cpu());
    say('cold_rss', process.resourceUsage().maxRSS / 1024);
  }
};
