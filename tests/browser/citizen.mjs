// What a citizen does on the public site, as a citizen does it: by the words on the pages.
// What it does not do: judge pages (lib.mjs) or know the story (story.mjs).
import assert from 'node:assert/strict';

const SENT_WITHIN_MS = 20_000;

export const next = (page) => page.getByRole('button', { name: 'Tiếp tục' }).click();
export const back = (page) => page.getByRole('button', { name: 'Quay lại' }).click();
export const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();

/** Pressing on is refused with these words, at the top and beside the field. */
export async function refused(page, words, press = next) {
  await press(page);
  const summary = page.getByRole('alert');
  await summary.waitFor();
  assert.match(await summary.innerText(), words);
  assert.match(await page.locator('.error-text').first().innerText(), words);
}

/** Checks something on the first page and waits for the verdict. */
export async function check(page, what) {
  await page.goto('/');
  await page.getByLabel('Thật hay lừa đảo?').fill(what);
  await page.getByRole('button', { name: 'Kiểm tra' }).click();
  return page.locator('.banner h1').innerText();
}

/**
 * Sends the form once it may be sent: the site takes none that was filled in faster than a person can,
 * says so, and keeps everything. Gives the receipt code and the secret link.
 */
export async function send(page, button, done) {
  const end = Date.now() + SENT_WITHIN_MS;
  do {
    assert.ok(Date.now() < end, 'the form is taken in the end');
    await page.getByRole('button', { name: button }).click();
  } while (!new URL(page.url()).pathname.includes('da-nhan'));
  await heading(page, done);
  return {
    code: (await page.locator('#ma-phan-anh').innerText()).replace(/\s/g, ''),
    link: await page.locator('#duong-dan').getAttribute('href'),
  };
}

/** Opens the status page of a secret link; a moment after sending, the link still leads to the receipt. */
export async function openStatus(page, link) {
  const end = Date.now() + SENT_WITHIN_MS;
  do {
    assert.ok(Date.now() < end, 'the report is in the list in the end');
    await page.goto(link);
  } while (new URL(page.url()).pathname !== link);
}

/** A picture as a phone takes it, drawn by the browser: what is written on a wall. */
export async function picture(site, words) {
  const page = await site.open('painter');
  await page.setViewportSize({ width: 360, height: 240 });
  await page.setContent(
    `<body style="margin:0;background:#b9a27c;font:bold 34px sans-serif;color:#922;display:grid;place-content:center;` +
      `height:100vh;text-align:center;transform:rotate(-3deg)">${words}</body>`,
  );
  const buffer = await page.screenshot({ type: 'png' });
  await page.close();
  return buffer;
}
