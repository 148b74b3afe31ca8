//! Warnings: a second person publishes, a withdrawal stops what has not left, subscribers by pages.

use canhgiac_store::{
    BulletinText, NewMessage, NewReport, Page, SendOutcome, Store, StoreError, SubscriptionChange,
};
use uuid::Uuid;

use crate::messages::{sent, state_of};
use crate::support::{
    Home, MINUTE, SENDER, START, audit, case_on, citizen, message, project, project_one, scam_call,
};

const AUTHOR: Uuid = Uuid::from_u128(21);
const EDITOR: Uuid = Uuid::from_u128(22);
const APPROVER: Uuid = Uuid::from_u128(23);
const ID: Uuid = Uuid::from_u128(31);

fn text(title: &str) -> BulletinText {
    BulletinText {
        title: title.to_owned(),
        body: "Công an không làm việc qua điện thoại.".to_owned(),
        sms: "Cong an khong lam viec qua dien thoai.".to_owned(),
    }
}

async fn draft(store: &Store) {
    store.add_bulletin(ID, None, &text("Giả danh công an"), AUTHOR, &audit("bulletin")).await.unwrap();
}

async fn audited(store: &Store) -> usize {
    store.audit_trail(Some("bulletin"), Page::default()).await.unwrap().len()
}

pub(crate) async fn a_draft_is_begun_and_edited(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    store.add_bulletin(ID, Some(number), &text("Một"), AUTHOR, &audit("bulletin")).await.unwrap();
    let row = store.bulletin(ID).await.unwrap();
    assert_eq!((row.version, row.state.as_str(), row.case_number), (1, "draft", Some(number)));
    assert_eq!((row.title.as_str(), row.created_us, row.published_us), ("Một", START, None));
    store.edit_bulletin(ID, 1, &text("Hai"), EDITOR, &audit("bulletin")).await.unwrap();
    store.edit_bulletin(ID, 2, &text("Ba"), AUTHOR, &audit("bulletin")).await.unwrap();
    let row = store.bulletin(ID).await.unwrap();
    assert_eq!((row.version, row.title.as_str(), row.sms), (3, "Ba", text("").sms));
    let mut authors = store.bulletin_authors(ID).await.unwrap();
    authors.sort();
    assert_eq!(authors, [AUTHOR, EDITOR]);
    assert_eq!(audited(&store).await, 3);
    let old = store.edit_bulletin(ID, 2, &text("Bốn"), EDITOR, &audit("bulletin")).await;
    assert!(matches!(old, Err(StoreError::Conflict)));
    assert_eq!(audited(&store).await, 3);
    let twice = store.add_bulletin(ID, None, &text("Một"), AUTHOR, &audit("bulletin")).await;
    assert!(matches!(twice, Err(StoreError::AlreadyExists)));
    assert!(matches!(store.bulletin(AUTHOR).await, Err(StoreError::NotFound)));
}

pub(crate) async fn an_author_never_publishes(home: &Home) {
    let store = home.open().await;
    draft(&store).await;
    store.edit_bulletin(ID, 1, &text("Hai"), EDITOR, &audit("bulletin")).await.unwrap();
    for author in [AUTHOR, EDITOR] {
        let refused = store.publish_bulletin(ID, 2, author, &audit("bulletin")).await;
        assert!(matches!(refused, Err(StoreError::Conflict)));
    }
    // Who changed only a comma in a version that lost is no author.
    let lost = store.edit_bulletin(ID, 1, &text("Ba"), APPROVER, &audit("bulletin")).await;
    assert!(lost.is_err());
    assert_eq!(store.bulletin(ID).await.unwrap().state, "draft");
    assert_eq!(audited(&store).await, 2);
    assert!(store.claim_jobs(10, START, MINUTE).await.unwrap().is_empty());
    store.publish_bulletin(ID, 2, APPROVER, &audit("bulletin")).await.unwrap();
}

pub(crate) async fn publishing_plans_one_broadcast(home: &Home) {
    let store = home.open().await;
    draft(&store).await;
    let early = store.publish_bulletin(ID, 7, APPROVER, &audit("bulletin")).await;
    assert!(matches!(early, Err(StoreError::Conflict)));
    store.publish_bulletin(ID, 1, APPROVER, &audit("bulletin")).await.unwrap();
    let row = store.bulletin(ID).await.unwrap();
    assert_eq!((row.state.as_str(), row.version, row.approved_by), ("published", 2, Some(APPROVER)));
    assert_eq!(row.published_us, Some(START));
    let jobs = store.claim_jobs(10, START, MINUTE).await.unwrap();
    assert_eq!((jobs.len(), jobs[0].kind.as_str()), (1, "broadcast"));
    assert_eq!(jobs[0].payload, format!("{{\"bulletin\":\"{ID}\"}}"));
    for version in [1, 2] {
        let again = store.publish_bulletin(ID, version, APPROVER, &audit("bulletin")).await;
        assert!(matches!(again, Err(StoreError::Conflict)));
        let edit = store.edit_bulletin(ID, version, &text("Hai"), AUTHOR, &audit("bulletin")).await;
        assert!(matches!(edit, Err(StoreError::Conflict)), "what was published is not rewritten");
    }
    assert_eq!(audited(&store).await, 2);
}

fn broadcast(n: u32) -> NewMessage {
    NewMessage {
        purpose: "broadcast".to_owned(),
        object: format!("bulletin:{ID}"),
        ..message(&format!("broadcast:{n}"), n)
    }
}

pub(crate) async fn a_withdrawn_warning_is_not_sent_on(home: &Home) {
    let store = home.open().await;
    draft(&store).await;
    store.publish_bulletin(ID, 1, APPROVER, &audit("bulletin")).await.unwrap();
    let mut planned: Vec<NewMessage> = (1..=4).map(broadcast).collect();
    planned.push(message("reply", 9));
    store.add_messages(&planned, None, START).await.unwrap();
    store.claim_messages("vnpt", SENDER, 2, START).await.unwrap();
    store.finish_messages("vnpt", &[(1, sent("id-1"))], START).await.unwrap();
    store.cancel_bulletin(ID, 2, &audit("bulletin")).await.unwrap();
    let row = store.bulletin(ID).await.unwrap();
    assert_eq!((row.state.as_str(), row.cancelled_us, row.version), ("cancelled", Some(START), 3));
    assert_eq!(state_of(&store, 1).await.0, "sent");
    assert_eq!(state_of(&store, 2).await.0, "sending");
    for seq in [3, 4] {
        let (state, error) = state_of(&store, seq).await;
        assert_eq!((state.as_str(), error.is_some()), ("failed", true));
    }
    // The one that was leaving comes back to be tried again: it is not.
    let retry = SendOutcome::Retry { run_us: START, error: "throttled".to_owned() };
    store.finish_messages("vnpt", &[(2, retry)], START).await.unwrap();
    assert_eq!(state_of(&store, 2).await.0, "failed");
    // The broadcast that was still planning its pages plans nobody else.
    store.add_messages(&[broadcast(5)], None, START).await.unwrap();
    let left = store.claim_messages("vnpt", SENDER, 10, START).await.unwrap();
    assert_eq!(left.iter().map(|row| row.purpose.as_str()).collect::<Vec<_>>(), ["reply"]);
    let again = store.cancel_bulletin(ID, 3, &audit("bulletin")).await;
    assert!(matches!(again, Err(StoreError::Conflict)));
    assert_eq!(audited(&store).await, 3);
}

pub(crate) async fn a_draft_can_be_withdrawn_and_is_then_never_published(home: &Home) {
    let store = home.open().await;
    draft(&store).await;
    store.cancel_bulletin(ID, 1, &audit("bulletin")).await.unwrap();
    let publish = store.publish_bulletin(ID, 2, APPROVER, &audit("bulletin")).await;
    assert!(matches!(publish, Err(StoreError::Conflict)));
    assert!(store.claim_jobs(10, START, MINUTE).await.unwrap().is_empty());
}

pub(crate) async fn warnings_are_listed_by_state(home: &Home) {
    let store = home.open().await;
    for n in 0..3u128 {
        let entry = canhgiac_store::NewAudit { at_us: START + n as i64, ..audit("bulletin") };
        store.add_bulletin(Uuid::from_u128(n), None, &text("x"), AUTHOR, &entry).await.unwrap();
    }
    let late = canhgiac_store::NewAudit { at_us: START + MINUTE, ..audit("bulletin") };
    store.publish_bulletin(Uuid::from_u128(0), 1, APPROVER, &late).await.unwrap();
    let ids = async |states: &[&str], page| {
        let rows = store.bulletins(states, page).await.unwrap();
        rows.iter().map(|row| row.id.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&[], Page::default()).await, [0, 2, 1]);
    assert_eq!(ids(&["draft"], Page::default()).await, [2, 1]);
    assert_eq!(ids(&["published", "cancelled"], Page::default()).await, [0]);
    assert_eq!(ids(&[], Page { offset: 2, limit: 5 }).await, [1]);
    assert_eq!(store.figures(START).await.unwrap().drafts, 2);
}

fn subscription(n: u32, change: SubscriptionChange, at_us: i64) -> NewReport {
    NewReport {
        received_us: at_us,
        intent: "subscribe".to_owned(),
        kind: None,
        state: "service".to_owned(),
        sources: Vec::new(),
        subscription: Some(change),
        ..scam_call(n, "")
    }
}

pub(crate) async fn subscribers_come_in_pages_without_a_gap(home: &Home) {
    let store = home.open().await;
    let all = (0..25).map(|n| subscription(n, SubscriptionChange::Subscribe, START)).collect();
    project(&store, all).await;
    project_one(&store, subscription(7, SubscriptionChange::Unsubscribe, START + 1)).await;
    project_one(&store, subscription(99, SubscriptionChange::Unsubscribe, START + 1)).await;
    assert_eq!(store.count_subscribers().await.unwrap(), 24);
    let mut hashes = Vec::new();
    let mut after = Vec::new();
    loop {
        let page = store.subscribers_after(&after, 10).await.unwrap();
        assert!(page.len() <= 10);
        let Some(last) = page.last() else { break };
        after = last.reporter_hash.clone();
        hashes.extend(page.into_iter().map(|row| row.reporter_hash));
    }
    let mut expected: Vec<Vec<u8>> = (0..25).filter(|n| *n != 7).map(|n| citizen(n).hash).collect();
    expected.sort();
    assert_eq!(hashes, expected);
}

pub(crate) async fn who_subscribes_again_is_told_by_the_newest_way(home: &Home) {
    let store = home.open().await;
    project_one(&store, subscription(1, SubscriptionChange::Subscribe, START)).await;
    project_one(&store, subscription(1, SubscriptionChange::Unsubscribe, START + 1)).await;
    let mut again = subscription(1, SubscriptionChange::Subscribe, START + 2);
    again.link = "viettel".to_owned();
    again.to_code = Some("5656".to_owned());
    // Sealed under a newer key.
    again.reporter = Some(canhgiac_store::SealedNumber { sealed: vec![9, 9], ..citizen(1) });
    project_one(&store, again).await;
    let rows = store.subscribers_after(&[], 10).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].link.as_str(), rows[0].to_code.as_str()), ("viettel", "5656"));
    assert_eq!(rows[0].sealed, [9, 9]);
    // Without a number nobody can be told.
    let nobody = NewReport { reporter: None, ..subscription(2, SubscriptionChange::Subscribe, START) };
    project_one(&store, nobody).await;
    assert_eq!(store.count_subscribers().await.unwrap(), 1);
}
