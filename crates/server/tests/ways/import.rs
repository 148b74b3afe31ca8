//! `canhgiac import`: the real binary over files as they come from offices.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use canhgiac_store::{ReportEntry, Store};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::world::World;

struct Office {
    directory: tempfile::TempDir,
}

impl Office {
    fn open() -> Office {
        Office { directory: tempfile::tempdir().unwrap() }
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&self, file: &Path, more: &[&str]) -> Output {
        command(&self.data(), file).args(more).output().unwrap()
    }

    /// Rows of the intake log.
    async fn rows(&self) -> i64 {
        let store = Store::open(&self.data()).await.unwrap();
        let end = store.intake_end().await.unwrap();
        store.close().await;
        end
    }

    /// What the product makes of them.
    async fn reports(&self, count: usize) -> Vec<ReportEntry> {
        let data = self.data();
        let world = World::with(|config| config.data_dir = data).await;
        let reports = world.reports(count).await;
        world.close().await;
        reports
    }
}

fn command(data: &Path, file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_canhgiac"));
    command.arg("import").arg(file).arg("--data-dir").arg(data);
    command
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_taken_once_and_what_is_refused_can_be_mended() {
    let office = Office::open();
    let csv = "\u{feff}STT;Loại;Số điện thoại;Nội dung;Thời gian;Số tiền mất;Xã\r\n\
        1;LD;0912 345 678;\"mạo danh công an,\nyêu cầu chuyển tiền\";23/11/2026 14:05;5.000.000 đ;\r\n\
        2;V;912345679;gọi chào vay;;;\r\n\
        3;?;0912345670;không rõ;;;\r\n\
        4;S;;thiếu số;;;\r\n\
        5;LD;'+84912345671;=HYPERLINK(1);;;\r\n\
        1;LD;0912 345 678;\"mạo danh công an,\nyêu cầu chuyển tiền\";23/11/2026 14:05;5.000.000 đ;\r\n\
        \r\n";
    let file = office.file("phan anh.csv", csv);
    let first = office.import(&file, &[]);
    assert!(said(&first).contains("3 stored, 1 known already, 2 refused"), "{}", said(&first));
    assert!(!first.status.success());
    let refused_path = office.directory.path().join("phan anh.refused.csv");
    let refused = std::fs::read_to_string(&refused_path).unwrap();
    assert!(
        refused.contains("Chọn một trong") && refused.contains("không rõ") && !refused.contains("vay"),
        "{refused}"
    );
    // The same again stores nothing again.
    let again = office.import(&file, &[]);
    assert!(said(&again).contains("0 stored, 4 known already, 2 refused"), "{}", said(&again));
    // Mended, it is taken; its own columns do no harm.
    let mended = refused.replace("3,?,", "3,V,").replace("4,S,,", "4,S,VAYNHANH,");
    let mended = office.file("sua.csv", mended);
    let done = office.import(&mended, &[]);
    assert!(
        done.status.success() && said(&done).contains("2 stored, 0 known already, 0 refused"),
        "{}",
        said(&done)
    );
    assert_eq!(office.rows().await, 5);
    let reports = office.reports(5).await;
    assert_eq!(reports[0].sources[0].canonical, "+84912345678");
    assert_eq!(reports[0].report.money_lost, Some(5_000_000));
    assert_eq!(reports[0].report.content, "mạo danh công an,\nyêu cầu chuyển tiền");
    assert_eq!(reports[1].sources[0].canonical, "+84912345679");
    assert_eq!(reports[2].report.content, "=HYPERLINK(1)");
    assert!(reports.iter().all(|entry| entry.report.channel == "import"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_encodings_are_read_or_named() {
    let office = Office::open();
    let words = "Số\tLoại\tNội dung\n0912345678\tLD\tđòi chuyển tiền 🇻🇳\n";
    let utf16: Vec<u8> =
        [0xfeff].into_iter().chain(words.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let done = office.import(&office.file("unicode.txt", utf16), &[]);
    assert!(done.status.success(), "{}", said(&done));
    let old = office.import(&office.file("old.csv", b"so,loai,noi dung\n0912345678,LD,m\xf0o danh\n"), &[]);
    assert!(said(&old).contains("line 2 is not UTF-8") && said(&old).contains("CSV UTF-8"), "{}", said(&old));
    let quote = format!("so,loai,noi dung\n0912345678,LD,\"{}", "không đóng\n".repeat(200_000));
    let quote = office.import(&office.file("quote.csv", quote), &[]);
    assert!(said(&quote).contains("a quote is opened and never closed"), "{}", said(&quote));
    let xls = office.import(&office.file("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), &[]);
    assert!(said(&xls).contains(".xlsx"), "{}", said(&xls));
    let nothing = office.import(&office.file("header.csv", "a,b\n1,2\n"), &[]);
    assert!(said(&nothing).contains("missing: sources, content, kind"), "{}", said(&nothing));
    assert_eq!(office.reports(1).await[0].report.content, "đòi chuyển tiền 🇻🇳");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_lines_and_a_mapping_file_are_read() {
    let office = Office::open();
    let lines = "{\"number\":\"0912345678\",\"kind\":\"LD\",\"text\":\"x\",\"id\":7,\"other\":[1]}\n\
        {\"number\":\"0912345678\",\"kind\":\"LD\",\"text\":\"khác\",\"id\":7}\n\nnot json\n";
    let done = office.import(&office.file("a.ndjson", lines), &[]);
    assert!(said(&done).contains("1 stored, 0 known already, 2 refused"), "{}", said(&done));
    let refused = std::fs::read_to_string(office.directory.path().join("a.refused.csv")).unwrap();
    assert!(refused.contains("nội dung khác") && refused.contains("no JSON"), "{refused}");
    let map = office.file("map.toml", "[columns]\n\"Thuê bao\" = \"sources\"\n\"Lời kể\" = \"content\"\n");
    let file = office.file("b.csv", "Thuê bao,Lời kể\n0912345677,đòi tiền\n");
    let done = office.import(&file, &["--map", map.to_str().unwrap(), "--kind", "LD"]);
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(office.reports(2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workbook_is_read_and_a_bomb_is_not() {
    let office = Office::open();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in (0u16..).zip(["Số bị phản ánh", "Loại phản ánh", "Nội dung", "Ngày"]) {
        sheet.write(0, at, name).unwrap();
    }
    sheet.write(1, 0, 912_345_678).unwrap();
    sheet.write(1, 1, "Cuộc gọi lừa đảo").unwrap();
    sheet.write(1, 2, "đòi mã OTP").unwrap();
    let day = ExcelDateTime::parse_from_str("2026-11-20 08:30:00").unwrap();
    sheet.write_with_format(1, 3, &day, &Format::new().set_num_format("dd/mm/yyyy hh:mm")).unwrap();
    sheet.write(3, 0, "0912345670").unwrap();
    sheet.write(3, 1, "V").unwrap();
    sheet.write_formula(3, 2, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    let path = office.directory.path().join("book.xlsx");
    book.save(&path).unwrap();
    let done = office.import(&path, &[]);
    assert!(said(&done).contains("1 stored"), "{}", said(&done));
    assert!(
        office.import(&path, &["--sheet", "Không có"]).stderr.starts_with(b"canhgiac: there is no sheet")
    );

    // 40 MB of nothing in a few kilobytes.
    let bomb = office.directory.path().join("bomb.xlsx");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&bomb).unwrap());
    archive.start_file("xl/styles.xml", zip::write::SimpleFileOptions::default()).unwrap();
    for _ in 0..40 {
        archive.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    }
    archive.finish().unwrap();
    assert!(std::fs::metadata(&bomb).unwrap().len() < 200_000);
    let refused = office.import(&bomb, &[]);
    assert!(said(&refused).contains("unpacks to more than"), "{}", said(&refused));
    let reports = office.reports(1).await;
    assert_eq!(reports[0].sources[0].canonical, "+84912345678");
    assert_eq!(reports[0].report.kind.as_deref(), Some("scam_call"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_works_while_the_product_runs_and_twice_is_once_on_both_ways() {
    let world = World::open().await;
    let data = world.directory().join("data");
    let file = world.directory().join("a.csv");
    std::fs::write(&file, "so,loai,noi dung\n0912345678,LD,một\n0912345679,LD,hai\n0912345679,?,ba\n")
        .unwrap();
    let http = world.url("").trim_start_matches("http://").to_owned();
    let run = || command(&data, &file).args(["--http", &http]).output().unwrap();
    let first = run();
    assert!(said(&first).contains("2 stored, 0 known already, 1 refused"), "{}", said(&first));
    assert_eq!(world.reports(2).await.len(), 2);
    let keys = world.app().store.partner_keys().await.unwrap();
    assert!(keys.iter().all(|key| key.revoked_us.is_some()), "its key ends with it");
    let lost = command(&data, &file).args(["--http", "127.0.0.1:1"]).output().unwrap();
    assert!(said(&lost).contains("give --http"), "{}", said(&lost));
    let directory = world.stop().await;
    let again = run();
    assert!(said(&again).contains("0 stored, 2 known already, 1 refused"), "{}", said(&again));
    drop(directory);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_import_is_resumed_by_the_same_file() {
    const ROWS: usize = 20_000;
    let office = Office::open();
    let mut csv = "so,loai,noi dung,ma\n".to_owned();
    for n in 0..ROWS {
        csv.push_str(&format!("09{:08},V,quảng cáo lần {n},R-{n}\n", n % 1000 + 12_345_000));
    }
    let file = office.file("large.csv", csv);
    let made = Command::new(env!("CARGO_BIN_EXE_canhgiac"))
        .arg("migrate")
        .arg("--data-dir")
        .arg(office.data())
        .output();
    assert!(made.unwrap().status.success());
    let mut child = command(&office.data(), &file).spawn().unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        if office.rows().await >= 1_000 {
            break;
        }
        assert!(
            std::time::Instant::now() < end && child.try_wait().unwrap().is_none(),
            "it was to be killed midway"
        );
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = usize::try_from(office.rows().await).unwrap();
    assert!(before < ROWS, "it was killed midway");
    let done = office.import(&file, &[]);
    let expected = format!("{} stored, {before} known already, 0 refused", ROWS - before);
    assert!(said(&done).contains(&expected), "{expected}: {}", said(&done));
    assert_eq!(office.rows().await, i64::try_from(ROWS).unwrap());
}
