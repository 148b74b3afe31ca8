// The browser tools against a page of our own making: what they must catch, they catch.
// Usage: node selfcheck.mjs
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { axe, browse, shot, tell, weight } from './lib.mjs';

const CSP = "default-src 'self'; script-src 'self'; style-src 'self'";
const page = (body) =>
  `<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<title>Cảnh Giác</title></head><body><main><h1>Thật hay lừa đảo?</h1>${body}</main></body></html>`;
const PAGES = {
  '/': page('<p>Chưa có thông tin</p>'),
  '/bad': page('<img src="/favicon.ico"><input type="text">'),
  '/inline': page('<script>document.title = "no"</script>'),
  '/wide': page('<pre>' + 'x'.repeat(400) + '</pre>'),
  '/cut': page('<div id="box">' + 'x'.repeat(400) + '</div><link rel="stylesheet" href="/cut.css">'),
  '/cut.css': '#box { overflow: hidden }',
  '/third': page('<img alt="" src="http://127.0.0.2:9/x.png">'),
};
const server = createServer((request, response) => {
  const body = PAGES[request.url];
  response.writeHead(body ? 200 : request.url === '/favicon.ico' ? 204 : 404, {
    'content-type': `text/${request.url.endsWith('.css') ? 'css' : 'html'}; charset=utf-8`,
    'content-security-policy': CSP,
  });
  response.end(body ?? '');
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const site = await browse(`http://127.0.0.1:${server.address().port}`);

/** The troubles noted while `visit` runs. */
async function troubles(visit) {
  const before = site.troubles.length;
  await visit();
  return site.troubles.splice(before);
}

await tell({
  async 'a good page passes at both widths, with and without scripts'() {
    for (const script of [true, false]) {
      const good = await site.open('citizen', { script });
      await good.goto('/');
      await shot(good, `selfcheck${script ? '' : '-no-script'}`);
    }
    assert.ok((await weight(site, '/')) < 2000);
  },
  async 'a picture and a field without names fail, with and without scripts'() {
    for (const script of [true, false]) {
      const bad = await site.open('citizen', { script });
      await bad.goto('/bad');
      await assert.rejects(axe(bad), /image-alt[\s\S]*label/);
    }
  },
  async 'a page wider than a phone fails'() {
    const wide = await site.open('citizen');
    await wide.goto('/wide');
    await assert.rejects(shot(wide, 'selfcheck-wide'), /wide on a screen of 390/);
  },
  async 'what is cut off inside a page fails'() {
    const cut = await site.open('citizen');
    await cut.goto('/cut');
    await assert.rejects(shot(cut, 'selfcheck-cut'), /cut off at the side: div/);
  },
  async 'an inline script and a third party are noted'() {
    const seen = await troubles(async () => {
      const inline = await site.open('citizen');
      await inline.goto('/inline');
      await inline.goto('/third');
    });
    assert.match(seen.join('\n'), /Content Security Policy/);
    assert.match(seen.join('\n'), /third party/);
  },
});
await site.close();
server.close();
