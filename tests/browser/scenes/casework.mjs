// Staff: the queue, a report, a case; the police acknowledge, the operator blocks, two act at once.
import assert from 'node:assert/strict';
import { act, action, enter, knock, openCase, prepare, signIn } from '../desk.mjs';
import { until } from '../lib.mjs';
import { HOSTILE } from './intake.mjs';

const SCAM = '0969 991 234';
const rows = (page) => page.locator('[data-row]');

export const casework = (world) => ({
  async 'an officer signs in, after a wrong password'() {
    const page = await world.site.open('officer');
    await page.goto('/can-bo/vu-viec');
    assert.equal(new URL(page.url()).pathname, '/can-bo/dang-nhap');
    await world.see(page, 'console-sign-in', { dark: true });
    await enter(page, 'canbo', 'khong-phai-mat-khau');
    await page.getByRole('alert').filter({ hasText: 'chưa đúng' }).waitFor();
    assert.equal(await page.getByLabel('Tên tài khoản').inputValue(), 'canbo');
    await world.see(page, 'console-sign-in-wrong');
    await enter(page, 'canbo', world.password);
    assert.equal(new URL(page.url()).pathname, '/can-bo/vu-viec', 'signing in leads where one wanted to go');
    await page.goto('/can-bo');
    await page.getByRole('link', { name: /Đọc 2 tin máy chưa hiểu/ }).waitFor();
    await world.see(page, 'console-home', { dark: true });
    world.officer = page;
    for (const who of ['colleague', 'approver', 'police', 'administrator']) {
      world[who] = await world.site.open(who);
      await signIn(world[who], who);
    }
  },

  async 'the queue is filtered in the URL and searched without accents and without a trace'() {
    const page = world.officer;
    await page.goto('/can-bo/phan-anh');
    assert.equal(await rows(page).count(), 7);
    await world.see(page, 'console-queue', { dark: true });
    await page.getByText('Lọc', { exact: true }).first().click();
    await page.getByLabel('Loại').selectOption({ label: 'Quảng cáo trái phép nơi công cộng' });
    await page.getByRole('button', { name: 'Lọc', exact: true }).click();
    assert.match(page.url(), /loai=unlawful_advert/);
    assert.equal(await rows(page).count(), 1);
    await page.reload();
    assert.equal(await rows(page).count(), 1, 'the address is the view');
    await world.see(page, 'console-queue-filtered');
    for (const words of ['thue bao sai thong tin', 'THUÊ BAO SAI', '0969.991.234']) {
      await page.getByLabel('Tìm số, mã hoặc lời trong phản ánh').fill(words);
      await page.getByRole('button', { name: 'Tìm' }).click();
      assert.equal(await rows(page).count(), 2, words);
      assert.equal(new URL(page.url()).search, '', 'searched words never stand in the address');
    }
    await world.see(page, 'console-queue-searched');
    await page.getByLabel('Tìm số, mã hoặc lời trong phản ánh').fill('khong co gi nhu vay');
    await page.getByRole('button', { name: 'Tìm' }).click();
    await page.getByText('Không tìm thấy “khong co gi nhu vay”').waitFor();
    await world.see(page, 'console-queue-nothing');
    await page.goto('/can-bo/phan-anh?loai=spam_sms');
    await rows(page).getByRole('link').click();
    await page.getByText(HOSTILE).first().waitFor();
    await world.see(page, 'console-report-hostile');
  },

  async 'a number of a citizen opens only with a reason, and that is written down'() {
    const page = world.officer;
    await page.goto('/can-bo/phan-anh?trang_thai=in_case');
    await rows(page).filter({ hasText: 'SMS' }).filter({ hasText: SCAM }).getByRole('link').click();
    await page.getByText('Số đang được giấu').waitFor();
    await world.see(page, 'console-report', { dark: true });
    const box = await prepare(page, 'Mở số người phản ánh');
    await box.getByLabel('Lý do').fill('xem');
    await box.getByRole('button').click();
    await page.getByText('Viết lý do cụ thể').first().waitFor();
    assert.equal(await page.getByText('0960 001 001').count(), 0);
    await act(page, 'Mở số người phản ánh', { 'Lý do': 'Gọi lại hỏi số tài khoản nhận tiền' });
    await page.getByText('0960 001 001').waitFor();
    await world.see(page, 'console-report-opened', { opened: world.people.first });
    await page.goto('/can-bo/phan-anh?lien_ket=web&loai=scam_call');
    await rows(page).first().getByRole('link').click();
    await page.getByRole('img', { name: 'bien-lai.png' }).waitFor();
    await page.getByText('5.000.000').first().waitFor();
    await world.see(page, 'console-report-evidence');
  },

  async 'a text nobody understood is corrected by an officer'() {
    const page = world.officer;
    await page.goto('/can-bo/phan-anh?trang_thai=needs_officer');
    await rows(page).filter({ hasText: '0969 993 456' }).getByRole('link').click();
    await world.see(page, 'console-report-unclear');
    await act(page, 'Sửa loại và số bị phản ánh', { 'Số hoặc tên người gửi': 'không phải số!' });
    await page.getByRole('alert').waitFor();
    await world.see(page, 'console-report-correction-error');
    await act(page, 'Sửa loại và số bị phản ánh', { Loại: 'Cuộc gọi lừa đảo', 'Số hoặc tên': '0969 993 456' }, 'Đã sửa');
    await page.getByText(/Thuộc/).waitFor();
    assert.equal((await page.locator('blockquote').first().innerText()).trim(), '0969993456 goi doa bat neu khong chuyen tien ngay');
    await page.goto('/can-bo/phan-anh?trang_thai=needs_officer');
    await rows(page).getByRole('link').first().click();
    await act(page, 'Xem xong, không cần làm thêm', { 'Lý do': 'Đã trả lời tự động' }, 'ra khỏi hàng chờ');
    await page.getByText('Không có phản ánh nào khớp bộ lọc').or(page.getByText('Chưa có phản ánh nào')).waitFor();
    await world.see(page, 'console-queue-empty');
  },

  async 'a case is confirmed, and more voices join it'() {
    const page = world.officer;
    await openCase(page, SCAM);
    await page.getByText('xác nhận có dấu hiệu lừa đảo trước').waitFor();
    await act(page, 'Xác nhận có dấu hiệu lừa đảo', { 'Lý do': 'Lời kể khớp với nhiều vụ trước' }, 'Đã ghi');
    const { sms, people } = world;
    await sms.ask(people.second, 'LD 0969991234 tu xung Cong an, bao lien quan duong day ma tuy, bat chuyen tien');
    await sms.ask(people.third, 'ld 0969.991.234 gia danh cong an doi chuyen khoan, cam noi voi nguoi nha');
    await until(page, 'four voices', async () => (await page.locator('dd').first().innerText()).trim() === '4');
    assert.equal(await action(page, 'Đề nghị nhà mạng tạm khóa').count(), 1);
  },

  async 'the case goes to the police, who say that they have it'() {
    const page = world.officer;
    await act(page, 'Chuyển Công an', { 'Lý do': 'x' });
    await page.getByRole('alert').waitFor();
    await world.see(page, 'console-case-error');
    await act(page, 'Chuyển Công an', { 'Lý do': 'Nhiều người bị giả danh Công an đòi tiền' }, 'Đã ghi');
    assert.match(await world.sms.reply(world.people.first), /da duoc chuyen Cong an/);
    await page.goto('/can-bo/chuyen-cong-an');
    await world.see(page, 'console-referrals');
    const police = world.police;
    await police.goto('/can-bo');
    await world.see(police, 'console-home-police');
    await police.getByRole('link', { name: `Tiếp nhận hồ sơ về ${SCAM}` }).click();
    await police.getByText('giả danh Công an đòi tiền').first().waitFor();
    await world.see(police, 'console-referral');
    await act(police, 'Xác nhận đã tiếp nhận', { 'Ghi chú': 'Số thụ lý 12/2026' }, 'Đã xác nhận');
    await world.see(police, 'console-referral-received');
    for (const path of ['/can-bo/phan-anh', '/can-bo/vu-viec', '/can-bo/canh-bao', '/can-bo/nhat-ky', '/can-bo/nguoi-dung']) {
      assert.equal((await knock(police, 'GET', path)).status(), 403, path);
    }
    assert.equal((await police.goto('/can-bo/phan-anh')).status(), 403);
    await world.see(police, 'console-error-403');
  },

  async 'the operator is asked, blocks, and the reporters are told'() {
    const page = world.officer;
    await openCase(page, SCAM);
    await prepare(page, 'Đề nghị nhà mạng tạm khóa', { 'Lý do': 'Ba người phản ánh, cùng lời kể' });
    await world.see(page, 'console-case-asking');
    await act(page, 'Đề nghị nhà mạng tạm khóa', { 'Lý do': 'Ba người phản ánh, cùng lời kể' }, 'Đã ghi');
    const request = await world.operator.request('+84969991234', 'temporary_block');
    assert.equal(request.issuing_body, 'Cơ quan thử nghiệm');
    assert.equal(request.is_order, false);
    await page.goto('/can-bo/nha-mang');
    await page.getByText('chờ trả lời').waitFor();
    await world.see(page, 'console-requests');
    await world.operator.answer(request, { answer: 'blocked', note: 'Đã khóa hai chiều' });
    for (const who of ['first', 'second', 'third']) {
      let told = await world.sms.reply(world.people[who]);
      if (told.includes('Cong an')) told = await world.sms.reply(world.people[who]);
      assert.match(told, /nha mang da tam khoa hai chieu so 0969991234/);
    }
    await page.goto('/can-bo/nha-mang?tat_ca=1');
    await page.getByText('Đã khóa hai chiều').waitFor();
    await world.see(page, 'console-requests-answered');
    await page.goto('/can-bo/vu-viec');
    await world.see(page, 'console-cases', { dark: true });
    await openCase(page, SCAM);
    await page.getByText('Nhà mạng trả lời: đã khóa hai chiều').waitFor();
    await world.see(page, 'console-case', { dark: true });
  },

  async 'whoever comes second sees what the first did, and loses nothing'() {
    const { officer, colleague } = world;
    await openCase(officer, '0969 993 456');
    await openCase(colleague, '0969 993 456');
    await prepare(officer, 'Xác nhận có dấu hiệu lừa đảo', { 'Lý do': 'Tôi cũng thấy có dấu hiệu' });
    await act(colleague, 'Xác nhận có dấu hiệu lừa đảo', { 'Lý do': 'Người gọi dọa bắt' }, 'Đã ghi');
    await act(officer, 'Xác nhận có dấu hiệu lừa đảo', { 'Lý do': 'Tôi cũng thấy có dấu hiệu' });
    await officer.getByRole('heading', { name: /Đồng nghiệp vừa thay đổi/ }).waitFor();
    await officer.getByText('Người gọi dọa bắt').waitFor();
    await officer.getByText('Tôi cũng thấy có dấu hiệu').waitFor();
    await world.see(officer, 'console-conflict', { dark: true });
    await openCase(officer, '0969 993 456');
    // One voice cuts nobody off.
    const refusal = officer.locator('.action--refused').filter({ hasText: 'Đề nghị nhà mạng tạm khóa' });
    await refusal.filter({ hasText: 'Chưa làm được' }).waitFor();
    assert.equal(await action(officer, 'Đề nghị nhà mạng tạm khóa').count(), 0);
    await world.see(officer, 'console-case-refused');
    await act(colleague, 'Chuyển Công an', { 'Lý do': 'Dọa bắt, đòi tiền' }, 'Đã ghi');
    await act(officer, 'Đóng vụ việc', { 'Lý do': 'Chưa đủ căn cứ để xử lý' });
    await officer.getByRole('heading', { name: 'Vẫn làm việc này?' }).waitFor();
    await world.see(officer, 'console-conflict-again');
  },
});
