//! The whole story as one service test: from a citizen's text over SMPP to a blocked number, a warning,
//! an outcome that the citizen is told, and a restoration. Everything is real: TCP, databases, jobs,
//! the operators' interface; only the staff act through the product's functions instead of its pages
//! (the browsers do that in `tests/browser/story.mjs`).

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod stage;

use canhgiac_domain::procedure::{Action, ClosedAs, Refusal};
use canhgiac_store::{BulletinText, NewAudit, NewReconsideration, Page};
use jiff::SignedDuration;
use uuid::Uuid;

use canhgiac::act::{ActError, actor_id};
use canhgiac::check::Verdict;
use stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_scam_is_reported_blocked_warned_of_told_and_in_the_end_restored() {
    let mut stage = Stage::open().await;
    let scammer = "0969991234";

    // Three citizens report one number; each gets one receipt with a code.
    let mut codes = Vec::new();
    for citizen in ["0960001001", "0960001002", "0960001003"] {
        stage
            .text(citizen, &format!("LD ({scammer}) (mao danh Cong an, doi chuyen tien de khong khoa sim)"))
            .await;
        let receipt = stage.reply_to(citizen).await;
        assert!(receipt.starts_with("Da nhan phan anh ve so 0969991234, ma "), "{receipt}");
        assert!(receipt.len() <= 160 && receipt.contains("gui 156"), "{receipt}");
        codes.push(stage::code_in(&receipt));
    }
    let case = stage.case_on("+84969991234").await;
    assert_eq!((case.case.state.as_str(), case.voices, case.reports), ("open", 3, 3));

    // The status answers the number that reported, and nobody else.
    stage.text("0960001001", "KQ").await;
    assert!(stage.reply_to("0960001001").await.contains("da vao vu viec"));
    stage.text("0960001002", &format!("kq {}", codes[1])).await;
    assert!(stage.reply_to("0960001002").await.contains("da vao vu viec"));
    stage.text("0960001003", &format!("KQ {}", codes[1])).await;
    assert!(stage.reply_to("0960001003").await.starts_with("Khong tim thay"));

    // An officer confirms, refers to the police, asks the operator; the operator says it was ported.
    let number = case.case.number;
    let (officer, approver, police) = (stage.officer(), stage.approver(), stage.police());
    let too_early = stage.act(number, Action::RequestBlock, &officer).await;
    assert!(matches!(too_early, Err(ActError::Refused(Refusal::WrongState))), "{too_early:?}");
    stage.act(number, Action::Confirm, &officer).await.unwrap();
    stage.act(number, Action::Refer { unit: "pa05".to_owned() }, &officer).await.unwrap();
    for citizen in ["0960001001", "0960001002", "0960001003"] {
        assert!(stage.reply_to(citizen).await.contains("da duoc chuyen Cong an"));
    }
    let referral = stage.app().store.referrals(Some("pa05"), None, Page::default()).await.unwrap().remove(0);
    stage.app().acknowledge_referral(referral.id, &police, "Đã nhận hồ sơ").await.unwrap();
    let again = stage.app().acknowledge_referral(referral.id, &police, "").await;
    assert!(again.is_err(), "a referral is acknowledged once");

    stage.act(number, Action::RequestBlock, &officer).await.unwrap();
    let request = stage.open_request("viettel").await;
    assert_eq!(request["source"]["number"], "+84969991234");
    assert_eq!(request["measure"], "temporary_block");
    assert_eq!(request["is_order"], false, "without a legal basis it is a request");
    assert_eq!(request["issuing_body"], "Cơ quan thử nghiệm");
    stage.answer("vinaphone", &request, serde_json::json!({ "answer": "blocked" }), 404).await;
    stage.answer("viettel", &request, serde_json::json!({ "answer": "ported", "to": "viettel" }), 422).await;
    stage
        .answer("viettel", &request, serde_json::json!({ "answer": "ported", "to": "vinaphone" }), 200)
        .await;
    stage
        .answer("viettel", &request, serde_json::json!({ "answer": "ported", "to": "vinaphone" }), 200)
        .await;
    stage.answer("viettel", &request, serde_json::json!({ "answer": "not_found" }), 409).await;
    let request = stage.open_request("vinaphone").await;
    stage
        .answer(
            "vinaphone",
            &request,
            serde_json::json!({ "answer": "blocked", "note": "da khoa 2 chieu" }),
            200,
        )
        .await;
    for citizen in ["0960001001", "0960001002", "0960001003"] {
        let outcome = stage.reply_to(citizen).await;
        assert!(outcome.contains("nha mang da tam khoa hai chieu so 0969991234"), "{outcome}");
    }

    // A warning: its author never approves it; those who asked to be told are told.
    stage.text("0960001009", "DK CB").await;
    assert!(stage.reply_to("0960001009").await.starts_with("Ban da dang ky"));
    let warning = Uuid::now_v7();
    let words = BulletinText {
        title: "Giả danh Công an dọa khóa thuê bao".to_owned(),
        body: "Nếu có người xưng là Công an đòi chuyển tiền, hãy cúp máy.".to_owned(),
        sms: "CANH BAO: ke gian gia danh Cong an doa khoa thue bao, doi chuyen tien. Hay cup may.".to_owned(),
    };
    let author = approver.staff_id().unwrap().0;
    stage
        .app()
        .store
        .add_bulletin(warning, Some(number), &words, author, &stage.audit(&approver))
        .await
        .unwrap();
    let own = stage.app().store.publish_bulletin(warning, 1, author, &stage.audit(&approver)).await;
    assert!(own.is_err(), "whoever wrote it does not publish it");
    let second = stage.second_approver();
    let second_id = second.staff_id().unwrap().0;
    stage.app().store.publish_bulletin(warning, 1, second_id, &stage.audit(&second)).await.unwrap();
    assert_eq!(stage.reply_to("0960001009").await, words.sms);
    stage.delivered(&format!("bulletin:{warning}")).await;
    let site = stage.page("/canh-bao").await;
    assert!(site.contains("Giả danh Công an dọa khóa thuê bao"));
    assert!(stage.page("/feed.atom").await.contains("Giả danh Công an dọa khóa thuê bao"));

    // The check, by SMS and on the site.
    stage.text("0960001010", "KT 0969.991.234").await;
    let check = stage.reply_to("0960001010").await;
    assert!(check.contains("CO DAU HIEU LUA DAO") && check.contains("Cong an"), "{check}");
    let checked = stage.app().check("0969991234").await.unwrap();
    assert_eq!(checked.verdict, Verdict::Signs);
    assert_eq!(checked.warning.map(|row| row.id), Some(warning));

    // Nobody keeps the block: after seven days the number is restored, and the reporters are told.
    stage.clock().advance(SignedDuration::from_hours(7 * 24 + 1));
    let request = stage.open_request("vinaphone").await;
    assert_eq!(request["measure"], "restore");
    assert_eq!(
        request["issuing_body"], "Cơ quan thử nghiệm",
        "it goes out in the name that asked for the block"
    );
    stage.answer("vinaphone", &request, serde_json::json!({ "answer": "restored" }), 200).await;
    for citizen in ["0960001001", "0960001002", "0960001003"] {
        assert!(stage.reply_to(citizen).await.contains("da duoc khoi phuc"));
    }
    let case = stage.case_on("+84969991234").await;
    assert_eq!(case.case.state, "restored");
    assert_eq!(stage.app().check("0969991234").await.unwrap().verdict, Verdict::Unknown);

    // The timeline tells all of it, newest first, each with its actor.
    let events = stage.app().store.case_events(number).await.unwrap();
    let told: Vec<&str> = events.iter().rev().map(|event| event.action.as_str()).collect();
    assert_eq!(
        told,
        [
            "opened",
            "confirmed",
            "referred",
            "referral_acknowledged",
            "block_requested",
            "answered_ported",
            "answered_blocked",
            "expired",
            "answered_restored"
        ]
    );
    assert_eq!(events[1].actor, "system");
    assert_eq!(events[2].actor, "operator:vinaphone");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_is_heard_by_someone_else_and_the_number_restored() {
    let mut stage = Stage::open().await;
    let number = stage.blocked_case("0969992345").await;
    let filed = NewReconsideration {
        id: Uuid::now_v7(),
        source_kind: "subscriber".to_owned(),
        source: "+84969992345".to_owned(),
        token_hash: vec![7; 32],
        code: 12_345_678,
        holder_name: String::new(),
        contact_sealed: stage.app().keys.seal(b"0960002222").unwrap(),
        statement: "So cua toi bi gia mao.".to_owned(),
        filed_us: stage.clock().now_us(),
    };
    let id = filed.id;
    stage.app().file_reconsideration(filed).await.unwrap();
    let (officer, approver) = (stage.officer(), stage.approver());
    let same = stage.app().decide_reconsideration(id, true, &officer, "x").await;
    assert!(matches!(same, Err(ActError::Refused(Refusal::SamePerson))), "{same:?}");
    let kept = stage.act(number, Action::KeepBlock, &approver).await;
    assert!(kept.is_err(), "the holder is heard before the block is kept");
    stage.app().decide_reconsideration(id, true, &approver, "Chủ số chứng minh bị giả mạo").await.unwrap();
    let request = stage.open_request("viettel").await;
    assert_eq!(request["measure"], "restore");
    stage.answer("viettel", &request, serde_json::json!({ "answer": "restored" }), 200).await;
    assert_eq!(stage.case_on("+84969992345").await.case.state, "restored");
    assert_eq!(stage.app().store.reconsideration(id).await.unwrap().state, "granted");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn official_foreign_and_named_sources_take_the_path_that_is_open_to_them() {
    let mut stage = Stage::open().await;
    let officer = stage.officer();
    for (source, canonical) in
        [("113", "113"), ("+1 415 555 2671", "+14155552671"), ("(VIETTELKM)", "VIETTELKM")]
    {
        for citizen in ["0960003001", "0960003002", "0960003003"] {
            stage.text(citizen, &format!("LD {source} gia danh Cong an doi tien")).await;
            stage.reply_to(citizen).await;
        }
        let number = stage.case_on(canonical).await.case.number;
        stage.act(number, Action::Confirm, &officer).await.unwrap();
        let refused = stage.act(number, Action::RequestBlock, &officer).await;
        assert!(
            matches!(
                refused,
                Err(ActError::Refused(
                    Refusal::Official { .. } | Refusal::NeverBlockable | Refusal::NoOperator
                ))
            ),
            "{source}: {refused:?}"
        );
    }
    let number = stage.case_on("+14155552671").await.case.number;
    stage.act(number, Action::Close(ClosedAs::NoOperator), &officer).await.unwrap();
    for citizen in ["0960003001", "0960003002", "0960003003"] {
        assert!(stage.reply_to(citizen).await.contains("khong khoa duoc"));
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_reporter_is_one_voice_and_is_answered_a_limited_number_of_times() {
    let mut stage = Stage::open().await;
    let limit = stage.app().config.replies_per_day;
    for n in 1..=limit + 3 {
        stage.text("0960004001", &format!("LD 0969993456 lan thu {n}")).await;
    }
    for n in 1..=limit {
        let reply = stage.reply_to("0960004001").await;
        assert_eq!(reply.starts_with("Hom nay chung toi"), n == limit, "{n}: {reply}");
    }
    let case = stage.case_with("+84969993456", i64::from(limit) + 3).await;
    assert_eq!(case.voices, 1, "one reporter, one number, one voice");
    let number = case.case.number;
    stage.act(number, Action::Confirm, &stage.officer()).await.unwrap();
    let refused = stage.act(number, Action::RequestBlock, &stage.officer()).await;
    assert!(
        matches!(refused, Err(ActError::Refused(Refusal::TooFewVoices { voices: 1, .. }))),
        "{refused:?}"
    );
    stage.nothing_more_for("0960004001").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_is_answered_with_its_own_help() {
    let mut stage = Stage::open().await;
    for (citizen, text, begins) in [
        ("0960005001", "LD co nguoi goi doa", "Tin nhan chua co so bi phan anh"),
        ("0960005002", "0969994567 goi lua dao", "Chua ro loai phan anh ve 0969994567"),
        ("0960005003", "LD 000 lua dao", "So ban gui khong dung"),
        ("0960005004", "toi bi lua dao phai lam sao", "Chua hieu tin cua ban"),
        ("0960005005", "HD", "Soan LD"),
        ("0960005006", "DK DNC", "Danh sach Khong quang cao"),
        ("0960005007", "FW vay tien nhanh", "Tin quang cao rac"),
        ("0960005008", "HUY CB", "Ban da huy"),
        ("0960005009", "KQ", "So cua ban chua gui phan anh nao"),
        ("0960005010", "KT", "De kiem tra, soan KT"),
        ("0960005011", "KT 0969990000", "So 0969990000: chua co thong tin"),
        ("0960005012", "KT 113", "113 la so chinh thuc"),
    ] {
        stage.text(citizen, text).await;
        let reply = stage.reply_to(citizen).await;
        assert!(reply.starts_with(begins), "{text}: {reply}");
        assert!(reply.chars().count() <= 160, "{reply}");
    }
    stage.close().await;
}

/// An audit entry for a change made by the test.
fn audit_of(actor: &canhgiac_domain::account::Actor, at_us: i64) -> NewAudit {
    NewAudit {
        at_us,
        actor: actor_id(actor),
        action: "test".to_owned(),
        object: "test".to_owned(),
        detail: String::new(),
    }
}
