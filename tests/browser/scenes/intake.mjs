// Citizens: what stands on the site before anything happened, texts, the form, an advert on a wall.
import assert from 'node:assert/strict';
import { back, heading, next, openStatus, picture, refused, send } from '../citizen.mjs';
import { weight } from '../lib.mjs';

const FIRST_LOAD_LIMIT = 50_000;

/** Words that break careless pages: markup, and an address without a place to wrap. */
export const HOSTILE = `<script>alert(1)</script><b>vay "nhanh" http://vi-du.example/${'x'.repeat(80)}`;

/** Pages everybody may open: path, name of the picture, whether it is looked at in the dark too. */
const PUBLIC = [
  ['/', 'site-home-empty', true],
  ['/canh-bao', 'site-warnings-empty'],
  ['/phan-anh', 'site-report-1-kind', true],
  ['/tra-cuu', 'site-status-ask'],
  ['/xem-xet-lai', 'site-appeal'],
  ['/mat-tien', 'site-lost', true],
  ['/nhan-biet', 'site-scams', true],
  ['/huong-dan', 'site-guide'],
  ['/so-bi-khoa', 'site-blocked'],
  ['/gioi-thieu', 'site-about'],
];

export const intake = (world) => ({
  async 'every public page is light and stands without anything having happened'() {
    const page = await world.site.open('citizen');
    for (const [path, name, dark] of PUBLIC) {
      const answer = await page.goto(path);
      assert.equal(answer.status(), 200, path);
      await world.see(page, name, { dark });
      const bytes = await weight(world.site, path);
      assert.ok(bytes < FIRST_LOAD_LIMIT, `${path} takes ${bytes} bytes at first`);
      assert.ok(bytes > 5_000, `${path}: styles are weighed too, not only ${bytes} bytes`);
    }
    assert.equal((await page.goto('/khong-co-trang-nay')).status(), 404);
    await world.see(page, 'site-error-404');
    await page.goto('/');
    await page.getByRole('button', { name: 'Kiểm tra' }).click();
    await page.getByRole('alert').waitFor();
    await world.see(page, 'site-home-error');
  },

  async 'citizens report by text, and each gets one receipt with a code'() {
    const { sms, people } = world;
    await sms.bound();
    const told = await sms.ask(people.first, 'LD (0969991234) (xung la Cong an, noi thue bao sai thong tin, doi chuyen tien)');
    assert.match(told, /^Da nhan phan anh ve so 0969991234, ma \d{4} \d{4}\. .*gui 156/);
    world.firstCode = told.match(/ma (\d{4}) (\d{4})/).slice(1).join('');
    assert.match(await sms.ask(people.unclear, '0969993456 goi doa bat neu khong chuyen tien ngay'), /^Chua ro loai/);
    assert.match(await sms.ask(people.puzzled, 'toi bi lua dao phai lam sao'), /^Chua hieu tin/);
    assert.match(await sms.ask(people.spammed, 'V 0969994567 moi vay tien lai suat thap'), /Cam on ban/);
    assert.match(await sms.ask(people.spammed, `S 0969994567 ${HOSTILE}`), /Cam on ban/);
    assert.match(await sms.ask(people.subscriber, 'DK CB'), /^Ban da dang ky/);
    assert.match(await sms.ask(people.second, 'DK CB'), /^Ban da dang ky/);
    assert.match(await sms.ask(people.first, `KQ ${world.firstCode}`), /^Ma/);
  },

  async 'the form without scripts keeps what was typed, says what is wrong, and goes back'() {
    const page = await world.site.open('citizen without scripts', { script: false });
    await page.goto('/phan-anh');
    await refused(page, /Hãy chọn một loại/);
    await world.see(page, 'site-report-1-kind-error');
    await page.getByLabel('Cuộc gọi lừa đảo').check();
    await next(page);
    await heading(page, 'Số nào đã gọi cho bạn?');
    await page.getByLabel('Số nào đã gọi cho bạn?').fill('0969 99');
    await refused(page, /“0969 99” chưa giống một số điện thoại/);
    assert.equal(await page.getByLabel('Số nào đã gọi cho bạn?').inputValue(), '0969 99');
    await world.see(page, 'site-report-2-source-error');
    await page.getByLabel('Số nào đã gọi cho bạn?').fill('0969 991 234');
    await next(page);
    await heading(page, 'Họ nói gì với bạn?');
    await refused(page, /Hãy chọn ít nhất một ô/);
    await page.getByLabel('Công an', { exact: true }).check();
    await page.getByLabel('Kể lại bằng lời của bạn').fill('Họ gọi lúc tôi đang làm, bảo thuê bao sai thông tin, giục chuyển tiền.');
    await back(page);
    assert.equal(await page.getByLabel('Số nào đã gọi cho bạn?').inputValue(), '0969 991 234');
    await next(page);
    assert.ok(await page.getByLabel('Công an', { exact: true }).isChecked());
    assert.match(await page.getByLabel('Kể lại bằng lời của bạn').inputValue(), /đang làm/);
    await world.see(page, 'site-report-3-said', { dark: true });
    await next(page);
    await heading(page, 'Bạn có bị mất tiền không?');
    await world.see(page, 'site-report-4-loss');
    // The browser's own Back, and forward again: nothing typed is lost.
    await page.goBack();
    await heading(page, 'Họ nói gì với bạn?');
    assert.match(await page.getByLabel('Kể lại bằng lời của bạn').inputValue(), /đang làm/);
    await next(page);
    await page.getByLabel('Có, tôi đã chuyển tiền').check();
    await next(page);
    await heading(page, 'Làm ngay trước khi viết tiếp');
    await world.see(page, 'site-report-5-urgent', { dark: true });
    await page.getByLabel('Mất khoảng bao nhiêu tiền?').fill('năm triệu');
    await refused(page, /bằng chữ số/, () => page.getByRole('button', { name: 'Tôi đã gọi, viết tiếp' }).click());
    await world.see(page, 'site-report-5-urgent-error');
    await page.getByLabel('Mất khoảng bao nhiêu tiền?').fill('5.000.000');
    await page.getByRole('button', { name: 'Tôi đã gọi, viết tiếp' }).click();

    await heading(page, 'Bạn có ảnh chụp hay ghi âm không?');
    await page.locator('#tep').setInputFiles({ name: 'lenh.exe', mimeType: 'image/png', buffer: Buffer.from('MZ no picture') });
    await refused(page, /“lenh\.exe”/);
    await world.see(page, 'site-report-6-evidence-error');
    const buffer = await picture(world.site, 'Biên lai<br>5.000.000 đ');
    await page.locator('#tep').setInputFiles({ name: 'bien-lai.png', mimeType: 'image/png', buffer });
    await page.getByRole('button', { name: 'Tải tệp lên' }).click();
    await page.getByText('bien-lai.png').first().waitFor();
    await world.see(page, 'site-report-6-evidence');
    await next(page);

    await heading(page, 'Báo kết quả cho bạn ở đâu?');
    await page.getByLabel('Bạn ở xã, phường nào?').fill('tuy hoa');
    await page.getByLabel('Số điện thoại của bạn').fill('0969 991 234');
    await refused(page, /Đây là số bị phản ánh/);
    assert.equal(await page.getByLabel('Bạn ở xã, phường nào?').inputValue(), 'tuy hoa');
    await world.see(page, 'site-report-7-contact');
    await page.getByLabel('Số điện thoại của bạn').fill(world.people.online);
    await next(page);
    await heading(page, 'Nhập mã vừa gửi đến số của bạn');
    const code = (await world.sms.reply(world.people.online)).match(/\d{6}/)[0];
    await page.getByLabel('Nhập mã vừa gửi đến số của bạn').fill(code);
    await page.getByRole('button', { name: 'Xác nhận', exact: true }).click();
    await heading(page, 'Xem lại rồi gửi');
    const review = await page.locator('main').innerText();
    for (const words of ['0969 991 234', '5.000.000', 'bien-lai.png', 'Tuy Hoà']) assert.ok(review.includes(words), words);
    await world.see(page, 'site-report-8-review', { dark: true });
    world.online = await send(page, 'Gửi phản ánh', 'Mã phản ánh của bạn');
    assert.match(world.online.code, /^\d{8}$/);
    await world.see(page, 'site-report-9-done', { dark: true });
  },

  async 'an advert on a wall is reported with its photograph and its place'() {
    const page = await world.site.open('citizen');
    await page.goto('/phan-anh');
    await page.getByLabel('Quảng cáo sơn, dán nơi công cộng').check();
    await next(page);
    await page.getByLabel('Trên quảng cáo ghi số nào?').fill('0969.995.678');
    await world.see(page, 'site-advert-2-source');
    await next(page);
    await page.getByLabel('Quảng cáo ghi gì?').fill('CHO VAY NHANH, không thế chấp, 0969.995.678');
    await world.see(page, 'site-advert-3-said');
    await next(page);
    await heading(page, 'Quảng cáo ở chỗ nào?');
    await refused(page, /Hãy cho biết quảng cáo ở chỗ nào/);
    await page.locator('#noi_dan').fill('Cột điện trước số 12 Lê Lợi');
    await page.locator('#xa').fill('Binh Kien');
    await world.see(page, 'site-advert-4-place');
    await next(page);
    await heading(page, 'Chụp ảnh quảng cáo');
    const buffer = await picture(world.site, 'CHO VAY NHANH<br>0969.995.678');
    await page.locator('#tep').setInputFiles({ name: 'cột điện.png', mimeType: 'image/png', buffer });
    await next(page);
    await heading(page, 'Báo kết quả cho bạn ở đâu?');
    await next(page);
    await heading(page, 'Xem lại rồi gửi');
    await world.see(page, 'site-advert-8-review');
    world.advert = await send(page, 'Gửi phản ánh', 'Mã phản ánh của bạn');
    await page.getByText('chỉ xem được kết quả bằng đường link').waitFor();
    await world.see(page, 'site-advert-9-done');
    await openStatus(page, world.advert.link);
    await heading(page, /Quảng cáo sơn, dán nơi công cộng: 0969 995 678/);
    await page.getByText('cột điện.png').waitFor();
  },
});
