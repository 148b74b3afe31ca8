//! Tables of every earlier schema are brought up to date, and what was in them reads back.

use std::path::Path;

use canhgiac_store::{Page, ReportFilter, Store};
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::support::cluster::is_here;
use crate::support::{Home, SENDER, START, scam_call};

const ROWS: &str = include_str!("schema_1.sql");

/// The migrations of one tree up to this number, in a folder of their own.
async fn migrations(tree: &str, up_to: usize) -> Migrator {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(tree);
    let some = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(all).unwrap() {
        let file = file.unwrap();
        if number(&file.file_name()) <= up_to {
            std::fs::copy(file.path(), some.path().join(file.file_name())).unwrap();
        }
    }
    Migrator::new(some.path()).await.unwrap()
}

fn number(name: &std::ffi::OsStr) -> usize {
    name.to_str().unwrap().split('_').next().unwrap().parse().unwrap()
}

fn newest(tree: &str) -> usize {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(tree);
    std::fs::read_dir(all).unwrap().map(|file| number(&file.unwrap().file_name())).max().unwrap()
}

/// The rows of the first schema, in the words of one database.
fn rows(is_sqlite: bool) -> (String, String) {
    let mut sql = ROWS.replace("{yes}", if is_sqlite { "1" } else { "true" });
    sql = sql.replace("{no}", if is_sqlite { "0" } else { "false" });
    while let Some((before, rest)) = sql.split_once("{id:") {
        let (n, after) = rest.split_once('}').unwrap();
        let n: u128 = n.parse().unwrap();
        sql = if is_sqlite {
            format!("{before}x'{n:032x}'{after}")
        } else {
            format!("{before}'{n:032x}'{after}")
        };
    }
    while let Some((before, rest)) = sql.split_once("{bytes:") {
        let (hex, after) = rest.split_once('}').unwrap();
        sql =
            if is_sqlite { format!("{before}x'{hex}'{after}") } else { format!("{before}'\\x{hex}'{after}") };
    }
    let (log, state) = sql.split_once("-- state\n").unwrap();
    (log.to_owned(), state.to_owned())
}

/// What the rows say, asked of the newest program.
async fn reads_back(store: &Store) {
    let page = Page::default();
    assert_eq!(store.cursor().await.unwrap(), 2);
    let log = store.read_intake(0, 10).await.unwrap();
    assert_eq!((log.len(), log[0].body.as_slice(), &log[1].reporter_hash), (2, &[0, 255, 16][..], &None));
    let words = vec!["cong".to_owned()];
    let found = store.reports(&ReportFilter { words, ..ReportFilter::default() }, page).await.unwrap();
    assert_eq!((found.len(), found[0].report.seq, found[0].case_number), (1, 1, Some(1)));
    assert!(found[0].report.is_proven);
    assert_eq!(store.report_by_token(&[0xcc, 2]).await.unwrap().report.duplicate_of, Some(1));
    assert_eq!(store.standing("sender_name", "vietcombank").await.unwrap().source_id, Some(2));
    let case = store.case(1).await.unwrap();
    assert_eq!((case.case.state.as_str(), case.case.version, case.voices), ("confirmed", 3, 1));
    assert_eq!(store.case_events(1).await.unwrap().len(), 2);
    assert_eq!(store.requests(Some(1), None, None, page).await.unwrap()[0].operator, "viettel");
    assert_eq!(store.evidence_of(1).await.unwrap()[0].name, "ảnh.png");
    assert_eq!(store.staff_by_login("an").await.unwrap().name, "Nguyễn Thị An");
    assert_eq!(store.count_subscribers().await.unwrap(), 1);
    assert_eq!(store.audit_trail(None, page).await.unwrap().len(), 1);
    // What was being sent then is uncertain now, what was planned is sent, and work goes on.
    assert_eq!(store.mark_interrupted_messages(START).await.unwrap(), 1);
    assert_eq!(store.claim_messages("vnpt", SENDER, 9, START).await.unwrap().len(), 1);
    assert_eq!(store.claim_jobs(9, START, 1).await.unwrap().len(), 1);
    let batch = crate::support::batch(store, vec![scam_call(9, "+84912345678")]).await;
    assert_eq!((batch.from_seq, batch.to_seq), (2, 3));
    store.project(&batch).await.unwrap();
    assert_eq!(store.report(3).await.unwrap().case_number, Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_files_of_every_earlier_schema_are_brought_up_to_date() {
    let (log, state) = rows(true);
    for schema in 1..=newest("sqlite/state") {
        let home = Home::sqlite();
        for (file, tree, rows) in [("intake.db", "sqlite/intake", &log), ("state.db", "sqlite/state", &state)]
        {
            let path = format!("sqlite:{}?mode=rwc", home.directory().join(file).display());
            let mut connection = SqliteConnection::connect(&path).await.unwrap();
            migrations(tree, 1).await.run(&mut connection).await.unwrap();
            sqlx::raw_sql(sqlx::AssertSqlSafe(rows.clone())).execute(&mut connection).await.unwrap();
            migrations(tree, schema).await.run(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
        reads_back(&home.open().await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_database_of_every_earlier_schema_is_brought_up_to_date() {
    if !is_here() {
        return;
    }
    let (log, state) = rows(false);
    for schema in 1..=newest("postgres") {
        let home = Home::bare_postgres().await.unwrap();
        let Home::Postgres(place) = &home else { panic!("PostgreSQL was asked for") };
        let mut connection = PgConnection::connect(&place.url()).await.unwrap();
        migrations("postgres", 1).await.run(&mut connection).await.unwrap();
        let rows = format!(
            "{log}; {state}; UPDATE intake_counter SET seq = 2;
             SELECT setval(pg_get_serial_sequence('source', 'id'), 2), setval(pg_get_serial_sequence('job', 'seq'), 1),
                 setval(pg_get_serial_sequence('case_event', 'id'), 2), setval(pg_get_serial_sequence('audit', 'id'), 1)"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(&mut connection).await.unwrap();
        migrations("postgres", schema).await.run(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        reads_back(&home.open().await).await;
    }
}
