//! What each of them does, in order.

use std::time::Duration;

use anyhow::Context;

use super::StaffPlan;
use super::forms::{
    ACKNOWLEDGE, APPROVE, BLOCK, CASES, CONFIRM, DRAFT, DRAFTS, KEEP, NOTE, REASON, REFER, REFERRALS, SAVE,
    SEARCH, VOICES, WARNINGS,
};
use super::person::Person;
use crate::citizens::Mobile;
use crate::web::Page;

/// Confirms, refers, asks for the block, drafts the warning; then blocks the other number.
pub(super) async fn officer(person: &Person, plan: &StaffPlan) {
    if let Some(case) = confirmed(
        person,
        &plan.star,
        plan.voices_wanted,
        "xác nhận số bị nhiều người phản ánh có dấu hiệu lừa đảo",
    )
    .await
    {
        take(person, &case, REFER, "chuyển vụ việc cho Công an", "Đã có nhiều người bị đòi chuyển tiền.")
            .await;
        take(
            person,
            &case,
            BLOCK,
            "đề nghị nhà mạng tạm khóa",
            "Nhiều người phản ánh cùng một kịch bản giả danh Công an.",
        )
        .await;
        draft(person, &case).await;
    }
    let wronged = confirmed(person, &plan.wronged, 2, "xác nhận vụ việc thứ hai").await;
    if let Some(case) = wronged {
        let why = "Có phản ánh giả danh nhà mạng; tạm khóa để xác minh.";
        take(person, &case, BLOCK, "đề nghị tạm khóa số thứ hai", why).await;
    }
}

/// Approves warnings; keeps the block of the star.
pub(super) async fn approver(person: &Person, plan: &StaffPlan) {
    person
        .step("duyệt cảnh báo; cảnh báo được đăng và gửi SMS", || async {
            let drafts = person.open(DRAFTS).await?;
            for path in drafts.links_to(WARNINGS) {
                if path == DRAFT || path.starts_with(&format!("{DRAFT}?")) {
                    continue;
                }
                let page = person.open(&path).await?;
                if let Some(form) = page.form_to(APPROVE) {
                    person.send(form, &[], "Đã đọc, đúng thực tế.", None).await?;
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await;
    let case = person.until("finds the case of the wave", || find(person, &plan.star)).await;
    let Some(case) = case else { return };
    let is_blocked = person
        .until("waits for the block", || async { Ok(person.open(&case).await?.form_to(KEEP).map(|_| ())) })
        .await;
    if is_blocked.is_some() {
        person.pause(plan.keep_after).await;
        take(
            person,
            &case,
            KEEP,
            "người thứ hai xác nhận giữ khóa",
            "Công an đã tiếp nhận, số vẫn bị dùng để lừa.",
        )
        .await;
    }
}

/// Acknowledges every referral that comes.
pub(super) async fn police(person: &Person) {
    /// Referrals acknowledged in one run.
    const REFERRALS_MAX: u32 = 100;
    for _ in 0..REFERRALS_MAX {
        let done = person
            .step("tiếp nhận hồ sơ chuyển đến", || async {
                let list = person.open(REFERRALS).await?;
                for path in list.links_to(&format!("{REFERRALS}/")) {
                    let page = person.open(&path).await?;
                    if let Some(form) = page.form_to(ACKNOWLEDGE) {
                        person.pause(Duration::from_secs(2)).await;
                        let note = "Đã thụ lý, đang xác minh.";
                        person.send(form, &[(NOTE, note)], note, None).await?;
                        return Ok(Some(()));
                    }
                }
                Ok(None)
            })
            .await;
        if done.is_none() {
            return;
        }
    }
}

/// Waits until enough different people have reported the number, and confirms its case; its page.
async fn confirmed(person: &Person, source: &Mobile, voices: u32, what: &'static str) -> Option<String> {
    person
        .step(what, || async {
            let Some(path) = find(person, source).await? else { return Ok(None) };
            let page = person.open(&path).await?;
            if counted_voices(&page)? < voices {
                return Ok(None);
            }
            let Some(form) = page.form_to(CONFIRM) else {
                // Somebody was faster, perhaps the visitor: the story goes on from there.
                return Ok(page.form_to(BLOCK).is_some().then_some(path));
            };
            let why = "Nhiều người kể cùng một kịch bản.";
            person.send(form, &[(REASON, why)], why, None).await?;
            Ok(Some(path))
        })
        .await
}

/// The newest case of a number, found as an officer finds it: with the search box.
async fn find(person: &Person, source: &Mobile) -> anyhow::Result<Option<String>> {
    let list = person.open(CASES).await?;
    let mut forms = list.forms().into_iter();
    let search =
        forms.find(|form| form.has(SEARCH)).with_context(|| format!("no search box on {}", list.gist()))?;
    let found = person.send(search, &[(SEARCH, &source.shown())], "", None).await?;
    Ok(found.link_saying(&source.shown(), &format!("{CASES}/")))
}

fn counted_voices(page: &Page) -> anyhow::Result<u32> {
    let said = page.fact(VOICES).with_context(|| format!("nobody counts who reported on {}", page.gist()))?;
    let digits: String = said.chars().take_while(|sign| sign.is_ascii_digit() || *sign == '.').collect();
    digits.replace('.', "").parse().with_context(|| format!("'{said}' is no count of people"))
}

/// Takes a step of a case, once its form is offered.
async fn take(person: &Person, case: &str, step: &'static str, what: &'static str, why: &str) {
    person
        .step(what, || async {
            let Some(form) = person.open(case).await?.form_to(step) else { return Ok(None) };
            person.send(form, &[(REASON, why)], why, None).await.map(Some)
        })
        .await;
}

/// Drafts a warning from the case, with the words the console proposes.
async fn draft(person: &Person, case: &str) {
    person
        .step("soạn cảnh báo từ vụ việc", || async {
            let page = person.open(case).await?;
            let path = page.links_to(DRAFT).into_iter().next().context("the case offers no warning to draft")?;
            let page = person.open(&path).await?;
            let form = page.form_to(DRAFT).with_context(|| format!("no draft on {}", page.gist()))?;
            let words = "CANH BAO: co nguoi gia danh Cong an goi dien doi chuyen tien. Hay cup may, bao Cong an noi gan nhat.";
            let button = form.has_button(SAVE.0, SAVE.1).then_some(SAVE);
            person.send(form, &[], words, button).await.map(Some)
        })
        .await;
}
