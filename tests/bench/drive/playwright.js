const { chromium } = require('playwright-core');

require('./works').run(async (program) => {
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--headless=new'] });
  const context = await browser.newContext({ acceptDownloads: true });
  const page = await context.newPage();
  return {
    page,
    attached: { state: 'attached' },
    new_page: () => context.newPage(),
    fill: (selector, text) => page.fill(selector, text),
    type: (selector, text) => page.locator(selector).pressSequentially(text),
    texts: (selector) => page.locator(selector).allInnerTexts(),
    text_of: (selector, i) => page.locator(selector).nth(i).innerText(),
    async download(selector) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(selector)]);
      await download.path();
    },
    close: () => browser.close(),
  };
});
