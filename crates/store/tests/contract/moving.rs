//! Moving from SQLite to PostgreSQL: everything or nothing, the same on both sides, and work goes on there.

use canhgiac_domain::procedure::Action;
use canhgiac_store::{
    BulletinText, NewEvidence, NewPart, NewReport, Page, PostgresOptions, ReportFilter, StaffRow, Store,
    StoreError, SubscriptionChange, move_to,
};
use uuid::Uuid;

use crate::support::{
    Home, MINUTE, SENDER, START, act, audit, batch, block_requested, citizen, intake, message, officer,
    project, scam_call, subscriber,
};

fn options(home: &Home) -> PostgresOptions {
    match home {
        Home::Postgres(place) => place.options(),
        Home::Sqlite(_) => panic!("PostgreSQL was asked for"),
    }
}

/// Something in every table that a day of work fills.
pub(crate) async fn fill(store: &Store) {
    let number = block_requested(store, "+84912345678").await;
    act(store, number, Action::Lift, &officer(), START + 3 * MINUTE).await;
    let file = NewEvidence {
        sha256: vec![7; 32],
        size: 9,
        mime: "image/png".to_owned(),
        name: "ảnh.png".to_owned(),
    };
    let mut name = subscriber("Vietcombank");
    name.kind = "sender_name".to_owned();
    let odd = NewReport {
        text: "LD \0 \t\\N “công an”\r\n🚨 \u{10FFFF} hết".to_owned(),
        sources: vec![name, subscriber("+84987654321")],
        evidence: vec![file],
        near_key: Some("aa".to_owned()),
        money_lost: Some(-1),
        place: Some(String::new()),
        token_hash: Some(vec![0, 255, 92]),
        subscription: Some(SubscriptionChange::Subscribe),
        ..scam_call(3, "")
    };
    let again =
        NewReport { id: Uuid::now_v7(), is_suspected_redelivery: true, evidence: Vec::new(), ..odd.clone() };
    project(store, vec![odd, again]).await;
    let many: Vec<NewReport> = (10..700).map(|n| scam_call(n, &format!("+849{:08}", n % 300))).collect();
    project(store, many).await;
    let mut waiting = batch(store, Vec::new()).await;
    waiting.parts_waiting = vec![NewPart { intake_seq: 1, part_key: b"k\0".to_vec(), received_us: START }];
    store.project(&waiting).await.unwrap();
    store.append_intake(&[intake(1), intake(2)]).await.unwrap();
    store.add_messages(&[message("a", 1), message("b", 2)], None, START).await.unwrap();
    store.claim_messages("vnpt", SENDER, 1, START).await.unwrap();
    store.claim_jobs(2, START, MINUTE).await.unwrap();
    let staff = StaffRow {
        id: Uuid::from_u128(11),
        login: "an".to_owned(),
        name: "Nguyễn Thị An".to_owned(),
        role: "officer".to_owned(),
        unit: None,
        password_hash: "x".to_owned(),
        is_disabled: true,
        created_us: START,
    };
    store.add_staff(&staff, &audit("staff:11")).await.unwrap();
    let text =
        BulletinText { title: "Cảnh báo".to_owned(), body: "…".to_owned(), sms: "Canh bao".to_owned() };
    store
        .add_bulletin(Uuid::from_u128(5), Some(number), &text, staff.id, &audit("bulletin:5"))
        .await
        .unwrap();
    store.save_session("s", &[1, 2, 3], START + MINUTE).await.unwrap();
    store.save_one_time_code(1, b"code", START + MINUTE).await.unwrap();
    store.set_operator_key("viettel", b"key", &audit("operator:viettel")).await.unwrap();
    store.settle_mark("key", "fingerprint").await.unwrap();
}

/// What anybody may read, as text.
pub(crate) async fn readings(store: &Store) -> Vec<String> {
    let page = Page { offset: 0, limit: 1_000 };
    let everything = ReportFilter { with_service: true, ..ReportFilter::default() };
    vec![
        format!("{:?}", store.cursor().await.unwrap()),
        format!("{:?}", store.read_intake(0, 10_000).await.unwrap()),
        format!("{:?}", store.reports(&everything, page).await.unwrap()),
        format!("{:?}", store.cases(&Default::default(), page).await.unwrap()),
        format!("{:?}", store.case_events(1).await.unwrap()),
        format!("{:?}", store.requests(None, None, None, page).await.unwrap()),
        format!("{:?}", store.messages(&[], page).await.unwrap()),
        format!("{:?}", store.audit_trail(None, page).await.unwrap()),
        format!("{:?}", store.staff().await.unwrap()),
        format!("{:?}", store.bulletins(&[], page).await.unwrap()),
        format!("{:?}", store.evidence_of(3).await.unwrap()),
        format!("{:?}", store.subscribers_after(&[], 10).await.unwrap()),
        format!("{:?}", store.parts_waiting(&[b"k\0".to_vec()]).await.unwrap()),
        format!("{:?}", store.jobs_waiting(START + MINUTE).await.unwrap()),
        format!("{:?}", store.load_session("s", START).await.unwrap()),
        format!("{:?}", store.operator_of_key(b"key").await.unwrap()),
        format!("{:?}", store.standing("sender_name", "VIETCOMBANK").await.unwrap()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_moves_and_reads_back_the_same() {
    let Some(target) = Home::postgres().await else { return };
    let files = Home::sqlite();
    let store = files.open().await;
    fill(&store).await;
    let before = readings(&store).await;
    store.close().await;
    let mut told = Vec::new();
    let moved = move_to(files.directory(), &options(&target), |table, rows, of| {
        told.push((table.to_owned(), rows, of));
    })
    .await
    .unwrap();
    let rows = |name: &str| moved.iter().find(|table| table.name == name).unwrap().rows;
    assert_eq!((rows("report"), rows("staff"), rows("part"), rows("mark")), (694, 1, 1, 1));
    assert!(rows("intake") > 694 && rows("job") > 690);
    assert!(told.contains(&("report".to_owned(), 694, 694)));
    let store = target.open().await;
    assert_eq!(readings(&store).await, before);
    // Work goes on: places, numbers of cases, of jobs and of audit entries follow those that were moved.
    let end = store.intake_end().await.unwrap();
    assert_eq!(store.append_intake(&[intake(1)]).await.unwrap(), end + 1);
    store.add_messages(&[message("c", 1)], None, START).await.unwrap();
    let newest = store.messages(&["planned"], Page::default()).await.unwrap().remove(0).seq;
    assert_eq!(newest, 3);
    let staff = store.staff().await.unwrap().remove(0);
    store.update_staff(&staff, &audit("staff:11")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_is_not_empty_is_refused_and_left_as_it_was() {
    let Some(target) = Home::postgres().await else { return };
    let files = Home::sqlite();
    fill(&files.open().await).await;
    let there = target.open().await;
    there.settle_mark("key", "other").await.unwrap();
    let refused = move_to(files.directory(), &options(&target), |_, _, _| {}).await;
    assert!(matches!(refused, Err(StoreError::NotEmpty(table)) if table == "mark"));
    assert_eq!(there.intake_end().await.unwrap(), 0);
    assert!(there.staff().await.unwrap().is_empty());
}

/// The program is killed in the middle: nothing is there, and the next try moves everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_move_leaves_nothing_and_is_begun_again() {
    let Some(target) = Home::postgres().await else { return };
    let files = Home::sqlite();
    let store = files.open().await;
    fill(&store).await;
    store.close().await;
    let (directory, to) = (files.directory().to_owned(), options(&target));
    let killed = std::thread::spawn(move || {
        let alone = tokio::runtime::Runtime::new().unwrap();
        let killed_at = |table: &str, rows, _| assert!(table != "job" || rows == 0, "killed here");
        alone.block_on(move_to(&directory, &to, killed_at))
    });
    assert!(tokio::task::spawn_blocking(move || killed.join()).await.unwrap().is_err());
    let there = target.open().await;
    assert!(there.staff().await.unwrap().is_empty());
    assert_eq!(there.intake_end().await.unwrap(), 0);
    move_to(files.directory(), &options(&target), |_, _, _| {}).await.unwrap();
    assert_eq!(there.staff().await.unwrap().len(), 1);
    assert_eq!(
        there.report_by_token(&[0, 255, 92]).await.unwrap().report.reporter_hash,
        Some(citizen(3).hash)
    );
}
