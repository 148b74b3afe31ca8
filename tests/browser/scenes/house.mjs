// The house: people and what they may, links, texts sent, the audit trail, keys, and life without scripts.
import assert from 'node:assert/strict';
import { act, enter, knock, openCase, signIn } from '../desk.mjs';

const NEW_PASSWORD = 'mat-khau-rieng-2026';

/** Pages of the console: who opens them, path, and what must stand there without scripts. */
const CONSOLE = [
  ['officer', '/can-bo', 'Đang chờ bạn'],
  ['officer', '/can-bo/phan-anh', 'Phản ánh'],
  ['officer', '/can-bo/phan-anh/1', 'Nguyên văn'],
  ['officer', '/can-bo/vu-viec', 'Vụ việc'],
  ['officer', '/can-bo/vu-viec/1', 'Vì sao nghi ngờ'],
  ['officer', '/can-bo/chuyen-cong-an', 'Chuyển Công an'],
  ['officer', '/can-bo/nha-mang?tat_ca=1', 'Yêu cầu nhà mạng'],
  ['officer', '/can-bo/canh-bao', 'Cảnh báo'],
  ['officer', '/can-bo/canh-bao/moi', 'Bài đăng trên trang'],
  ['officer', '/can-bo/xem-xet-lai?tat_ca=1', 'Đề nghị xem xét lại'],
  ['officer', '/can-bo/tai-khoan', 'Đổi mật khẩu'],
  ['officer', '/can-bo/phim-tat', 'Phản ánh sau, phản ánh trước'],
  ['administrator', '/can-bo/nguoi-dung', 'Thêm người'],
  ['administrator', '/can-bo/lien-ket', 'viettel'],
  ['administrator', '/can-bo/tin-gui?tat_ca=1', 'Người nhận'],
  ['administrator', '/can-bo/nhat-ky', 'Nhật ký'],
];

export const house = (world) => ({
  async 'an administrator adds a person, who chooses an own password before anything else'() {
    const page = world.administrator;
    await page.goto('/can-bo');
    await world.see(page, 'console-home-administrator');
    await page.goto('/can-bo/nguoi-dung');
    const form = page.locator('form[action="/can-bo/nguoi-dung"]');
    await form.getByLabel('Tên hiển thị').fill('Cán bộ mới');
    await form.getByLabel('Tên tài khoản').fill('canbo');
    await form.getByLabel('Vai trò').selectOption({ label: 'Cán bộ tiếp nhận' });
    await form.getByRole('button', { name: 'Thêm người' }).click();
    await page.getByRole('alert').filter({ hasText: 'đã có người dùng' }).waitFor();
    await world.see(page, 'console-people-error');
    await form.getByLabel('Tên tài khoản').fill('canbo.moi');
    await form.getByRole('button', { name: 'Thêm người' }).click();
    const password = (await page.locator('.secret').innerText()).trim();
    await world.see(page, 'console-person-password');
    await page.goto('/can-bo/nguoi-dung');
    await page.getByText('Chờ đổi mật khẩu').waitFor();
    await world.see(page, 'console-people');
    await page.getByRole('link', { name: 'Cán bộ mới' }).click();
    await world.see(page, 'console-person');

    const fresh = await world.site.open('new officer');
    await fresh.goto('/can-bo/dang-nhap');
    await enter(fresh, 'canbo.moi', password);
    assert.equal(new URL(fresh.url()).pathname, '/can-bo/tai-khoan');
    await fresh.goto('/can-bo/phan-anh');
    assert.equal(new URL(fresh.url()).pathname, '/can-bo/tai-khoan', 'nothing opens before');
    await world.see(fresh, 'console-own-account-forced');
    await fresh.getByLabel('Mật khẩu đang dùng').fill(password);
    await fresh.getByLabel('Mật khẩu mới', { exact: true }).fill(NEW_PASSWORD);
    await fresh.getByLabel(/Nhắc lại|Nhập lại/).fill(NEW_PASSWORD);
    await fresh.getByRole('button', { name: 'Đổi mật khẩu' }).click();
    await fresh.getByRole('status').filter({ hasText: 'Đã đổi mật khẩu' }).waitFor();
    await act(page, 'Khóa tài khoản', {}, 'Đã khóa');
    await fresh.goto('/can-bo');
    assert.equal(new URL(fresh.url()).pathname, '/can-bo/dang-nhap', 'whoever is locked out is out');
  },

  async 'an administrator sees links, texts sent and who did what, and no report'() {
    const page = world.administrator;
    await page.goto('/can-bo/lien-ket');
    await page.getByRole('heading', { name: 'viettel' }).waitFor();
    await world.see(page, 'console-links', { dark: true });
    await page.goto('/can-bo/tin-gui');
    await page.getByText('Không có tin nào ở đây').waitFor();
    await world.see(page, 'console-outbox-empty');
    await page.getByRole('link', { name: 'Tất cả' }).click();
    await page.getByText('Đã tới máy').first().waitFor();
    await world.see(page, 'console-outbox', { dark: true });
    await page.goto('/can-bo/nhat-ky');
    const opened = page.locator('tr', { hasText: 'Mở số người phản ánh' });
    await opened.filter({ hasText: 'Gọi lại hỏi số tài khoản nhận tiền' }).filter({ hasText: 'Cán bộ thử' }).waitFor();
    await world.see(page, 'console-audit', { dark: true });
    await opened.getByRole('link').click();
    await page.getByRole('link', { name: 'Xem tất cả' }).waitFor();
    await world.see(page, 'console-audit-narrowed');
    for (const path of ['/can-bo/phan-anh', '/can-bo/phan-anh/1', '/can-bo/vu-viec/1', '/can-bo/canh-bao']) {
      assert.equal((await knock(page, 'GET', path)).status(), 403, path);
    }
  },

  async 'roles end where they end, and nobody else gets in'() {
    for (const [who, method, path] of [
      ['officer', 'GET', '/can-bo/nguoi-dung'],
      ['officer', 'GET', '/can-bo/nhat-ky'],
      ['approver', 'GET', '/can-bo/nhat-ky'],
      ['police', 'POST', '/can-bo/vu-viec/1/xac-nhan'],
      ['administrator', 'POST', '/can-bo/vu-viec/1/xac-nhan'],
      ['police', 'POST', '/can-bo/phan-anh/1/mo-so'],
      ['administrator', 'POST', '/can-bo/phan-anh/1/mo-so'],
    ]) {
      assert.equal((await knock(world[who], method, path, {})).status(), 403, `${who} ${method} ${path}`);
    }
    const stranger = await world.site.open('stranger');
    const answer = await knock(stranger, 'GET', '/can-bo/phan-anh/1');
    assert.equal(answer.status(), 303);
    assert.match(answer.headers().location, /dang-nhap/);
    const foreign = await world.officer.request.post('/can-bo/vu-viec/1/dong', {
      form: { phien_ban: '1' },
      headers: { 'sec-fetch-site': 'cross-site', origin: 'https://vi-du.example' },
    });
    assert.equal(foreign.status(), 403, 'a form from a foreign page');
    assert.equal((await world.officer.goto('/can-bo/khong-co')).status(), 404);
    await world.see(world.officer, 'console-error-404');
    await world.officer.goto('/can-bo/tai-khoan');
    await world.see(world.officer, 'console-own-account');
  },

  async 'keys move through the lists, and can be switched off'() {
    const page = world.officer;
    await page.goto('/can-bo/phan-anh');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const second = await page.locator('[data-row-link]').nth(1).getAttribute('href');
    await page.keyboard.press('o');
    await page.waitForURL((url) => url.pathname === new URL(second, world.base).pathname);
    await page.keyboard.press('u');
    await page.waitForURL('**/can-bo/phan-anh');
    await page.keyboard.press('g');
    await page.keyboard.press('v');
    await page.waitForURL('**/can-bo/vu-viec');
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'tim');
    await page.keyboard.press('?');
    assert.equal(await page.getByRole('searchbox').inputValue(), '?', 'keys are letters while one types');
    await page.locator('h1').click();
    await page.keyboard.press('?');
    await page.waitForURL('**/can-bo/phim-tat');
    await world.see(page, 'console-keys');
    await page.getByRole('button', { name: 'Tắt phím tắt' }).click();
    await page.goto('/can-bo/phan-anh');
    await page.keyboard.press('?');
    await page.keyboard.press('j');
    assert.equal(await page.locator('.is-at').count(), 0);
    assert.equal(new URL(page.url()).pathname, '/can-bo/phan-anh');
  },

  async 'the console does its whole work without scripts'() {
    const pages = {};
    for (const who of ['officer', 'administrator']) {
      pages[who] = await world.site.open(`${who} without scripts`, { script: false });
      await signIn(pages[who], who);
    }
    for (const [who, path, words] of CONSOLE) {
      const answer = await pages[who].goto(path);
      assert.equal(answer.status(), 200, path);
      await pages[who].getByText(words).first().waitFor();
    }
    const page = pages.officer;
    await openCase(page, '0969 993 456');
    await act(page, 'Đóng vụ việc', { 'Lý do': 'Chưa đủ căn cứ để xử lý' }, 'Đã ghi');
    await page.getByText('Đã đóng').first().waitFor();
    await world.see(page, 'console-case-closed');
    await page.getByRole('button', { name: 'Đăng xuất' }).click();
    await page.goto('/can-bo');
    assert.equal(new URL(page.url()).pathname, '/can-bo/dang-nhap');
  },
});
