//! The assisted desk: a commune's officer writes down what somebody who came tells, copies recordings and
//! pictures from their phone, and hands over a receipt on paper.
//!
//! The report goes the same durable way as every other; an officer sees what their own desk took in.

use std::collections::HashMap;

use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use canhgiac_domain::taxonomy::Taxonomy;
use canhgiac_store::{IntakeRow, NewEvidence, Page, ReportFilter};

use super::desk::Desk;
use super::oops::Oops;
use super::view::common::Fact;
use super::view::walk_in::{PROOFS, ReceiptPage, WalkInForm, WalkInRow, WalkInsPage};
use super::words::{self, Names};
use crate::evidence::FILES_LIMIT;
use crate::intake::{FormWay, ReportForm, receipt_code_of, unhex};
use crate::web::format;
use crate::web::page::render;
use crate::web::public::report::{Draft, Finished, Rules, Step, facets};
use crate::web::public::uploads::{self, Read};
use crate::web::public::view::Errors;
use crate::web::public::{Trouble, communes, contacts_today, guard};
use crate::web::texts::Lang;

const PATH: &str = "/can-bo/tiep-nhan";
const DAY_US: i64 = 24 * 3_600 * 1_000_000;
/// Reports of a day that are listed.
const LISTED: i64 = 300;
/// Days back that a list may ask for.
const DAYS_BACK: i64 = 400;
/// Longest answer of a one-line question, in characters.
const LINE_LIMIT: usize = 300;

fn here(desk: &Desk) -> Result<&canhgiac_domain::area::Commune, Oops> {
    desk.commune().ok_or_else(|| {
        Oops::Refused("Tài khoản của bạn chưa thuộc xã, phường nào. Nhờ người quản trị bổ sung.".to_owned())
    })
}

/// What was taken in today, or on an earlier day.
pub(super) async fn list(desk: Desk, Query(query): Query<HashMap<String, String>>) -> Result<Response, Oops> {
    let commune = here(&desk)?;
    let back = query.get("lui").and_then(|days| days.parse::<i64>().ok()).unwrap_or(0).clamp(0, DAYS_BACK);
    let from_us = desk.app.clock.day_start_us() - back * DAY_US;
    let filter = ReportFilter {
        desk: Some(commune.code.clone()),
        from_us: Some(from_us),
        to_us: Some(from_us + DAY_US),
        ..ReportFilter::default()
    };
    let names = Names::load(&desk.app).await?;
    let entries = desk.app.store.reports(&filter, Page { offset: 0, limit: LISTED }).await?;
    let rows = entries.iter().map(|entry| {
        let report = &entry.report;
        let sources: Vec<String> =
            entry.sources.iter().map(|source| words::source_row(&desk.app, source)).collect();
        let place = serde_json::from_str::<Vec<i64>>(&report.parts).unwrap_or_default();
        let kind = words::kind(report.kind.as_deref());
        WalkInRow {
            href: format!("{PATH}/{}", place.first().copied().unwrap_or_default()),
            code: format::receipt_code(&format!("{:08}", report.code)),
            about: if sources.is_empty() { kind } else { format!("{kind}: {}", sources.join(", ")) },
            at: desk.when(report.received_us),
            by: report.taken_by.as_deref().map(|by| names.actor(&desk.app, by)).unwrap_or_default(),
            state: words::report_state(&report.state),
        }
    });
    let page = WalkInsPage {
        desk: commune.full_name.clone(),
        day: format::date(from_us),
        rows: rows.collect(),
        older: format!("{PATH}?lui={}", back + 1),
        newer: (back > 0).then(|| format!("{PATH}?lui={}", back - 1)),
        page: desk.shell("Tiếp nhận tại bàn", PATH).await?,
    };
    Ok(render(StatusCode::OK, &page))
}

/// What was typed besides the questions the public form asks too.
#[derive(Debug, Default)]
struct Typed {
    draft: Draft,
    when: String,
    accounts: String,
    proof: String,
    has_consent: bool,
}

impl Typed {
    fn read(desk: &Desk, read: &Read) -> Result<Typed, Oops> {
        let keys = &desk.app.keys;
        let line = |name: &str| read.value(name).trim().chars().take(LINE_LIMIT).collect::<String>();
        let mut draft = Draft::from_fields(&read.fields);
        let carried = read.fields.iter().filter(|(name, _)| name == "da_tai");
        let mut files: Vec<_> = carried.filter_map(|(_, ticket)| uploads::file_of(keys, ticket)).collect();
        for kept in &read.kept {
            if !files.iter().any(|file| file.sha256 == kept.sha256) {
                files.push(kept.clone());
            }
        }
        for file in files.iter().take(FILES_LIMIT + 1) {
            draft.files.push(uploads::draft_file(keys, file)?);
        }
        Ok(Typed {
            draft,
            when: line("xay_ra_luc"),
            accounts: line("link_tai_khoan"),
            proof: line("xac_nhan"),
            has_consent: read.value("dong_y") == "co",
        })
    }

    /// The words with what was asked beside them, each on a line of its own.
    fn content(&self) -> String {
        let mut lines = vec![self.draft.words.trim().to_owned()];
        if !self.when.is_empty() {
            lines.push(format!("Xảy ra lúc: {}", self.when));
        }
        if !self.accounts.is_empty() {
            lines.push(format!("Đường link, tài khoản: {}", self.accounts));
        }
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }
}

/// An empty form.
pub(super) async fn begin(desk: Desk) -> Result<Response, Oops> {
    here(&desk)?;
    form(&desk, Typed::default(), Errors::default()).await
}

async fn form(desk: &Desk, mut typed: Typed, errors: Errors) -> Result<Response, Oops> {
    let commune = here(desk)?;
    if !guard::is_ours(&desk.app.keys, &typed.draft.guard) {
        typed.draft.guard = guard::issue(&desk.app.keys, desk.now_us)?;
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title =
        if errors.is_empty() { "Nhận phản ánh mới" } else { "Lỗi: Nhận phản ánh mới" };
    let page = WalkInForm {
        desk: commune.full_name.clone(),
        facets: facets(&typed.draft),
        draft: typed.draft,
        when: typed.when,
        accounts: typed.accounts,
        proof: typed.proof,
        has_consent: typed.has_consent,
        errors,
        communes: communes::all().iter().map(|one| one.full_name.as_str()).collect(),
        limits: uploads::limits(Lang::default()),
        page: desk.shell(title, PATH).await?,
    };
    Ok(render(status, &page))
}

fn oops(trouble: Trouble) -> Oops {
    match trouble {
        Trouble::TooLarge => {
            Oops::Refused("Tệp lớn quá, máy chủ không nhận được. Gửi từng tệp một.".to_owned())
        }
        Trouble::Internal => Oops::Internal(anyhow::anyhow!("a file from the desk could not be kept")),
        _ => Oops::Refused("Biểu mẫu gửi lên bị thiếu hoặc hỏng giữa chừng. Gửi lại.".to_owned()),
    }
}

/// Takes the report in, or gives the form back with what is wrong and all that was typed.
pub(super) async fn take(desk: Desk, request: Request) -> Result<Response, Oops> {
    let commune = here(&desk)?.code.clone();
    let read = uploads::read(&desk.app, request).await.map_err(oops)?;
    let mut typed = Typed::read(&desk, &read)?;
    let known = guard::form_of(&desk.app.keys, &typed.draft.guard);
    if let Some(id) = &known
        && let Some(seq) = desk.session.get::<i64>(&sent_key(id)).await.map_err(anyhow::Error::from)?
    {
        return Ok(Redirect::to(&format!("{PATH}/{seq}")).into_response());
    }
    if let Some(index) = read.value("di").strip_prefix("bo:").and_then(|index| index.parse::<usize>().ok()) {
        if index < typed.draft.files.len() {
            typed.draft.files.remove(index);
        }
        return form(&desk, typed, Errors::default()).await;
    }
    let mut errors = Errors::default();
    for refused in &read.refused {
        errors.add("tep", refused.clone());
    }
    if read.value("di") == "them" {
        return form(&desk, typed, errors).await;
    }
    let finished = check(&desk, &typed, &mut errors);
    let (Some(finished), true, Some(id)) = (finished, errors.is_empty(), known) else {
        return form(&desk, typed, errors).await;
    };
    match store(&desk, &typed, &finished, &commune).await {
        Ok(receipt) => {
            let session = &desk.session;
            session.insert(&sent_key(&id), receipt.seq).await.map_err(anyhow::Error::from)?;
            session.insert(&link_key(receipt.seq), receipt.token).await.map_err(anyhow::Error::from)?;
            desk.tell("Đã nhận phản ánh. In giấy tiếp nhận và đưa cho người dân.").await?;
            Ok(Redirect::to(&format!("{PATH}/{}", receipt.seq)).into_response())
        }
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "a report from a desk could not be stored");
            errors.add("gui", Lang::default().t("report-not-stored"));
            form(&desk, typed, errors).await
        }
    }
}

fn sent_key(form: &str) -> String {
    format!("ban:{form}")
}

fn link_key(seq: i64) -> String {
    format!("giay:{seq}")
}

/// Everything that is wrong, on one page at once.
fn check(desk: &Desk, typed: &Typed, errors: &mut Errors) -> Option<Finished> {
    let rules = Rules { plan: &desk.app.rules.numbering, on: desk.app.clock.today(), lang: Lang::default() };
    for step in Step::path(&typed.draft) {
        for error in rules.check(step, &typed.draft).iter() {
            errors.add(error.field, error.message.clone());
        }
    }
    if !PROOFS.iter().any(|(id, _)| *id == typed.proof) {
        errors.add("xac_nhan", "Chọn cách đã xác nhận số.".to_owned());
    }
    if !typed.proof.is_empty() && typed.draft.phone.trim().is_empty() {
        errors.add("dien_thoai", "Nhập số điện thoại đã gọi thử.".to_owned());
    }
    if !typed.has_consent {
        let why =
            "Đọc cho người dân nghe và đánh dấu khi họ đồng ý. Họ không đồng ý thì để trống số điện thoại.";
        if !typed.draft.phone.trim().is_empty() {
            errors.add("dong_y", why.to_owned());
        }
    }
    rules.finish(&typed.draft).ok()
}

async fn store(
    desk: &Desk,
    typed: &Typed,
    finished: &Finished,
    commune: &str,
) -> anyhow::Result<crate::intake::FormReceipt> {
    let keys = &desk.app.keys;
    let form = ReportForm {
        kind: finished.kind.id().to_owned(),
        sources: finished.sources.iter().map(|one| one.typed.clone()).collect(),
        content: typed.content(),
        terms: finished.terms.iter().map(|(facet, id)| ((*facet).to_owned(), id.clone())).collect(),
        money_lost: finished.money_lost,
        evidence: typed.draft.files.iter().filter_map(|file| uploads::file_of(keys, &file.ticket)).collect(),
        commune: Some(finished.commune.map_or_else(|| commune.to_owned(), |one| one.code.clone())),
        place: finished.place.clone(),
        proof: Some(typed.proof.clone()).filter(|proof| !proof.is_empty() && finished.phone.is_some()),
        has_consent: typed.has_consent,
        taken_by: Some(crate::act::actor_id(&desk.actor())),
        ..ReportForm::default()
    };
    let phone = finished.phone.as_ref().map(|phone| phone.canonical());
    desk.app.take_form(&form, phone, FormWay::Desk(commune)).await
}

/// The row of the log this desk took in under that place.
async fn own_row(desk: &Desk, seq: i64) -> Result<(IntakeRow, ReportForm), Oops> {
    let commune = here(desk)?;
    let rows = desk.app.store.intake_rows(&[seq]).await?;
    let row = rows.into_iter().next().filter(|row| row.channel == "desk" && row.link == commune.code);
    let row = row.ok_or(Oops::NotFound)?;
    let form = serde_json::from_slice(&row.body).map_err(|_| Oops::NotFound)?;
    Ok((row, form))
}

/// The receipt.
pub(super) async fn receipt(desk: Desk, Path(seq): Path<i64>) -> Result<Response, Oops> {
    receipt_page(&desk, seq, Errors::default()).await
}

async fn receipt_page(desk: &Desk, seq: i64, errors: Errors) -> Result<Response, Oops> {
    let (row, form) = own_row(desk, seq).await?;
    let app = &desk.app;
    let code = receipt_code_of(seq).digits();
    let token: Option<String> = desk.session.get(&link_key(seq)).await.map_err(anyhow::Error::from)?;
    let names = Names::load(app).await?;
    let report = report_of(desk, &row, &code).await?;
    let mut files: Vec<String> = form.evidence.iter().map(|file| file.name.clone()).collect();
    if let Some(report_seq) = report {
        files = app.store.evidence_of(report_seq).await?.into_iter().map(|file| file.name).collect();
    }
    let contacts = contacts_today();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ReceiptPage {
        desk: here(desk)?.full_name.clone(),
        code: format::receipt_code(&code),
        digits: code,
        at: format::date_time(row.received_us),
        by: form.taken_by.as_deref().map(|by| names.actor(app, by)).unwrap_or_default(),
        facts: facts(&form),
        words: form.content.clone(),
        files,
        link: token.map(|token| format!("{}/tra-cuu/{token}", app.config.base_url())),
        gave_phone: row.reporter_sealed.is_some(),
        lost_money: form.money_lost.is_some(),
        codes: contacts.codes_or(),
        police: contacts.police.clone(),
        site: app.config.base_url(),
        more_files: report.map(|_| format!("{PATH}/{seq}/tep")),
        errors,
        limits: uploads::limits(Lang::default()),
        page: desk.shell("Giấy tiếp nhận phản ánh", PATH).await?,
    };
    Ok(render(status, &page))
}

fn facts(form: &ReportForm) -> Vec<Fact> {
    let mut facts = vec![Fact::new("Loại", words::kind(Some(&form.kind)))];
    let sources =
        if form.sources.is_empty() { "không hiện số".to_owned() } else { form.sources.join(", ") };
    facts.push(Fact::new("Số hoặc tên bị phản ánh", sources));
    let terms: Vec<&str> = form.terms.iter().map(|(_, id)| Taxonomy::embedded().label_vi(id)).collect();
    if !terms.is_empty() {
        facts.push(Fact::new("Dấu hiệu", terms.join(", ")));
    }
    if let Some(place) = &form.place {
        facts.push(Fact::new("Nơi thấy", place.clone()));
    }
    if let Some(money) = form.money_lost {
        facts.push(Fact::new("Số tiền đã mất", format::money(money)));
    }
    facts
}

/// The report of a row, once the projector has seen it.
async fn report_of(desk: &Desk, row: &IntakeRow, code: &str) -> Result<Option<i64>, Oops> {
    let filter = ReportFilter {
        desk: Some(row.link.clone()),
        from_us: Some(row.received_us),
        to_us: Some(row.received_us + 1),
        ..ReportFilter::default()
    };
    let entries = desk.app.store.reports(&filter, Page::default()).await?;
    Ok(entries
        .iter()
        .find(|entry| format!("{:08}", entry.report.code) == *code)
        .map(|entry| entry.report.seq))
}

/// More files for a report this desk took in.
pub(super) async fn add_files(desk: Desk, Path(seq): Path<i64>, request: Request) -> Result<Response, Oops> {
    let (row, _) = own_row(&desk, seq).await?;
    let code = receipt_code_of(seq).digits();
    let report = report_of(&desk, &row, &code).await?.ok_or_else(|| {
        Oops::Refused(
            "Phản ánh vừa được nhận và đang vào danh sách. Đợi vài giây rồi gửi tệp lại.".to_owned(),
        )
    })?;
    let read = uploads::read(&desk.app, request).await.map_err(oops)?;
    let mut errors = Errors::default();
    for refused in read.refused {
        errors.add("tep", refused);
    }
    let files: Vec<NewEvidence> = read
        .kept
        .into_iter()
        .filter_map(|file| {
            Some(NewEvidence {
                sha256: unhex(&file.sha256)?,
                size: file.size,
                mime: file.mime,
                name: file.name,
            })
        })
        .collect();
    if files.is_empty() && errors.is_empty() {
        errors.add("tep", Lang::default().t("evidence-none"));
    }
    let by = crate::act::actor_id(&desk.actor());
    desk.app.store.add_evidence(report, &files, &by, desk.now_us).await?;
    if errors.is_empty() {
        desk.tell("Đã thêm tệp vào phản ánh.").await?;
        return Ok(Redirect::to(&format!("{PATH}/{seq}")).into_response());
    }
    receipt_page(&desk, seq, errors).await
}
