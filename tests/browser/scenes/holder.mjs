// Fairness: a second person keeps a block, a holder is heard by somebody else, citizens see how it stands.
import assert from 'node:assert/strict';
import { heading, picture, refused, send } from '../citizen.mjs';
import { act, openCase } from '../desk.mjs';
import { until } from '../lib.mjs';

const SCAM = '0969 991 234';
const INNOCENT = '0969 992 345';

export const holder = (world) => ({
  async 'a block is kept only by somebody else than who asked for it'() {
    await openCase(world.officer, SCAM);
    assert.equal(await world.officer.getByRole('button', { name: 'Xác nhận giữ khóa' }).count(), 0);
    const page = world.approver;
    await page.goto('/can-bo');
    await page.getByRole('link', { name: `Giữ hay gỡ khóa ${SCAM}` }).click();
    await world.see(page, 'console-case-approver');
    await act(page, 'Xác nhận giữ khóa', { 'Lý do': 'Ba người kể giống nhau, chưa ai nhận là chủ số' }, 'Đã ghi');
    for (const who of ['first', 'second', 'third']) {
      assert.match(await world.sms.reply(world.people[who]), /tiep tuc bi khoa/);
    }
    await world.see(page, 'console-case-kept');
  },

  async 'a holder asks, and whoever asked for the block may not decide'() {
    const { sms, people, officer, operator } = world;
    await sms.ask(people.first, 'LD 0969992345 goi xung nhan vien ngan hang, doi ma OTP');
    await sms.ask(people.third, 'LD 0969992345 gia nhan vien ngan hang hoi ma OTP');
    await officer.goto('/can-bo/vu-viec');
    await until(officer, 'a case on the second number', async () => (await officer.getByRole('link', { name: INNOCENT }).count()) > 0);
    await openCase(officer, INNOCENT);
    await until(officer, 'both voices', async () => (await officer.locator('.words > li').count()) === 2);
    await act(officer, 'Xác nhận có dấu hiệu lừa đảo', {}, 'Đã ghi');
    await act(officer, 'Đề nghị nhà mạng tạm khóa', { 'Lý do': 'Hai người phản ánh đòi mã OTP' }, 'Đã ghi');
    await operator.answer(await operator.request('+84969992345', 'temporary_block'), { answer: 'blocked' });
    for (const who of ['first', 'third']) assert.match(await sms.reply(people[who]), /tam khoa hai chieu/);

    const page = await world.site.open('citizen without scripts', { script: false });
    await page.goto('/so-bi-khoa');
    await page.getByRole('link', { name: 'Đề nghị xem xét lại' }).click();
    await page.getByLabel('Số bị khóa').fill('0969 992');
    await page.getByLabel('Vì sao bạn thấy').fill('Tôi bán hàng, không gọi cho ai lạ. Nhiều người gọi lại mắng tôi.');
    await refused(page, /“0969 992” chưa giống/, () => page.getByRole('button', { name: 'Gửi đề nghị' }).click());
    assert.match(await page.getByLabel('Vì sao bạn thấy').inputValue(), /bán hàng/);
    await world.see(page, 'site-appeal-error');
    await page.getByLabel('Số bị khóa').fill(INNOCENT);
    await page.getByLabel('Số điện thoại khác hoặc email').fill(people.holder);
    world.appeal = await send(page, 'Gửi đề nghị', 'Mã đề nghị của bạn');
    await world.see(page, 'site-appeal-done');
    await page.goto(world.appeal.link);
    await page.getByRole('heading', { name: 'Đang xem xét' }).waitFor();
    await world.see(page, 'site-appeal-status');

    await world.colleague.goto('/can-bo/xem-xet-lai');
    await world.see(world.colleague, 'console-appeals');
    await officer.goto('/can-bo/xem-xet-lai');
    await officer.getByRole('link', { name: INNOCENT }).click();
    await officer.locator('.action--refused').first().waitFor();
    await world.see(officer, 'console-appeal-refused');
  },

  async 'somebody else decides, the number is restored, and everybody is told'() {
    const page = world.approver;
    await page.goto('/can-bo');
    await page.getByRole('link', { name: `Quyết định đề nghị xem xét lại về ${INNOCENT}` }).click();
    await world.see(page, 'console-appeal');
    await act(page, 'Chấp nhận, khôi phục số', { 'Lý do': 'ok' });
    await page.getByRole('alert').first().waitFor();
    await act(page, 'Chấp nhận, khôi phục số', { 'Lý do': 'Chủ số chứng minh số bị giả mạo khi gọi' }, 'Đã chấp nhận');
    await world.see(page, 'console-appeal-decided');
    await world.operator.answer(await world.operator.request('+84969992345', 'restore'), { answer: 'restored' });
    for (const who of ['first', 'third']) assert.match(await world.sms.reply(world.people[who]), /da duoc khoi phuc/);
    await openCase(page, INNOCENT);
    await world.see(page, 'console-case-restored');
    const citizen = await world.site.open('citizen');
    await citizen.goto(world.appeal.link);
    await citizen.getByText('Chủ số chứng minh số bị giả mạo khi gọi').waitFor();
    await world.see(citizen, 'site-appeal-granted');
  },

  async 'a citizen sees how it stands, by the secret link or by code and phone, and adds evidence'() {
    const { sms, people } = world;
    const page = await world.site.open('citizen without scripts', { script: false });
    await page.goto(world.online.link);
    await page.getByRole('heading', { name: 'Số này bị giữ khóa' }).waitFor();
    await world.see(page, 'site-status', { dark: true });
    await page.goto('/tra-cuu');
    const ask = page.getByRole('button', { name: 'Nhận mã xem' });
    await page.getByLabel('Mã phản ánh').fill('1234');
    await refused(page, /Mã phản ánh có 8 chữ số/, () => ask.click());
    await world.see(page, 'site-status-ask-error');
    await page.getByLabel('Mã phản ánh').fill(world.firstCode);
    await page.getByLabel('Số điện thoại của bạn').fill(people.first);
    await ask.click();
    await heading(page, 'Nhập mã xem');
    const code = (await sms.reply(people.first)).match(/\b\d{6}\b/)[0];
    await page.getByLabel('Mã xem', { exact: true }).fill(code === '000000' ? '000001' : '000000');
    await refused(page, /Mã xem không đúng/, () => page.getByRole('button', { name: 'Xem kết quả' }).click());
    await world.see(page, 'site-status-code');
    await page.getByLabel('Mã xem', { exact: true }).fill(code);
    await page.getByRole('button', { name: 'Xem kết quả' }).click();
    await page.getByRole('heading', { name: 'Số này bị giữ khóa' }).waitFor();
    await page.getByText('Chưa có tệp nào').waitFor();
    const buffer = await picture(world.site, 'Tin nhắn<br>0969991234');
    await page.locator('#tep').setInputFiles({ name: 'tin nhắn.png', mimeType: 'image/png', buffer });
    await page.getByRole('button', { name: 'Thêm bằng chứng' }).click();
    await page.getByText('Đã nhận tệp của bạn').waitFor();
    await page.getByText('tin nhắn.png').waitFor();
    await world.see(page, 'site-status-evidence');
    assert.equal((await page.goto('/tra-cuu/khong-phai-duong-link')).status(), 404);
    await world.see(page, 'site-status-dead');
    // Somebody else's phone learns nothing: the same page, and no text.
    await page.goto('/tra-cuu');
    await page.getByLabel('Mã phản ánh').fill(world.firstCode);
    await page.getByLabel('Số điện thoại của bạn').fill(people.spammed);
    await ask.click();
    await heading(page, 'Nhập mã xem');

    // The texted code opens the page to whoever reads it: the console does not show it.
    await world.officer.goto('/can-bo/tin-gui?tat_ca=1');
    await world.officer.getByText('(mã xem, chỉ người nhận đọc được)').first().waitFor();
    assert.ok(!(await world.officer.content()).includes(code), 'the code stands in the console');
    await world.officer.goto('/can-bo/phan-anh?lien_ket=viettel&loai=scam_call');
    await world.officer.locator('[data-row]').filter({ hasText: 'thue bao sai thong tin' }).getByRole('link').click();
    await world.officer.getByRole('img', { name: 'tin nhắn.png' }).waitFor();
  },
});
