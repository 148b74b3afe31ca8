//! Long messages through the intake log: parts in any order, twice, again after a broken session, or never.

use bytes::{Bytes, BytesMut};
use canhgiac_smpp::pdu::{Address, Body, Pdu, ShortMessage, esm};
use jiff::SignedDuration;
use tempfile::TempDir;

use super::{Work, catch_up, project_batch};
use crate::app::{App, AppState};
use crate::clock::Clock;
use crate::config::{Config, LinkBind, LinkConfig, LinkRole};

const TEXTS: [&str; 3] = ["LD 0912345678 goi luc chin gio, ", "xung la cong an phuong, ", "doi chuyen tien"];

struct Log {
    app: AppState,
    _directory: TempDir,
}

impl Log {
    async fn open() -> Log {
        let directory = tempfile::tempdir().unwrap();
        let link = LinkConfig {
            name: "viettel".to_owned(),
            role: LinkRole::Client,
            address: "127.0.0.1:1".to_owned(),
            system_id: "x".to_owned(),
            password: "x".to_owned(),
            bind: LinkBind::Transceiver,
            default_alphabet: "gsm7".to_owned(),
            window: 10,
            operator: None,
            rate_per_s: None,
            keyword_prefix: None,
            carries: None,
            replies: true,
            tls: None,
            group: None,
        };
        let config = Config { data_dir: directory.path().to_owned(), links: vec![link], ..Config::default() };
        let (app, _committer) = App::open(config, Clock::system().unwrap()).await.unwrap();
        Log { app, _directory: directory }
    }

    /// Part `number` of the three arrives, as one that may have come before or not, and is projected.
    async fn part(&self, number: u8, is_suspected: bool) {
        self.part_on(&self.app.config.links[0], number, is_suspected).await;
    }

    async fn part_on(&self, link: &LinkConfig, number: u8, is_suspected: bool) {
        let mut octets = vec![5, 0, 3, 7, 3, number];
        octets.extend_from_slice(TEXTS[usize::from(number) - 1].as_bytes());
        let message = ShortMessage {
            source: Address::international("84900000001"),
            destination: Address::short_code("156"),
            esm_class: esm::UDHI,
            short_message: Bytes::from(octets),
            ..ShortMessage::default()
        };
        let mut raw = BytesMut::new();
        Pdu::request(1, Body::DeliverSm(message)).encode(&mut raw).unwrap();
        let item = self.app.pdu_item(link, &raw.freeze(), is_suspected).unwrap();
        self.app.store.append_intake(&[item]).await.unwrap();
        let mut work = Work::new();
        while project_batch(&self.app, &mut work).await.unwrap() {}
    }

    /// The texts of all reports once every wait is over.
    async fn texts(&self) -> Vec<String> {
        self.app.clock.advance(SignedDuration::from_mins(31));
        catch_up(&self.app).await.unwrap();
        let entries = self.app.store.reports_after(0, 100).await.unwrap();
        entries.into_iter().map(|entry| entry.report.text).collect()
    }
}

#[tokio::test]
async fn parts_in_any_order_are_one_report() {
    let log = Log::open().await;
    for number in [3, 1, 1, 2] {
        log.part(number, false).await;
    }
    assert_eq!(log.texts().await, [TEXTS.concat()]);
}

#[tokio::test]
async fn parts_that_come_on_several_links_of_a_group_are_one_report() {
    for group in [Some("viettel".to_owned()), None] {
        let log = Log::open().await;
        for (number, name) in [(1, "v1"), (2, "v2"), (3, "v1")] {
            let link =
                LinkConfig { name: name.to_owned(), group: group.clone(), ..log.app.config.links[0].clone() };
            log.part_on(&link, number, false).await;
        }
        let texts = log.texts().await;
        assert_eq!(texts.len(), if group.is_some() { 1 } else { 2 }, "{texts:?}");
    }
}

#[tokio::test]
async fn a_part_that_comes_again_after_its_message_is_complete_makes_no_second_report() {
    for is_suspected in [true, false] {
        let log = Log::open().await;
        for number in [1, 2, 3] {
            log.part(number, false).await;
        }
        log.part(2, is_suspected).await;
        log.part(3, is_suspected).await;
        assert_eq!(log.texts().await, [TEXTS.concat()], "suspected: {is_suspected}");
    }
}

#[tokio::test]
async fn a_whole_message_that_comes_again_is_marked_or_kept_as_a_second_one() {
    let log = Log::open().await;
    for number in [1, 2, 3, 1, 2, 3] {
        log.part(number, false).await;
    }
    assert_eq!(log.texts().await, [TEXTS.concat(), TEXTS.concat()], "a citizen may say it twice");
    let log = Log::open().await;
    for (number, is_suspected) in [(1, false), (2, false), (3, false), (1, true), (2, true), (3, true)] {
        log.part(number, is_suspected).await;
    }
    assert_eq!(log.texts().await, [TEXTS.concat()], "the same message again after a broken session");
}

#[tokio::test]
async fn a_part_sent_again_while_its_message_is_open_is_used_once() {
    let log = Log::open().await;
    log.part(1, false).await;
    log.part(1, true).await;
    log.part(2, true).await;
    log.part(3, false).await;
    assert_eq!(log.texts().await, [TEXTS.concat()]);
}

#[tokio::test]
async fn parts_whose_others_never_come_are_a_report_with_a_gap() {
    let log = Log::open().await;
    log.part(1, false).await;
    log.part(3, false).await;
    assert!(log.app.store.reports_after(0, 10).await.unwrap().is_empty(), "they wait");
    assert_eq!(log.texts().await, [format!("{} […] {}", TEXTS[0], TEXTS[2])]);
    let report = log.app.store.reports_after(0, 10).await.unwrap().remove(0).report;
    assert!(report.flags.contains("incomplete"), "{}", report.flags);
    assert_eq!(report.kind.as_deref(), Some("scam_call"));
}
