//! What the rules share: homes for stores, made-up reports, and the procedure to act with.

#[path = "cluster.rs"]
pub(crate) mod cluster;

use std::path::Path;

use canhgiac_domain::account::{Actor, Role};
use canhgiac_domain::id::UserId;
use canhgiac_domain::procedure::{
    Action, Decision, Facts, RuleSet, ScamRule, SourcePath, TemporaryBlock, decide,
};
use canhgiac_store::{
    CaseChange, CaseEntry, NewAudit, NewIntake, NewJob, NewMessage, NewReport, NewSource, Projection,
    ReportEntry, ReportFilter, SealedNumber, Store, StoreError,
};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) use cluster::Place;

/// One second, minute and day in microseconds.
pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;
/// When everything in the rules begins: 2026-11-20 01:00 UTC.
pub(crate) const START: i64 = 1_795_136_400 * SECOND;

/// A process that sends messages; nobody registered it, so it counts as gone.
pub(crate) const SENDER: Uuid = Uuid::from_u128(7);

/// A place of its own where a store lives; a rule opens it as often as it needs.
pub(crate) enum Home {
    /// A directory.
    Sqlite(TempDir),
    /// A database on the server of this run.
    Postgres(Place),
}

impl Home {
    /// A home in an empty directory.
    pub(crate) fn sqlite() -> Home {
        Home::Sqlite(tempfile::tempdir().unwrap())
    }

    /// An empty database, if there is PostgreSQL here.
    pub(crate) async fn postgres() -> Option<Home> {
        Some(Home::Postgres(cluster::place().await?))
    }

    /// A database without a table, for tests that make an earlier schema's.
    pub(crate) async fn bare_postgres() -> Option<Home> {
        Some(Home::Postgres(cluster::bare_place().await?))
    }

    pub(crate) async fn try_open(&self) -> Result<Store, StoreError> {
        match self {
            Home::Sqlite(directory) => Store::open(directory.path()).await,
            Home::Postgres(place) => Store::connect(&place.options()).await,
        }
    }

    pub(crate) async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    /// Where the files of SQLite are, for tests about these.
    pub(crate) fn directory(&self) -> &Path {
        match self {
            Home::Sqlite(directory) => directory.path(),
            Home::Postgres(_) => panic!("PostgreSQL's files are its own"),
        }
    }

    /// All that is stored, for rules about what may be in it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Home::Sqlite(_) => {
                let mut bytes = Vec::new();
                for file in std::fs::read_dir(self.directory()).unwrap() {
                    bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
                }
                bytes
            }
            Home::Postgres(place) => place.bytes(),
        }
    }
}

/// The `n`th made-up citizen: `0900 000 0nn`, as the store gets to see them.
pub(crate) fn citizen(n: u32) -> SealedNumber {
    let number = citizen_number(n);
    SealedNumber {
        hash: number.bytes().map(|byte| byte + b'P' - b'0').collect(),
        sealed: number.bytes().map(|byte| byte ^ 0xA5).collect(),
    }
}

/// What must never be in a file.
pub(crate) fn citizen_number(n: u32) -> String {
    format!("0900{n:06}")
}

pub(crate) fn intake(n: i64) -> NewIntake {
    NewIntake {
        received_us: START + n,
        channel: "smpp".to_owned(),
        link: "vnpt".to_owned(),
        meta: "{}".to_owned(),
        body: n.to_be_bytes().to_vec(),
        reporter: Some(citizen(1)),
    }
}

pub(crate) fn subscriber(canonical: &str) -> NewSource {
    NewSource {
        kind: "subscriber".to_owned(),
        canonical: canonical.to_owned(),
        as_received: canonical.replacen("+84", "0", 1),
    }
}

/// A scam call reported by SMS: proven, with the job that answers it.
pub(crate) fn scam_call(reporter: u32, source: &str) -> NewReport {
    let id = Uuid::now_v7();
    NewReport {
        id,
        parts: vec![1],
        received_us: START,
        channel: "smpp".to_owned(),
        link: "vnpt".to_owned(),
        operator: Some("vinaphone".to_owned()),
        to_code: Some("156".to_owned()),
        reporter: Some(citizen(reporter)),
        is_proven: true,
        is_mobile: true,
        intent: "report".to_owned(),
        kind: Some("scam_call".to_owned()),
        problem: None,
        argument: None,
        text: format!("LD {source} mạo danh công an"),
        folded: format!("ld {source} mao danh cong an"),
        content: "mạo danh công an".to_owned(),
        leniencies: "[]".to_owned(),
        findings: "[]".to_owned(),
        flags: "[]".to_owned(),
        near_key: None,
        code: 10_000_000 + i64::from(reporter),
        token_hash: None,
        commune: None,
        place: None,
        money_lost: None,
        sources: vec![subscriber(source)],
        evidence: Vec::new(),
        is_suspected_redelivery: false,
        state: "new".to_owned(),
        jobs: vec![NewJob {
            unique_key: format!("reply:{}", id.simple()),
            kind: "reply".to_owned(),
            payload: "{\"report\":\"$report\"}".to_owned(),
            run_us: START,
        }],
        subscription: None,
        taken_by: None,
    }
}

/// The same by the web form, from a number nobody has proven.
pub(crate) fn web_report(reporter: Option<u32>, source: &str) -> NewReport {
    NewReport {
        channel: "web".to_owned(),
        link: "form".to_owned(),
        operator: None,
        to_code: None,
        reporter: reporter.map(citizen),
        is_proven: false,
        is_mobile: false,
        jobs: Vec::new(),
        ..scam_call(0, source)
    }
}

/// A batch of `reports` that begins where the cursor stands; their intake rows are appended first.
pub(crate) async fn batch(store: &Store, reports: Vec<NewReport>) -> Projection {
    let from_seq = store.cursor().await.unwrap();
    let rows: Vec<NewIntake> = (0..reports.len().max(1)).map(|_| intake(0)).collect();
    let first = store.append_intake(&rows).await.unwrap();
    Projection {
        from_seq,
        to_seq: first + i64::try_from(rows.len()).unwrap() - 1,
        reports,
        opens_case: vec!["scam_call".to_owned()],
        joins_case: vec!["spam_call".to_owned()],
        ..Projection::default()
    }
}

/// Projects `reports` in one batch and returns them as stored, in order.
pub(crate) async fn project(store: &Store, reports: Vec<NewReport>) -> Vec<ReportEntry> {
    let before = newest_report(store).await;
    let count = i64::try_from(reports.len()).unwrap();
    store.project(&batch(store, reports).await).await.unwrap();
    let stored = store.reports_after(before, 10_000).await.unwrap();
    assert_eq!(i64::try_from(stored.len()).unwrap(), count);
    stored
}

pub(crate) async fn project_one(store: &Store, report: NewReport) -> ReportEntry {
    project(store, vec![report]).await.remove(0)
}

pub(crate) async fn newest_report(store: &Store) -> i64 {
    let filter = ReportFilter { with_service: true, ..ReportFilter::default() };
    let page = canhgiac_store::Page { offset: 0, limit: 1 };
    store.reports(&filter, page).await.unwrap().first().map_or(0, |entry| entry.report.seq)
}

/// The number of a case with two voices on `source`.
pub(crate) async fn case_on(store: &Store, source: &str) -> i64 {
    let stored = project(store, vec![scam_call(1, source), scam_call(2, source)]).await;
    stored[0].case_number.unwrap()
}

pub(crate) fn officer() -> Actor {
    Actor::Staff { id: UserId(Uuid::from_u128(11)), role: Role::Officer }
}

pub(crate) fn approver() -> Actor {
    Actor::Staff { id: UserId(Uuid::from_u128(12)), role: Role::Approver }
}

pub(crate) fn police() -> Actor {
    Actor::Staff { id: UserId(Uuid::from_u128(13)), role: Role::Police }
}

pub(crate) fn operator(id: &str) -> Actor {
    Actor::Operator(id.to_owned())
}

fn actor_id(actor: &Actor) -> String {
    match actor {
        Actor::Staff { id, .. } => format!("staff:{}", id.0),
        Actor::Operator(operator) => format!("operator:{operator}"),
        Actor::Holder => "holder".to_owned(),
        Actor::System => "system".to_owned(),
    }
}

pub(crate) fn rule() -> ScamRule {
    let block = TemporaryBlock {
        days: 7,
        issuing_body: "Sở Khoa học và Công nghệ".to_owned(),
        legal_basis: Some("Nghị định 91/2020/NĐ-CP".to_owned()),
    };
    let rules = RuleSet::embedded().unwrap().with_temporary_block(block);
    rules.on(jiff::civil::date(2026, 11, 20)).unwrap().clone()
}

pub(crate) fn instant(at_us: i64) -> Timestamp {
    Timestamp::from_microsecond(at_us).unwrap()
}

/// What the procedure decides about a case as it is stored, `at_us`.
pub(crate) fn decision(case: &CaseEntry, action: &Action, actor: &Actor, at_us: i64) -> Decision {
    let operator = case.source.operator.clone().unwrap_or_else(|| "viettel".to_owned());
    let facts = Facts { voices: 5, official_owner: None, path: SourcePath::Operator(operator) };
    decide(&case.case.to_case().unwrap(), action, actor, &facts, &rule(), instant(at_us)).unwrap()
}

/// A change with nothing but the decision.
pub(crate) fn change<'a>(
    case: &CaseEntry,
    decision: &'a Decision,
    actor: &Actor,
    at_us: i64,
) -> CaseChange<'a> {
    CaseChange {
        number: case.case.number,
        expected_version: case.case.version,
        decision,
        actor: actor_id(actor),
        action: "acted",
        note: "đã xem xét".to_owned(),
        at_us,
        answer: None,
        filed: None,
        decided: None,
        acknowledged: None,
    }
}

/// Does `action` on the case as it stands, and returns the case afterwards.
pub(crate) async fn act(store: &Store, number: i64, action: Action, actor: &Actor, at_us: i64) -> CaseEntry {
    act_with(store, number, action, actor, at_us, |_| {}).await.unwrap();
    store.case(number).await.unwrap()
}

/// The same with what belongs to the change besides the decision.
pub(crate) async fn act_with(
    store: &Store,
    number: i64,
    action: Action,
    actor: &Actor,
    at_us: i64,
    along: impl FnOnce(&mut CaseChange<'_>),
) -> Result<(), StoreError> {
    let case = store.case(number).await?;
    let decision = decision(&case, &action, actor, at_us);
    let mut change = change(&case, &decision, actor, at_us);
    along(&mut change);
    store.change_case(&change).await
}

/// A case whose block is asked of `viettel`.
pub(crate) async fn block_requested(store: &Store, source: &str) -> i64 {
    let number = case_on(store, source).await;
    act(store, number, Action::Confirm, &officer(), START + MINUTE).await;
    act(store, number, Action::RequestBlock, &officer(), START + 2 * MINUTE).await;
    number
}

pub(crate) fn audit(object: &str) -> NewAudit {
    NewAudit {
        at_us: START,
        actor: format!("staff:{}", Uuid::from_u128(11)),
        action: "did".to_owned(),
        object: object.to_owned(),
        detail: "lý do".to_owned(),
    }
}

pub(crate) fn message(key: &str, to: u32) -> NewMessage {
    NewMessage {
        unique_key: key.to_owned(),
        purpose: "reply".to_owned(),
        object: "report:1".to_owned(),
        to: citizen(to),
        text: "Da nhan phan anh.".to_owned(),
        link: "vnpt".to_owned(),
        from_code: "156".to_owned(),
        run_us: START,
    }
}

pub(crate) fn after(days: i64) -> Timestamp {
    instant(START).checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}
