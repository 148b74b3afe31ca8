//! Jobs: claimed by lease, never by two, retried, set aside; ended together with their messages.

use std::collections::BTreeSet;

use canhgiac_store::{JobRow, NewJob, Page, ReplyLimit, StoreError};

use crate::support::{DAY, Home, MINUTE, START, audit, citizen, message};

fn job(key: &str, run_us: i64) -> NewJob {
    NewJob { unique_key: key.to_owned(), kind: "reply".to_owned(), payload: "{}".to_owned(), run_us }
}

fn seqs(jobs: &[JobRow]) -> Vec<i64> {
    jobs.iter().map(|job| job.seq).collect()
}

pub(crate) async fn a_job_is_claimed_when_it_is_due(home: &Home) {
    let store = home.open().await;
    store.add_job(&job("late", START + MINUTE), START).await.unwrap();
    store.add_job(&job("now", START), START).await.unwrap();
    assert!(store.claim_jobs(10, START - 1, MINUTE).await.unwrap().is_empty());
    assert_eq!(store.jobs_waiting(START).await.unwrap(), 1);
    let claimed = store.claim_jobs(10, START, MINUTE).await.unwrap();
    assert_eq!((seqs(&claimed), claimed[0].attempts), (vec![2], 1));
    assert_eq!(seqs(&store.claim_jobs(10, START + MINUTE - 1, MINUTE).await.unwrap()), [0i64; 0]);
    assert!(store.claim_jobs(0, START + MINUTE, MINUTE).await.unwrap().is_empty());
    assert_eq!(seqs(&store.claim_jobs(1, START + MINUTE, MINUTE).await.unwrap()), [2], "the lease ran out");
}

pub(crate) async fn two_jobs_with_one_key_are_one(home: &Home) {
    let store = home.open().await;
    store.add_job(&job("a", START), START).await.unwrap();
    store.add_job(&NewJob { payload: "{\"other\":1}".to_owned(), ..job("a", START) }, START).await.unwrap();
    let claimed = store.claim_jobs(10, START, MINUTE).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].payload.as_str()), (1, "{}"));
    store.finish_job(1, &[], None, START).await.unwrap();
    // Also after it is done.
    store.add_job(&job("a", START), START).await.unwrap();
    assert!(store.claim_jobs(10, START + DAY, MINUTE).await.unwrap().is_empty());
}

pub(crate) async fn workers_at_the_same_time_never_claim_the_same(home: &Home) {
    let store = home.open().await;
    for n in 0..200 {
        store.add_job(&job(&format!("{n}"), START + n), START).await.unwrap();
    }
    let mut workers = Vec::new();
    for n in 0..6 {
        let store = if n % 2 == 0 { store.clone() } else { home.open().await };
        workers.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = store.claim_jobs(7, START + MINUTE, MINUTE).await.unwrap();
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(seqs(&claimed));
            }
        }));
    }
    let mut all = BTreeSet::new();
    for worker in workers {
        for seq in worker.await.unwrap() {
            assert!(all.insert(seq), "job {seq} was claimed twice");
        }
    }
    assert_eq!(all.len(), 200);
}

pub(crate) async fn a_failed_job_runs_again_later(home: &Home) {
    let store = home.open().await;
    store.add_job(&job("a", START), START).await.unwrap();
    store.claim_jobs(10, START, MINUTE).await.unwrap();
    store.fail_job(1, "mất kết nối", Some(START + 10 * MINUTE)).await.unwrap();
    assert!(store.claim_jobs(10, START + 9 * MINUTE, MINUTE).await.unwrap().is_empty());
    let again = store.claim_jobs(10, START + 10 * MINUTE, MINUTE).await.unwrap();
    assert_eq!((again[0].attempts, again[0].error.as_deref()), (2, Some("mất kết nối")));
}

pub(crate) async fn a_job_that_failed_for_good_is_set_aside_with_its_reason(home: &Home) {
    let store = home.open().await;
    store.add_job(&job("a", START), START).await.unwrap();
    store.claim_jobs(10, START, MINUTE).await.unwrap();
    store.fail_job(1, "không có mẫu trả lời", None).await.unwrap();
    assert!(store.claim_jobs(10, START + DAY, MINUTE).await.unwrap().is_empty());
    assert_eq!(store.jobs_waiting(START + DAY).await.unwrap(), 0);
    let dead = store.dead_jobs(Page::default()).await.unwrap();
    assert_eq!((seqs(&dead), dead[0].error.as_deref()), (vec![1], Some("không có mẫu trả lời")));
    assert_eq!(store.figures(START).await.unwrap().jobs_dead, 1);
    store.retry_job(1, &audit("job:1")).await.unwrap();
    assert_eq!(store.audit_trail(Some("job:1"), Page::default()).await.unwrap().len(), 1);
    assert!(store.dead_jobs(Page::default()).await.unwrap().is_empty());
    let again = store.claim_jobs(10, START, MINUTE).await.unwrap();
    assert_eq!(again[0].attempts, 1, "its tries begin anew");
    for seq in [1, 99] {
        let refused = store.retry_job(seq, &audit("job:1")).await;
        assert!(matches!(refused, Err(StoreError::NotFound)));
    }
    assert_eq!(store.audit_trail(Some("job:1"), Page::default()).await.unwrap().len(), 1);
}

/// Its lease ran out, another worker ended the job; then the first one fails.
pub(crate) async fn a_late_failure_does_not_wake_a_job_that_is_done(home: &Home) {
    let store = home.open().await;
    store.add_job(&job("a", START), START).await.unwrap();
    store.claim_jobs(10, START, MINUTE).await.unwrap();
    store.claim_jobs(10, START + MINUTE, MINUTE).await.unwrap();
    store.finish_job(1, &[message("reply:1", 1)], None, START + MINUTE).await.unwrap();
    store.fail_job(1, "mất kết nối", Some(START)).await.unwrap();
    store.fail_job(1, "mất kết nối", None).await.unwrap();
    assert!(store.claim_jobs(10, START + DAY, MINUTE).await.unwrap().is_empty());
    assert!(store.dead_jobs(Page::default()).await.unwrap().is_empty());
}

pub(crate) async fn a_job_ends_with_its_messages_and_twice_is_once(home: &Home) {
    let store = home.open().await;
    store.add_job(&job("a", START), START).await.unwrap();
    store.claim_jobs(10, START, MINUTE).await.unwrap();
    let messages = [message("m1", 1), message("m2", 2)];
    store.finish_job(1, &messages, None, START).await.unwrap();
    store.finish_job(1, &messages, None, START).await.unwrap();
    let planned = store.messages(&["planned"], Page::default()).await.unwrap();
    assert_eq!(planned.len(), 2);
    assert!(store.claim_jobs(10, START + DAY, MINUTE).await.unwrap().is_empty());
}

fn limit(per_day: i64) -> ReplyLimit {
    ReplyLimit { per_day, day_start_us: START, last_text: "Hom nay da du tin.".to_owned() }
}

pub(crate) async fn replies_of_a_day_are_limited_and_the_last_one_says_so(home: &Home) {
    let store = home.open().await;
    for n in 0..5 {
        let mut reply = message(&format!("r{n}"), 1);
        reply.text = format!("tra loi {n}");
        store.add_messages(&[reply], Some(&limit(3)), START + n).await.unwrap();
    }
    let texts = async || {
        let mut rows = store.messages(&[], Page::default()).await.unwrap();
        rows.sort_by_key(|row| row.seq);
        rows.into_iter().map(|row| row.text).collect::<Vec<_>>()
    };
    assert_eq!(texts().await, ["tra loi 0", "tra loi 1", "Hom nay da du tin."]);
    // Others are not touched by it, and tomorrow is another day.
    store.add_messages(&[message("other", 2)], Some(&limit(3)), START + 5).await.unwrap();
    let tomorrow = ReplyLimit { day_start_us: START + DAY, ..limit(3) };
    store.add_messages(&[message("tomorrow", 1)], Some(&tomorrow), START + DAY).await.unwrap();
    assert_eq!(texts().await.len(), 5);
    // Nor are what is no reply: outcomes and warnings neither count nor are left out.
    for n in 0..4 {
        let mut outcome = message(&format!("o{n}"), 3);
        outcome.purpose = "outcome".to_owned();
        store.add_messages(&[outcome], None, START).await.unwrap();
    }
    store.add_messages(&[message("r-3", 3)], Some(&limit(2)), START).await.unwrap();
    assert_eq!(texts().await[9], "Da nhan phan anh.");
}

pub(crate) async fn a_repeated_reply_does_not_use_up_the_limit(home: &Home) {
    let store = home.open().await;
    for _ in 0..5 {
        store.add_messages(&[message("same", 1)], Some(&limit(3)), START).await.unwrap();
    }
    store.add_messages(&[message("next", 1)], Some(&limit(3)), START).await.unwrap();
    let rows = store.messages(&[], Page::default()).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.text.as_str()).collect::<Vec<_>>(), ["Da nhan phan anh."; 2]);
    assert_eq!(rows[0].to_hash, citizen(1).hash);
    // With a limit of nothing, nothing is said.
    store.add_messages(&[message("silent", 9)], Some(&limit(0)), START).await.unwrap();
    assert_eq!(store.messages(&[], Page::default()).await.unwrap().len(), 2);
}
