//! SQLite alone: no hot statement reads a whole table or sorts what an index could give in order.
//!
//! The statements are those the store really runs, heard from its log of queries, so that none can be
//! forgotten here; each is then explained by the database itself.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod heard;
#[path = "../contract/support.rs"]
#[expect(dead_code, reason = "shared with the contract suite, which uses all of it")]
mod support;

use canhgiac_store::{CaseFilter, Page, Report, ReportFilter, Store};
use heard::Ear;
use sqlx::SqlitePool;
use uuid::Uuid;

use support::{
    DAY, Home, MINUTE, START, act, audit, block_requested, citizen, intake, message, officer, project,
    scam_call,
};

/// Small tables, whose rows are people, links and warnings: reading them whole is right.
const SMALL: [&str; 6] = ["staff", "bulletin", "bulletin_author", "cursor", "session", "operator_key"];

/// What sorts a handful of rows that belong to one thing, or a count per kind.
const FEW: [&str; 8] = [
    "ORDER BY n.state = 'filed' DESC",
    "FROM part WHERE",
    "FROM json_each($1) n JOIN report",
    "AND c.source_id = ?",
    "AND f.case_number = ?",
    "AND q.case_number = ?",
    "FROM report_evidence",
    "GROUP BY 1 ORDER BY 2",
];

struct Plans {
    ear: Ear,
    files: Vec<SqlitePool>,
    faults: Vec<String>,
}

impl Plans {
    async fn over(home: &Home) -> Plans {
        let mut files = Vec::new();
        for name in ["state.db", "intake.db"] {
            let path = home.directory().join(name);
            files.push(SqlitePool::connect(path.to_str().unwrap()).await.unwrap());
        }
        Plans { ear: Ear::open(), files, faults: Vec::new() }
    }

    /// Explains what was run since the last look, and notes what reads or sorts too much.
    async fn look(&mut self, what: &str) {
        let statements = self.ear.drain();
        assert!(!statements.is_empty(), "{what}: no statement was heard");
        for statement in statements {
            for line in self.explain(&statement).await {
                if is_fault(&line, &statement) {
                    self.faults.push(format!("{what}: {line}\n    {statement}"));
                }
            }
        }
    }

    async fn explain(&self, statement: &str) -> Vec<String> {
        for file in &self.files {
            let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
            let lines: Result<Vec<(i64, i64, i64, String)>, _> = sqlx::query_as(sql).fetch_all(file).await;
            if let Ok(lines) = lines {
                return lines.into_iter().map(|line| line.3).collect();
            }
        }
        panic!("neither file explains: {statement}");
    }
}

fn is_fault(line: &str, statement: &str) -> bool {
    if let Some(scanned) = line.strip_prefix("SCAN ") {
        let table = scanned.split(' ').next().unwrap_or_default();
        let is_in_order = scanned.contains("INDEX") || statement.contains("LIMIT");
        return !(table == "json_each"
            || scanned.contains("VIRTUAL TABLE")
            || scanned.contains("CONSTANT ROW")
            || scanned.contains("-ROW VALUES")
            || scanned.starts_with('(')
            || SMALL.contains(&table)
            || is_in_order);
    }
    let is_sorted = line.contains("B-TREE FOR ORDER BY") && !FEW.iter().any(|few| statement.contains(few));
    is_sorted || line.contains("AUTOMATIC")
}

async fn fill(store: &Store) -> i64 {
    let number = block_requested(store, "+84912345678").await;
    store.append_intake(&[intake(1)]).await.unwrap();
    let report =
        canhgiac_store::NewReport { near_key: Some("aa".to_owned()), ..scam_call(3, "+84912345678") };
    project(store, vec![report]).await;
    store.add_messages(&[message("a", 1), message("b", 2)], None, START).await.unwrap();
    number
}

#[tokio::test]
async fn no_hot_statement_reads_or_sorts_a_whole_table() {
    let home = Home::sqlite();
    let store = home.open().await;
    let number = fill(&store).await;
    let mut plans = Plans::over(&home).await;
    queues(&store, &mut plans).await;
    lists(&store, &mut plans, number).await;
    lookups(&store, &mut plans).await;
    changes(&store, &mut plans, number).await;
    assert!(plans.faults.is_empty(), "\n{}", plans.faults.join("\n"));
}

async fn queues(store: &Store, plans: &mut Plans) {
    store.claim_jobs(10, START + DAY, MINUTE).await.unwrap();
    store.jobs_waiting(START).await.unwrap();
    store.dead_jobs(Page::default()).await.unwrap();
    plans.look("jobs").await;
    store.claim_messages("vnpt", uuid::Uuid::nil(), 10, START + DAY).await.unwrap();
    store.messages_planned().await.unwrap();
    plans.look("messages").await;
    let sent = canhgiac_store::SendOutcome::Sent { remote_id: "x".to_owned() };
    store.finish_messages("vnpt", &[(1, sent)], START).await.unwrap();
    let receipt = canhgiac_store::DeliveryReceipt {
        link: "vnpt".to_owned(),
        remote_id: "y".to_owned(),
        is_delivered: true,
        is_final: true,
        error: None,
    };
    store.note_receipt(&receipt, START).await.unwrap();
    store.mark_interrupted_messages(START).await.unwrap();
    plans.look("sent messages").await;
    let limit = canhgiac_store::ReplyLimit { per_day: 5, day_start_us: START, last_text: String::new() };
    store.add_messages(&[message("c", 1)], Some(&limit), START).await.unwrap();
    plans.look("reply limit").await;
    store.read_intake(0, 10).await.unwrap();
    store.intake_rows(&[1, 2]).await.unwrap();
    store.intake_end().await.unwrap();
    plans.look("intake").await;
    store.parts_waiting(&[b"k".to_vec()]).await.unwrap();
    store.parts_overdue(START).await.unwrap();
    plans.look("parts").await;
    let again = canhgiac_store::NewReport { is_suspected_redelivery: true, ..scam_call(9, "+84911111111") };
    project(store, vec![again]).await;
    plans.look("projecting").await;
}

async fn lists(store: &Store, plans: &mut Plans, number: i64) {
    let page = Page::default();
    let state = |state: &str| CaseFilter { state: Some(state.to_owned()), ..CaseFilter::default() };
    for filter in [CaseFilter::default(), state("active"), state("open")] {
        store.cases(&filter, page).await.unwrap();
        plans.look(&format!("cases {:?}", filter.state)).await;
    }
    store.cases(&CaseFilter { source_id: Some(1), ..state("active") }, page).await.unwrap();
    store.case(number).await.unwrap();
    store.case_events(number).await.unwrap();
    plans.look("one case").await;
    let all = ReportFilter::default();
    let filters = [
        all.clone(),
        ReportFilter { state: Some("needs_officer".to_owned()), ..all.clone() },
        ReportFilter { source_id: Some(1), ..all.clone() },
        ReportFilter { after_seq: Some(2), ..all },
    ];
    for filter in filters {
        store.reports(&filter, page).await.unwrap();
    }
    store.reports_after(2, 10).await.unwrap();
    plans.look("reports").await;
    store.messages_about("report:1", page).await.unwrap();
    store.message_counts("report:1").await.unwrap();
    store.messages(&[], page).await.unwrap();
    store.messages(&["planned"], page).await.unwrap();
    plans.look("message lists").await;
    store.fetch_open_requests("viettel", 10, START).await.unwrap();
    store.requests(None, None, None, page).await.unwrap();
    store.requests(Some(number), None, None, page).await.unwrap();
    store.requests(None, None, Some("open"), page).await.unwrap();
    store.requests(None, Some("viettel"), None, page).await.unwrap();
    store.referrals(None, Some(number), page).await.unwrap();
    store.referrals(Some("hue"), None, page).await.unwrap();
    store.reconsiderations(None, None, page).await.unwrap();
    store.reconsiderations(Some("filed"), None, page).await.unwrap();
    store.audit_trail(None, page).await.unwrap();
    store.audit_trail(Some("case:1"), page).await.unwrap();
    store.subscribers_after(&[], 10).await.unwrap();
    plans.look("other lists").await;
    store.figures(START).await.unwrap();
    plans.look("figures").await;
}

async fn lookups(store: &Store, plans: &mut Plans) {
    store.standing("subscriber", "+84912345678").await.unwrap();
    plans.look("standing").await;
    let found = store.report(1).await.unwrap().report;
    store.report_by_id(found.id).await.unwrap();
    store.report_by_code(found.code, &citizen(1).hash).await.unwrap();
    store.latest_report_of(&citizen(1).hash).await.unwrap();
    store.holds_pieces(&citizen(1).hash, "156", START, &["LD"]).await.unwrap();
    let near = Report { near_key: Some("aa".to_owned()), seq: 99, ..found };
    store.near_twins(&near, 10).await.unwrap();
    store.evidence_of(1).await.unwrap();
    drop(store.report_by_token(&[1]).await);
    drop(store.reconsideration_by_token(&[1]).await);
    drop(store.request(Uuid::nil()).await);
    drop(store.referral(Uuid::nil()).await);
    store.load_session("x", START).await.unwrap();
    store.operator_of_key(b"x").await.unwrap();
    plans.look("lookups").await;
}

async fn changes(store: &Store, plans: &mut Plans, number: i64) {
    act(store, number, canhgiac_domain::procedure::Action::Lift, &officer(), START).await;
    plans.look("a change of a case").await;
    let correction = canhgiac_store::Correction {
        seq: 1,
        kind: "scam_call".to_owned(),
        sources: vec![support::subscriber("+84987654321")],
        opens_case: vec!["scam_call".to_owned()],
        joins_case: Vec::new(),
    };
    store.correct_report(&correction, &audit("report:1")).await.unwrap();
    plans.look("a correction").await;
}
