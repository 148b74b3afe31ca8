// A warning: drafted from a case, approved by somebody else, published, sent, read by a foreign reader.
// And the public check, which by now knows something.
import assert from 'node:assert/strict';
import { check } from '../citizen.mjs';
import { act, knock, openCase } from '../desk.mjs';
import { until } from '../lib.mjs';
import { feed } from '../stage.mjs';

const SCAM = '0969 991 234';

export const warning = (world) => ({
  async 'an officer drafts a warning from the case, and cannot approve it'() {
    const page = world.officer;
    await openCase(page, SCAM);
    await page.getByRole('link', { name: 'Soạn cảnh báo từ vụ việc này' }).click();
    const title = page.getByLabel('Tiêu đề');
    const sms = page.getByLabel('Tin nhắn gửi người đăng ký');
    assert.match(await title.inputValue(), /Công an/);
    world.title = await title.inputValue();
    world.text = await sms.inputValue();
    await world.see(page, 'console-warning-draft', { dark: true });
    await sms.fill('Cảnh báo: xem http://vi-du.vn');
    await page.getByText(/UCS-2/).waitFor();
    await page.getByRole('button', { name: 'Lưu bản nháp' }).click();
    await page.getByRole('alert').waitFor();
    await world.see(page, 'console-warning-draft-error');
    await page.getByLabel('Tin nhắn gửi người đăng ký').fill(world.text);
    await page.getByRole('button', { name: 'Lưu bản nháp' }).click();
    await page.getByRole('status').filter({ hasText: 'Đã lưu bản nháp' }).waitFor();
    world.warning = page.url();
    await page.locator('.action--refused').filter({ hasText: 'Duyệt, đăng và gửi tin' }).waitFor();
    const path = new URL(world.warning).pathname;
    const sneaked = await knock(page, 'POST', `${path}/duyet`, { phien_ban: '1' });
    assert.equal(sneaked.status(), 403, 'whoever wrote it does not publish it');
    await world.see(page, 'console-warning-refused');
    await page.goto('/can-bo/canh-bao');
    await world.see(page, 'console-warnings');
  },

  async 'a second person approves: it stands on the site and in the feed, and goes out'() {
    const page = world.approver;
    await page.goto('/can-bo');
    await world.see(page, 'console-home-approver');
    await page.getByRole('link', { name: /Duyệt cảnh báo/ }).click();
    await world.see(page, 'console-warning-approving');
    await act(page, 'Duyệt, đăng và gửi tin', { 'Ghi chú': 'Đã đọc' }, 'Đã đăng');
    assert.equal(await world.sms.reply(world.people.subscriber), world.text);
    assert.equal(await world.sms.reply(world.people.second), world.text);
    await until(page, 'both phones have it', async () => (await page.getByText('2 trong 2 máy đã nhận').count()) > 0);
    assert.equal(await page.locator('tbody tr', { hasText: 'Đã tới máy' }).count() >= 2, true);
    await world.see(page, 'console-warning', { dark: true });
    await page.goto('/can-bo/canh-bao?trang_thai=published');
    await page.getByText('2 trong 2 máy đã nhận').waitFor();
    const read = await feed(world.base);
    assert.equal(read.bozo, false, read.bozo_exception);
    assert.deepEqual(read.entries.map((entry) => entry.title), [world.title]);
    assert.ok(read.entries[0].link.startsWith(world.base), read.entries[0].link);

    const citizen = await world.site.open('citizen');
    await citizen.goto('/');
    await citizen.getByRole('link', { name: world.title }).waitFor();
    await world.see(citizen, 'site-home', { dark: true });
    await citizen.goto('/canh-bao');
    await world.see(citizen, 'site-warnings');
    await citizen.getByRole('link', { name: world.title }).click();
    await citizen.getByRole('heading', { level: 1, name: world.title }).waitFor();
    await world.see(citizen, 'site-warning', { dark: true });
  },

  async 'the check says what is known, and never that something is safe'() {
    const page = await world.site.open('citizen');
    const verdicts = [
      ['0969 991 234', /^Có dấu hiệu lừa đảo$/, 'signs', true],
      ['0969994567', /^Đã có người phản ánh$/, 'reported', true],
      ['0969 999 999', /^Chưa có thông tin$/, 'unknown', true],
      ['113', /^Số chính thức của cơ quan nhà nước$/, 'official', true],
      [
        'Cong an thong bao: thue bao cua ban sai thong tin, goi ngay 0969991234 hoac 0969 999 998 va chuyen tien de xac minh',
        /^Có dấu hiệu lừa đảo$/,
        'text',
      ],
    ];
    for (const [what, verdict, name, dark = false] of verdicts) {
      assert.match(await check(page, what), verdict, what);
      assert.equal(new URL(page.url()).search, '', 'what is checked never stands in the address');
      await world.see(page, `site-check-${name}`, { dark });
    }
    await check(page, '0969 994 567');
    await page.getByRole('button', { name: 'Phản ánh số này' }).click();
    await page.getByLabel('Cuộc gọi rác').check();
    await page.getByRole('button', { name: 'Tiếp tục' }).click();
    assert.match(await page.locator('#nguon').inputValue(), /994/, 'the checked number is in the form already');
    assert.match(await world.sms.ask(world.people.puzzled, 'KT 0969991234'), /CO DAU HIEU LUA DAO, mao danh/);
  },
});
