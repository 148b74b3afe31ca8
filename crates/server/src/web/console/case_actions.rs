//! What can be done with a case: offered with its effects, refused with its reason, and done on the
//! version the officer looked at.

use std::collections::HashMap;

use axum::extract::{Form, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_domain::agency::AgencyKind;
use canhgiac_domain::procedure::{Action as Step, ClosedAs, Refusal, SourcePath};
use canhgiac_store::CaseEntry;

use super::case;
use super::desk::Desk;
use super::oops::Oops;
use super::view::cases::ConflictPage;
use super::view::common::{Action, Choice, Fact, Field, FieldKind, Weight};
use super::words::{self, Names};
use crate::act::ActError;
use crate::web::format;
use crate::web::page::render;

/// Shortest reason taken where one is demanded, in characters.
const REASON_MIN: usize = 6;
/// Longest reason kept, in characters.
const REASON_MAX: usize = 2_000;
/// Events of colleagues shown on the conflict page.
const NEWS: usize = 3;

/// Steps by their place in the URL, in the order they are offered.
const STEPS: [&str; 6] = ["xac-nhan", "tam-khoa", "giu-khoa", "chuyen-cong-an", "go-khoa", "dong"];

/// The domain's action of a step, with what was typed.
fn step(name: &str, typed: &HashMap<String, String>) -> Option<Step> {
    let said = |field: &str| typed.get(field).map(|value| value.trim().to_owned()).unwrap_or_default();
    Some(match name {
        "xac-nhan" => Step::Confirm,
        "tam-khoa" => Step::RequestBlock,
        "giu-khoa" => Step::KeepBlock,
        "chuyen-cong-an" => Step::Refer { unit: said("don_vi") },
        "go-khoa" => Step::Lift,
        "dong" => Step::Close(ClosedAs::from_id(&said("ket_qua")).unwrap_or(ClosedAs::NotEnoughGround)),
        _ => return None,
    })
}

/// What this person may do now, and what stands against the rest.
pub(super) fn offered(desk: &Desk, case: &CaseEntry) -> Result<Vec<Action>, Oops> {
    let nothing = HashMap::new();
    let mut list = Vec::new();
    for name in STEPS {
        let Some(step) = step(name, &nothing) else { continue };
        match desk.app.rehearse(case, &step, &desk.actor()) {
            Ok(_) => list.push(form(desk, case, name, &nothing)?),
            Err(ActError::Refused(refusal)) => {
                if let Some(reason) = worth_saying(case, &step, &refusal) {
                    list.push(Action { refusal: reason, ..form(desk, case, name, &nothing)? });
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(list)
}

/// A refusal a reader can do something about; what the state simply does not have is left out.
fn worth_saying(case: &CaseEntry, step: &Step, refusal: &Refusal) -> Option<String> {
    match (refusal, step) {
        (Refusal::WrongState, Step::KeepBlock) if case.case.reconsideration == "filed" => {
            Some("chủ thuê bao đã đề nghị xem xét lại; hãy quyết định đề nghị đó trước.".to_owned())
        }
        (Refusal::WrongState, Step::RequestBlock) if case.case.state == "open" => {
            Some("hãy đọc các phản ánh và xác nhận có dấu hiệu lừa đảo trước.".to_owned())
        }
        (Refusal::NotAllowed, Step::KeepBlock) if case.case.state == "blocked" => {
            Some("cần một lãnh đạo duyệt, không phải người đã đề nghị khóa.".to_owned())
        }
        (Refusal::WrongState | Refusal::NotAllowed | Refusal::AlreadyDone, _) => None,
        (other, _) => Some(other.to_string()),
    }
}

/// The form of a step, with what was typed.
fn form(desk: &Desk, case: &CaseEntry, name: &str, typed: &HashMap<String, String>) -> Result<Action, Oops> {
    let said = |field: &str| typed.get(field).map(String::as_str).unwrap_or_default();
    let reason = |is_required: bool| Field {
        id_prefix: format!("{name}-"),
        is_required,
        ..Field::new("ly_do", "Lý do", FieldKind::Text)
            .hint("Ghi vào diễn biến của vụ việc.")
            .value(said("ly_do"))
    };
    let mut action = Action {
        path: format!("/can-bo/vu-viec/{}/{name}", case.case.number),
        verb: String::new(),
        consequences: Vec::new(),
        facts: Vec::new(),
        fields: Vec::new(),
        weight: Weight::Plain,
        refusal: String::new(),
        version: case.case.version,
        is_open: false,
    };
    let says = |action: &mut Action, verb: &str, consequences: &[&str]| {
        action.verb = verb.to_owned();
        action.consequences = consequences.iter().map(|one| (*one).to_owned()).collect();
    };
    match name {
        "xac-nhan" => {
            says(
                &mut action,
                "Xác nhận có dấu hiệu lừa đảo",
                &[
                    "Trang kiểm tra của người dân sẽ ghi số này “có dấu hiệu lừa đảo”.",
                    "Sau đó có thể chuyển Công an và đề nghị nhà mạng tạm khóa.",
                ],
            );
            action.weight = Weight::Primary;
            action.fields.push(reason(false));
        }
        "tam-khoa" => {
            block_form(desk, case, &mut action)?;
            action.fields.push(reason(true));
        }
        "giu-khoa" => {
            says(
                &mut action,
                "Xác nhận giữ khóa",
                &[
                    "Số không tự khôi phục khi hết hạn nữa.",
                    "Nếu sai, một người vô tội mất liên lạc cho tới khi có người gỡ. Người giữ số vẫn có quyền đề nghị xem xét lại.",
                    "Người phản ánh được báo kết quả.",
                ],
            );
            action.weight = Weight::Grave;
            action.fields.push(reason(true));
        }
        "chuyen-cong-an" => {
            says(
                &mut action,
                "Chuyển Công an",
                &[
                    "Đơn vị nhận thấy mọi phản ánh của vụ việc, không thấy số người phản ánh.",
                    "Người phản ánh được báo là đã chuyển Công an.",
                ],
            );
            action.weight = Weight::Primary;
            action.fields.push(unit_field(desk, said("don_vi")));
            action.fields.push(reason(true));
        }
        "go-khoa" => {
            let is_waiting = case.case.state == "block_requested";
            if is_waiting {
                says(&mut action, "Rút đề nghị tạm khóa", &["Nhà mạng không phải khóa số này nữa."]);
            } else {
                let effects =
                    ["Nhà mạng được yêu cầu khôi phục số.", "Người phản ánh được báo khi đã khôi phục."];
                says(&mut action, "Gỡ khóa, khôi phục số", &effects);
            }
            action.fields.push(reason(true));
        }
        _ => {
            says(
                &mut action,
                "Đóng vụ việc",
                &[
                    "Người phản ánh được báo kết quả.",
                    "Phản ánh mới về nguồn này sẽ mở vụ việc mới, nối với vụ việc này.",
                ],
            );
            action.fields.push(outcome_field(desk, case, said("ket_qua"))?);
            action.fields.push(reason(true));
        }
    }
    Ok(action)
}

fn block_form(desk: &Desk, case: &CaseEntry, action: &mut Action) -> Result<(), Oops> {
    action.verb = "Đề nghị nhà mạng tạm khóa".to_owned();
    action.weight = Weight::Grave;
    let rule = desk.app.scam_rule()?;
    if let Some(block) = &rule.temporary_block {
        action.consequences = vec![
            "Người giữ số mất liên lạc hai chiều ngay khi nhà mạng thực hiện. Nếu số bị giả, đó là nạn nhân."
                .to_owned(),
            format!("Sau {} ngày số tự khôi phục, trừ khi người thứ hai xác nhận giữ.", block.days),
            "Người phản ánh được báo khi nhà mạng đã khóa.".to_owned(),
        ];
        action.facts.push(Fact::new("Cơ quan đề nghị", block.issuing_body.clone()));
        let basis =
            block.legal_basis.clone().unwrap_or_else(|| "không có: là đề nghị, không phải lệnh".to_owned());
        action.facts.push(Fact::new("Căn cứ", basis));
        action.facts.push(Fact::new("Tự khôi phục lúc", case::block_until(&desk.app, block.days)));
    }
    let facts = desk.app.facts_of(&case.source, case.voices)?;
    if let SourcePath::Operator(operator) = &facts.path {
        let how =
            if case.source.operator.is_some() { "nhà mạng đã trả lời" } else { "theo dải số" };
        action.facts.push(Fact::new("Gửi tới", format!("{} ({how})", words::agency(&desk.app, operator))));
    }
    let voices = format!("{}, cần ít nhất {}", format::number(case.voices), rule.min_voices);
    action.facts.push(Fact::new("Người phản ánh khác nhau", voices));
    Ok(())
}

fn unit_field(desk: &Desk, chosen: &str) -> Field {
    let today = desk.app.clock.today();
    let units = desk.app.rules.agencies.of_kind(AgencyKind::Police, today);
    let pairs: Vec<(&str, &str)> = units.map(|unit| (unit.id.as_str(), unit.name.as_str())).collect();
    Field {
        id_prefix: "chuyen-".to_owned(),
        ..Field::new("don_vi", "Đơn vị nhận", FieldKind::Choice(Choice::list(pairs, chosen))).required()
    }
}

fn outcome_field(desk: &Desk, case: &CaseEntry, chosen: &str) -> Result<Field, Oops> {
    let facts = desk.app.facts_of(&case.source, case.voices)?;
    let has_operator = matches!(facts.path, SourcePath::Operator(_));
    let pairs = [ClosedAs::NotEnoughGround, ClosedAs::Forged, ClosedAs::NoOperator]
        .into_iter()
        .filter(|outcome| *outcome != ClosedAs::NoOperator || !has_operator)
        .map(|outcome| (outcome.id(), outcome.label_vi()));
    Ok(Field {
        id_prefix: "dong-".to_owned(),
        ..Field::new("ket_qua", "Kết quả", FieldKind::Choice(Choice::list(pairs, chosen))).required()
    })
}

/// Does a step.
pub(super) async fn submit(
    desk: Desk,
    Path((number, name)): Path<(i64, String)>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Oops> {
    let Some(action) = step(&name, &typed) else { return Err(Oops::NotFound) };
    let case = desk.app.store.case(number).await?;
    let seen: i64 = typed.get("phien_ban").and_then(|version| version.parse().ok()).unwrap_or(-1);
    if seen != case.case.version {
        return conflict(&desk, &case, &name, &typed).await;
    }
    let mut form = form(&desk, &case, &name, &typed)?;
    if find_mistakes(&desk, &mut form, &typed) {
        form.is_open = true;
        return case::page(&desk, &case, Some(form), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let note: String =
        typed.get("ly_do").map(|text| text.trim()).unwrap_or_default().chars().take(REASON_MAX).collect();
    match desk.app.act(number, seen, action, &desk.actor(), &note).await {
        Ok(()) => {
            desk.tell(format!("Đã ghi: {}.", form.verb.to_lowercase())).await?;
            Ok(Redirect::to(&format!("/can-bo/vu-viec/{number}")).into_response())
        }
        Err(ActError::Conflict) => {
            let case = desk.app.store.case(number).await?;
            conflict(&desk, &case, &name, &typed).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Marks what is wrong with a form; whether anything is.
fn find_mistakes(desk: &Desk, form: &mut Action, typed: &HashMap<String, String>) -> bool {
    for field in &mut form.fields {
        let value = typed.get(&field.name).map(|value| value.trim()).unwrap_or_default();
        match field.name.as_str() {
            "ly_do" if field.is_required && value.chars().count() < REASON_MIN => {
                field.error = "Viết lý do, ít nhất vài từ.".to_owned();
            }
            "don_vi" => {
                let today = desk.app.clock.today();
                let mut units = desk.app.rules.agencies.of_kind(AgencyKind::Police, today);
                if !units.any(|unit| unit.id == value) {
                    field.error = "Chọn một đơn vị trong danh sách.".to_owned();
                }
            }
            "ket_qua" if !field.choices().iter().any(|choice| choice.value == value) => {
                field.error = "Chọn một kết quả trong danh sách.".to_owned();
            }
            _ => {}
        }
    }
    form.has_errors()
}

/// A colleague was faster: what happened, and the same form again on the new state.
async fn conflict(
    desk: &Desk,
    case: &CaseEntry,
    name: &str,
    typed: &HashMap<String, String>,
) -> Result<Response, Oops> {
    let number = case.case.number;
    let names = Names::load(&desk.app).await?;
    let mut events = case::events(desk, &names, &desk.app.store.case_events(number).await?);
    events.truncate(NEWS);
    let is_possible = match step(name, typed) {
        Some(action) => desk.app.rehearse(case, &action, &desk.actor()).is_ok(),
        None => false,
    };
    let form = form(desk, case, name, typed)?;
    let thing = format!("vụ việc {}", words::case_number(number));
    let typed = form
        .fields
        .iter()
        .filter_map(|field| typed.get(&field.name).map(|value| Fact::new(field.label.clone(), value.clone())))
        .collect();
    let page = ConflictPage {
        page: desk.shell("Đồng nghiệp vừa thay đổi vụ việc", "/can-bo/vu-viec").await?,
        thing,
        href: format!("/can-bo/vu-viec/{number}"),
        events,
        state: case::state_mark(&case.case),
        again: is_possible.then_some(form),
        typed,
    };
    Ok(render(StatusCode::CONFLICT, &page))
}
