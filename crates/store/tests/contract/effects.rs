//! Every effect of a decision writes its row in the transaction of the change.

use canhgiac_domain::procedure::{Action, Case, Decision, Effect, Measure, Notice, TemporaryBlock};
use canhgiac_store::{JobRow, Page, RequestAnswer, RequestRow, Store};
use serde_json::{Value, json};

use crate::support::{
    DAY, Home, MINUTE, START, act, act_with, after, approver, block_requested, case_on, change, instant,
    officer, operator, rule,
};

async fn requests(store: &Store, number: i64) -> Vec<RequestRow> {
    let mut rows = store.requests(Some(number), None, None, Page::default()).await.unwrap();
    rows.sort_by_key(|row| (row.created_us, row.id));
    rows
}

/// Jobs of a kind, whenever they are due.
async fn jobs(store: &Store, kind: &str) -> Vec<(i64, Value)> {
    let jobs: Vec<JobRow> = store.claim_jobs(1_000, START + 1_000 * DAY, MINUTE).await.unwrap();
    jobs.into_iter()
        .filter(|job| job.kind == kind)
        .map(|job| (job.run_us, serde_json::from_str(&job.payload).unwrap()))
        .collect()
}

pub(crate) async fn a_block_is_asked_in_the_name_and_on_the_basis_of_the_rule(home: &Home) {
    let store = home.open().await;
    let number = block_requested(&store, "+84912345678").await;
    let asked = requests(&store, number).await.remove(0);
    let until = START + 2 * MINUTE + 7 * DAY;
    assert_eq!((asked.measure.as_str(), asked.operator.as_str()), ("temporary_block", "viettel"));
    assert_eq!(asked.issuing_body, "Sở Khoa học và Công nghệ");
    assert_eq!(asked.legal_basis.as_deref(), Some("Nghị định 91/2020/NĐ-CP"));
    assert_eq!((asked.until_us, asked.created_us), (Some(until), START + 2 * MINUTE));
    assert_eq!((asked.state.as_str(), asked.fetched_us, asked.answered_us), ("open", None, None));
    assert_eq!((asked.source_kind.as_str(), asked.source.as_str()), ("subscriber", "+84912345678"));
    assert_eq!(jobs(&store, "expire").await, [(until, json!({ "case": number }))]);
}

pub(crate) async fn a_restoration_repeats_the_basis_of_the_block(home: &Home) {
    let store = home.open().await;
    let number = block_requested(&store, "+84912345678").await;
    act(
        &store,
        number,
        Action::AnswerBlocked { at: instant(START) },
        &operator("viettel"),
        START + 3 * MINUTE,
    )
    .await;
    act(&store, number, Action::Lift, &officer(), START + 4 * MINUTE).await;
    let rows = requests(&store, number).await;
    let restore = &rows[1];
    assert_eq!((restore.measure.as_str(), restore.operator.as_str()), ("restore", "viettel"));
    assert_eq!(restore.issuing_body, rows[0].issuing_body);
    assert_eq!(restore.legal_basis, rows[0].legal_basis);
    assert_eq!((restore.until_us, restore.state.as_str()), (None, "open"));
}

/// Blocked twice under two rules: the restoration goes out in the name of the second.
pub(crate) async fn a_restoration_repeats_the_newest_basis(home: &Home) {
    let store = home.open().await;
    let number = block_requested(&store, "+84912345678").await;
    act(&store, number, Action::Lift, &officer(), START + 3 * MINUTE).await;
    let other = TemporaryBlock { days: 3, issuing_body: "Bộ Công an".to_owned(), legal_basis: None };
    let case = store.case(number).await.unwrap();
    let block = Effect::RequestOperator {
        measure: Measure::TemporaryBlock,
        operator: "viettel".to_owned(),
        until: Some(after(3)),
        basis: Some(other),
    };
    let restore = Effect::RequestOperator {
        measure: Measure::Restore,
        operator: "viettel".to_owned(),
        until: None,
        basis: None,
    };
    let decision = Decision { case: case.case.to_case().unwrap(), effects: vec![block, restore] };
    store.change_case(&change(&case, &decision, &officer(), START + 4 * MINUTE)).await.unwrap();
    let rows = requests(&store, number).await;
    assert_eq!(rows.len(), 3);
    assert_eq!((rows[2].measure.as_str(), rows[2].issuing_body.as_str()), ("restore", "Bộ Công an"));
    assert_eq!(rows[2].legal_basis, None);
}

pub(crate) async fn a_restoration_without_any_block_is_refused_whole(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    let case = store.case(number).await.unwrap();
    let restore = Effect::RequestOperator {
        measure: Measure::Restore,
        operator: "viettel".to_owned(),
        until: None,
        basis: None,
    };
    let decision = Decision { case: case.case.to_case().unwrap(), effects: vec![restore] };
    assert!(store.change_case(&change(&case, &decision, &officer(), START)).await.is_err());
    assert_eq!(store.case(number).await.unwrap().case.version, 1);
    assert_eq!(store.case_events(number).await.unwrap().len(), 1);
}

pub(crate) async fn a_withdrawal_ends_open_blocks_of_this_case_only(home: &Home) {
    let store = home.open().await;
    let number = block_requested(&store, "+84912345678").await;
    let other = block_requested(&store, "+84987654321").await;
    act(&store, number, Action::Lift, &officer(), START + 3 * MINUTE).await;
    assert_eq!(requests(&store, number).await[0].state, "withdrawn");
    assert_eq!(requests(&store, other).await[0].state, "open");
    let open = store.fetch_open_requests("viettel", 10, START + 4 * MINUTE).await.unwrap();
    assert_eq!(open.iter().map(|row| row.case_number).collect::<Vec<_>>(), [other]);
    // The operator had read it and blocked all the same: the late answer is noted and undone.
    let request_id = requests(&store, number).await[0].id;
    let blocked = Action::AnswerBlocked { at: instant(START) };
    act_with(&store, number, blocked, &operator("viettel"), START + 5 * MINUTE, |change| {
        change.answer = Some(RequestAnswer {
            request_id,
            answer: "blocked".to_owned(),
            note: String::new(),
            ported_to: None,
        });
    })
    .await
    .unwrap();
    let rows = requests(&store, number).await;
    assert_eq!((rows[0].state.as_str(), rows[1].measure.as_str()), ("answered", "restore"));
    // A restoration is never withdrawn with a block.
    let case = store.case(number).await.unwrap();
    let decision = Decision { case: case.case.to_case().unwrap(), effects: vec![Effect::WithdrawRequests] };
    store.change_case(&change(&case, &decision, &officer(), START + 6 * MINUTE)).await.unwrap();
    assert_eq!(requests(&store, number).await[1].state, "open");
}

pub(crate) async fn a_ported_number_is_asked_of_its_new_operator(home: &Home) {
    let store = home.open().await;
    let number = block_requested(&store, "+84912345678").await;
    let request_id = requests(&store, number).await[0].id;
    let ported = Action::AnswerPorted { to: "mobifone".to_owned() };
    act_with(&store, number, ported, &operator("viettel"), START + 3 * MINUTE, |change| {
        change.answer = Some(RequestAnswer {
            request_id,
            answer: "ported".to_owned(),
            note: String::new(),
            ported_to: Some("mobifone".to_owned()),
        });
    })
    .await
    .unwrap();
    let case = store.case(number).await.unwrap();
    assert_eq!(case.source.operator.as_deref(), Some("mobifone"));
    assert_eq!((case.case.state.as_str(), case.case.reroutes), ("block_requested", Some(1)));
    let rows = requests(&store, number).await;
    assert_eq!((rows[0].state.as_str(), rows[0].answer.as_deref()), ("answered", Some("ported")));
    assert_eq!((rows[1].operator.as_str(), rows[1].state.as_str()), ("mobifone", "open"));
    assert_eq!(rows[1].until_us, rows[0].until_us);
    let events = store.case_events(number).await.unwrap();
    assert!(events[0].detail.contains("mobifone"), "{}", events[0].detail);
    // Another report on the number finds the operator, another number does not.
    let standing = store.standing("subscriber", "+84912345678").await.unwrap();
    let reports = store.reports_of_case(standing.case_number.unwrap(), Page::default()).await.unwrap();
    assert_eq!(reports[0].sources[0].operator.as_deref(), Some("mobifone"));
}

pub(crate) async fn a_referral_is_written_to_its_unit(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    act(&store, number, Action::Confirm, &officer(), START).await;
    act(&store, number, Action::Refer { unit: "ha_noi".to_owned() }, &officer(), START + MINUTE).await;
    let page = Page::default();
    assert!(store.referrals(Some("hue"), None, page).await.unwrap().is_empty());
    assert!(store.referrals(Some("ha_noi"), Some(99), page).await.unwrap().is_empty());
    let rows = store.referrals(None, Some(number), page).await.unwrap();
    assert_eq!((rows.len(), rows[0].unit.as_str(), rows[0].note.as_str()), (1, "ha_noi", "đã xem xét"));
    assert_eq!(rows[0].created_by, format!("staff:{}", officer().staff_id().unwrap().0));
    assert_eq!((rows[0].source.as_str(), rows[0].created_us), ("+84912345678", START + MINUTE));
    let told = jobs(&store, "outcome").await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].1["notice"].as_str(), told[0].1["case"].as_i64()), (Some("referred"), Some(number)));
}

pub(crate) async fn reporters_are_told_of_each_outcome_once(home: &Home) {
    let store = home.open().await;
    let number = block_requested(&store, "+84912345678").await;
    let blocked_at = instant(START + 90 * MINUTE);
    let at_us = START + 100 * MINUTE;
    act(&store, number, Action::AnswerBlocked { at: blocked_at }, &operator("viettel"), at_us).await;
    act(&store, number, Action::KeepBlock, &approver(), at_us + MINUTE).await;
    let told = jobs(&store, "outcome").await;
    assert_eq!(told[0].1["notice"], "blocked");
    assert_eq!(told[0].1["at_us"], blocked_at.as_microsecond(), "since when, not when it was said");
    assert_eq!((told[0].0, told[0].1["version"].as_i64()), (at_us, Some(4)));
    assert_eq!(told[1].1["notice"], "kept");
    assert_eq!(told[1].1["version"], 5);
    assert_eq!(told.len(), 2);
}

/// All effects in one decision: each writes what it should, in order.
pub(crate) async fn many_effects_of_one_decision_are_all_written(home: &Home) {
    let store = home.open().await;
    let number = case_on(&store, "+84912345678").await;
    let case = store.case(number).await.unwrap();
    let basis = rule().temporary_block;
    let decision = Decision {
        case: Case { ..case.case.to_case().unwrap() },
        effects: vec![
            Effect::RequestOperator {
                measure: Measure::TemporaryBlock,
                operator: "viettel".to_owned(),
                until: Some(after(7)),
                basis,
            },
            Effect::WithdrawRequests,
            Effect::RequestOperator {
                measure: Measure::Restore,
                operator: "mobifone".to_owned(),
                until: None,
                basis: None,
            },
            Effect::Refer { unit: "hue".to_owned() },
            Effect::TellReporters(Notice::Forged),
            Effect::TellReporters(Notice::NoOperator),
            Effect::ExpireAt(after(7)),
        ],
    };
    store.change_case(&change(&case, &decision, &officer(), START)).await.unwrap();
    let states: Vec<(String, String)> =
        requests(&store, number).await.into_iter().map(|row| (row.measure, row.state)).collect();
    assert_eq!(
        states,
        [("temporary_block".to_owned(), "withdrawn".to_owned()), ("restore".to_owned(), "open".to_owned())]
    );
    assert_eq!(store.referrals(Some("hue"), Some(number), Page::default()).await.unwrap().len(), 1);
    let events = store.case_events(number).await.unwrap();
    for word in ["request=temporary_block:viettel", "request=restore:mobifone", "unit=hue", "tell=forged"] {
        assert!(events[0].detail.contains(word), "{word} in {}", events[0].detail);
    }
    let due = store.claim_jobs(100, START + 30 * DAY, MINUTE).await.unwrap();
    let kinds: Vec<&str> = due.iter().map(|job| job.kind.as_str()).filter(|kind| *kind != "reply").collect();
    assert_eq!(kinds, ["outcome", "outcome", "expire"]);
}

pub(crate) async fn an_operator_reads_its_own_requests_oldest_first(home: &Home) {
    let store = home.open().await;
    let first = block_requested(&store, "+84912345678").await;
    let second = block_requested(&store, "+84987654321").await;
    assert!(store.fetch_open_requests("mobifone", 10, START).await.unwrap().is_empty());
    let one = store.fetch_open_requests("viettel", 1, START + 5 * MINUTE).await.unwrap();
    assert_eq!(one.iter().map(|row| row.case_number).collect::<Vec<_>>(), [first]);
    let both = store.fetch_open_requests("viettel", 10, START + 9 * MINUTE).await.unwrap();
    assert_eq!(both.iter().map(|row| row.case_number).collect::<Vec<_>>(), [first, second]);
    // When each was read first is what the clock of the operator counts from.
    assert_eq!(store.request(one[0].id).await.unwrap().fetched_us, Some(START + 5 * MINUTE));
    assert_eq!(store.request(both[1].id).await.unwrap().fetched_us, Some(START + 9 * MINUTE));
}
