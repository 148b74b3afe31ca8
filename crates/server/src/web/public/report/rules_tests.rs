//! Behaviour of the report form's rules.

use jiff::civil::date;

use super::*;

fn plan() -> NumberingPlan {
    NumberingPlan::shipped(true).unwrap()
}

fn rules(plan: &NumberingPlan) -> Rules<'_> {
    Rules { plan, on: date(2026, 11, 23), lang: Lang::Vi }
}

fn complete() -> Draft {
    Draft {
        kind: Some(Kind::ScamCall),
        source: "0912.345.678".to_owned(),
        terms: vec![("ai", "police".to_owned()), ("doi", "transfer".to_owned())],
        words: "Xưng công an tỉnh".to_owned(),
        loss: Some(Loss::Money),
        amount: "5 triệu".to_owned(),
        commune: "tuy hoa".to_owned(),
        phone: "0905 000 001".to_owned(),
        ..Draft::default()
    }
}

#[test]
fn a_complete_report_is_understood() {
    let plan = plan();
    let finished = rules(&plan).finish(&complete()).unwrap();
    assert_eq!(finished.sources[0].source.canonical(), "+84912345678");
    assert_eq!(finished.sources[0].typed, "0912.345.678");
    assert_eq!(finished.money_lost, Some(5_000_000));
    assert_eq!(finished.commune.unwrap().full_name, "Phường Tuy Hoà");
    assert_eq!(finished.phone.unwrap().canonical(), "+84905000001");
    assert_eq!(finished.terms, vec![("who", "police".to_owned()), ("demand", "transfer".to_owned())]);
}

#[test]
fn the_first_page_that_is_wrong_is_shown() {
    let plan = plan();
    let broken = |change: fn(&mut Draft)| {
        let mut draft = complete();
        change(&mut draft);
        let (step, errors) = rules(&plan).finish(&draft).unwrap_err();
        assert!(!errors.is_empty());
        step
    };
    assert_eq!(broken(|draft| draft.kind = None), Step::Kind);
    assert_eq!(broken(|draft| draft.source = "12".to_owned()), Step::Source);
    assert_eq!(
        broken(|draft| {
            draft.terms.clear();
            draft.words = "  ".to_owned();
        }),
        Step::Said
    );
    assert_eq!(broken(|draft| draft.loss = None), Step::Loss);
    assert_eq!(broken(|draft| draft.amount = "nhiều lắm".to_owned()), Step::Urgent);
    assert_eq!(broken(|draft| draft.commune = "Hà Nội".to_owned()), Step::Contact);
    assert_eq!(broken(|draft| draft.phone = "02623812345".to_owned()), Step::Contact);
}

#[test]
fn a_call_may_lack_a_number_and_an_advert_may_not() {
    let plan = plan();
    let mut draft = complete();
    draft.source.clear();
    assert!(rules(&plan).sources(&draft).is_err());
    draft.has_no_source = true;
    assert_eq!(rules(&plan).sources(&draft), Ok(Vec::new()));
    draft.kind = Some(Kind::Advert);
    assert!(rules(&plan).sources(&draft).is_err());
}

#[test]
fn a_message_may_come_from_a_name_and_a_call_may_not() {
    let plan = plan();
    let mut draft = Draft { kind: Some(Kind::SpamSms), source: "VIETTELKM".to_owned(), ..Draft::default() };
    assert_eq!(rules(&plan).sources(&draft).unwrap()[0].source.canonical(), "VIETTELKM");
    draft.kind = Some(Kind::ScamCall);
    assert!(rules(&plan).sources(&draft).unwrap_err().contains("không phải tên"));
}

#[test]
fn an_advert_needs_its_place_and_commune_but_no_loss() {
    let plan = plan();
    let mut draft = Draft {
        kind: Some(Kind::Advert),
        source: "0912345678, 0905000002".to_owned(),
        terms: vec![("co", "loan".to_owned())],
        ..Draft::default()
    };
    let (step, errors) = rules(&plan).finish(&draft).unwrap_err();
    assert_eq!(step, Step::Place);
    assert!(errors.has("noi_dan") && errors.has("xa"));
    draft.place = "Cột điện trước chợ".to_owned();
    draft.commune = "Phường Tuy Hoà".to_owned();
    let finished = rules(&plan).finish(&draft).unwrap();
    assert_eq!(finished.sources.len(), 2);
    assert_eq!(finished.place.as_deref(), Some("Cột điện trước chợ"));
    assert_eq!((finished.loss, finished.money_lost), (None, None));
}

#[test]
fn the_reported_number_is_not_the_reporters() {
    let plan = plan();
    let mut draft = complete();
    draft.phone = "0912345678".to_owned();
    assert!(rules(&plan).check(Step::Contact, &draft).has("dien_thoai"));
}

#[test]
fn terms_that_do_not_exist_or_stand_in_the_wrong_facet_are_left_out() {
    let mut draft = complete();
    draft.terms = vec![("ai", "otp".to_owned()), ("ai", "nobody".to_owned()), ("doi", "otp".to_owned())];
    assert_eq!(known_terms(&draft), vec![("demand", "otp".to_owned())]);
}

#[test]
fn amounts_are_read_as_people_write_them() {
    for (typed, dong) in [
        ("", None),
        ("0", None),
        ("5.000.000", Some(5_000_000)),
        ("5,000,000đ", Some(5_000_000)),
        ("5 000 000 VNĐ", Some(5_000_000)),
        ("5 triệu", Some(5_000_000)),
        ("1,5 tỷ", Some(1_500_000_000)),
        ("2.25tr", Some(2_250_000)),
        ("500k", Some(500_000)),
    ] {
        assert_eq!(amount(typed), Ok(dong), "{typed}");
    }
    for typed in ["nhiều", "-5", "5 đô", "9999999999999999", "1,23456 tỷ", "1e9"] {
        assert_eq!(amount(typed), Err(()), "{typed}");
    }
}
