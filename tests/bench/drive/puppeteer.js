const fs = require('fs');
const os = require('os');
const path = require('path');
const puppeteer = require('puppeteer-core');

require('./works').run(async (program) => {
  const browser = await puppeteer.launch({ executablePath: program, headless: true, pipe: true, args: ['--no-sandbox'] });
  const page = (await browser.pages())[0];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'karun-bench-'));
  let session;
  return {
    page,
    attached: {},
    new_page: () => browser.newPage(),
    // its own advice: select what is there, type over it
    async fill(selector, text) { await page.locator(selector).fill(text); },
    async type(selector, text) { await page.type(selector, text); },
    texts: (selector) => page.$$eval(selector, (all) => all.map((e) => e.innerText)),
    async text_of(selector, i) {
      const handle = await page.$(`#hit${i}`);
      await handle.evaluate((e) => e.innerText);
      await handle.dispose();
    },
    async download(selector) {
      if (!session) {
        session = await browser.target().createCDPSession();
        await session.send('Browser.setDownloadBehavior', { behavior: 'allowAndName', downloadPath: folder, eventsEnabled: true });
      }
      const done = new Promise((resolve) => session.on('Browser.downloadProgress', (e) => e.state === 'completed' && resolve()));
      await page.click(selector);
      await done;
    },
    async close() {
      await browser.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
});
