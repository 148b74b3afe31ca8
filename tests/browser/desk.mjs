// What staff do in the console, as they do it: by what stands on the pages.
// What it does not do: judge pages (lib.mjs) or know the story (story.mjs).
import assert from 'node:assert/strict';
import { PASSWORD, STAFF } from './stage.mjs';

/** Signs in as one of STAFF and stands on the home page. */
export async function signIn(page, who, password = PASSWORD) {
  await page.goto('/can-bo/dang-nhap');
  await enter(page, STAFF[who].login, password);
  assert.equal(new URL(page.url()).pathname, '/can-bo');
}

/** Fills in the sign-in form and sends it. */
export async function enter(page, account, password) {
  await page.getByLabel('Tên tài khoản').fill(account);
  await page.getByLabel('Mật khẩu').fill(password);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
}

/** The folded action with this verb. */
export const action = (page, verb) => page.locator('details.action').filter({ has: page.locator('summary', { hasText: verb }) });

/** Unfolds an action and fills in its fields by label. */
export async function prepare(page, verb, fields = {}) {
  const box = action(page, verb);
  if (!(await box.evaluate((details) => details.open))) await box.locator('summary').click();
  for (const [label, value] of Object.entries(fields)) {
    const field = box.getByLabel(label);
    if ((await field.evaluate((one) => one.tagName)) === 'SELECT') await field.selectOption({ label: value });
    else await field.fill(value);
  }
  return box;
}

/** Does an action of the page and expects that it was noted. */
export async function act(page, verb, fields, told) {
  const box = await prepare(page, verb, fields);
  await box.getByRole('button', { name: verb }).click();
  if (told) await page.getByRole('status').filter({ hasText: told }).waitFor();
}

/** Opens the case on a source from the list of cases. */
export async function openCase(page, shown) {
  await page.goto('/can-bo/vu-viec?trang_thai=tat-ca');
  await page.getByRole('link', { name: shown, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: shown }).waitFor();
}

/** The answer to a bare request in this person's session, without following it. */
export async function knock(page, method, path, form) {
  return page.request.fetch(path, { method, form, maxRedirects: 0 });
}
