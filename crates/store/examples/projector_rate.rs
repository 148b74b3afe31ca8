//! How fast reports are projected, printed:
//! `cargo run --release -p canhgiac-store --example projector_rate [postgres://… [batch]]`, on SQLite without an address;
//! the database named must be empty.

use std::time::{Duration, Instant};

use canhgiac_store::{NewIntake, NewReport, NewSource, Projection, SealedNumber, Store};
use uuid::Uuid;

const REPORTS: u32 = 20_000;
/// As many as the projector takes while others wait for the same writer.
const BATCH: usize = 500;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let mut arguments = std::env::args().skip(1);
    let store = match arguments.next() {
        Some(url) => Store::connect(&url.parse()?).await?,
        None => Store::open(directory.path()).await?,
    };
    let batch_size = arguments.next().map_or(Ok(BATCH), |size| size.parse())?;
    let rows: Vec<NewIntake> = (0..REPORTS).map(row).collect();
    let reports: Vec<NewReport> = (0..REPORTS).map(report).collect();
    let started = Instant::now();
    store.append_intake(&rows).await?;
    let appended = started.elapsed();
    let started = Instant::now();
    let mut longest = Duration::ZERO;
    let mut from_seq = 0;
    for chunk in reports.chunks(batch_size) {
        let batch = Projection {
            from_seq,
            to_seq: from_seq + i64::try_from(chunk.len())?,
            reports: chunk.to_vec(),
            opens_case: vec!["scam_call".to_owned()],
            joins_case: vec!["spam_call".to_owned()],
            ..Projection::default()
        };
        let began = Instant::now();
        store.project(&batch).await?;
        longest = longest.max(began.elapsed());
        from_seq = batch.to_seq;
    }
    let per_s = f64::from(REPORTS) / started.elapsed().as_secs_f64();
    let mut out = std::io::stdout().lock();
    std::io::Write::write_fmt(
        &mut out,
        format_args!(
            "appended {REPORTS} rows in {appended:?}; projected {per_s:.0} reports/s, longest batch of {batch_size}: {longest:?}\n"
        ),
    )?;
    Ok(())
}

fn citizen(n: u32) -> SealedNumber {
    SealedNumber { hash: n.to_be_bytes().repeat(4), sealed: vec![1; 53] }
}

fn row(n: u32) -> NewIntake {
    NewIntake {
        received_us: i64::from(n),
        channel: "smpp".to_owned(),
        link: "l".to_owned(),
        meta: "{}".to_owned(),
        body: vec![0; 120],
        reporter: Some(citizen(n)),
    }
}

/// 93 % of numbers are reported once; a third are kinds that open no case.
fn report(n: u32) -> NewReport {
    let source = if n.is_multiple_of(14) { n % 40 } else { n };
    let number = format!("+849{source:08}");
    NewReport {
        id: Uuid::now_v7(),
        parts: vec![i64::from(n) + 1],
        received_us: i64::from(n),
        channel: "smpp".to_owned(),
        link: "l".to_owned(),
        operator: None,
        to_code: Some("156".to_owned()),
        reporter: Some(citizen(n % 15_000)),
        is_proven: true,
        is_mobile: true,
        intent: "report".to_owned(),
        kind: Some(if n.is_multiple_of(3) { "spam_sms" } else { "scam_call" }.to_owned()),
        problem: None,
        argument: None,
        text: format!("LD {number} mạo danh công an"),
        folded: format!("ld {number} mao danh cong an"),
        content: "mạo danh công an".to_owned(),
        leniencies: "[]".to_owned(),
        findings: "[]".to_owned(),
        flags: "[]".to_owned(),
        near_key: None,
        code: 10_000_000 + i64::from(n),
        token_hash: None,
        commune: None,
        place: None,
        money_lost: None,
        sources: vec![NewSource {
            kind: "subscriber".to_owned(),
            canonical: number.clone(),
            as_received: number,
        }],
        evidence: Vec::new(),
        is_suspected_redelivery: false,
        state: "new".to_owned(),
        jobs: Vec::new(),
        subscription: None,
        taken_by: None,
    }
}
