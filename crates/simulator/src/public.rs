//! Citizens at the public site: one who files a report, and the holder of a blocked number who asks for
//! reconsideration. Both go through the pages as they stand.

use std::time::Duration;

use anyhow::Context;

use crate::citizens::Mobile;
use crate::web::{Browser, Form, Page};

/// Where things stand on the public site.
const REPORT: &str = "/phan-anh";
const APPEAL: &str = "/xem-xet-lai";
/// The button to the next page, and the one that sends the report.
const NEXT: (&str, &str) = ("di", "tiep");
const SKIP: (&str, &str) = ("di", "bo_qua");
const SEND: (&str, &str) = ("di", "gui");
/// Pages of a report at most: there are nine.
const PAGES_MAX: usize = 15;
/// The site takes no form sent sooner than three seconds after it was opened: by the clock, not by the demo's pace.
const READING: Duration = Duration::from_secs(4);

/// A report as a citizen files it on the web.
#[derive(Debug, Clone)]
pub struct WebReport {
    /// Whom it is about.
    pub source: Mobile,
    /// What happened, in the citizen's words.
    pub words: String,
    /// The commune, as typed; empty to leave it out.
    pub commune: String,
    /// The citizen's own number, as typed; empty to leave it out.
    pub phone: String,
    /// Money lost in đồng, as typed; empty when nothing was lost.
    pub lost: String,
}

/// A holder's request for reconsideration.
#[derive(Debug, Clone)]
pub struct Appeal {
    /// The blocked number.
    pub number: Mobile,
    /// How the holder can be reached.
    pub contact: String,
    /// What the holder says.
    pub statement: String,
}

/// Files a report, page by page; gives the receipt code as the last page shows it.
///
/// # Errors
/// A page was not as expected; the message says which.
pub async fn report(base_url: &str, report: &WebReport) -> anyhow::Result<String> {
    report_after(base_url, report, READING).await
}

async fn report_after(base_url: &str, report: &WebReport, reading: Duration) -> anyhow::Result<String> {
    let browser = Browser::new(base_url)?;
    let mut page = browser.open(REPORT).await?.or_error()?;
    tokio::time::sleep(reading).await;
    for _ in 0..PAGES_MAX {
        let Some(mut form) = page.form_to(REPORT) else {
            return receipt_code(&page).with_context(|| format!("no receipt on {}", page.gist()));
        };
        answer(&mut form, report);
        // Whoever made a number up gets no code.
        let button = [SEND, SKIP].into_iter().find(|one| form.has_button(one.0, one.1)).unwrap_or(NEXT);
        anyhow::ensure!(form.has_button(button.0, button.1), "no way on from {}", page.gist());
        page = browser.submit(&form, Some(button)).await?.or_error()?;
    }
    anyhow::bail!("the report does not end: {}", page.gist())
}

fn answer(form: &mut Form, report: &WebReport) {
    let lost = if report.lost.is_empty() { "khong" } else { "co" };
    let number = report.source.shown();
    for (name, value) in [
        ("loai", "scam_call"),
        ("nguon", number.as_str()),
        ("ai", "police"),
        ("doi", "transfer"),
        ("ke_lai", &report.words),
        ("mat_tien", lost),
        ("so_tien", &report.lost),
        ("xa", &report.commune),
        ("dien_thoai", &report.phone),
    ] {
        form.answer(name, value);
    }
}

/// Eight digits in two groups, shown large.
fn receipt_code(page: &Page) -> Option<String> {
    let words: Vec<String> = page.words().split(' ').map(str::to_owned).collect();
    let is_group = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let pair = words.windows(2).find(|pair| is_group(&pair[0]) && is_group(&pair[1]))?;
    Some(format!("{} {}", pair[0], pair[1]))
}

/// Asks for reconsideration; gives the path of the page that confirms it.
///
/// # Errors
/// A page was not as expected; the message says which.
pub async fn reconsider(base_url: &str, appeal: &Appeal) -> anyhow::Result<String> {
    reconsider_after(base_url, appeal, READING).await
}

async fn reconsider_after(base_url: &str, appeal: &Appeal, reading: Duration) -> anyhow::Result<String> {
    let browser = Browser::new(base_url)?;
    let page = browser.open(APPEAL).await?.or_error()?;
    let mut form = page.form_to(APPEAL).with_context(|| format!("no form on {}", page.gist()))?;
    let number = appeal.number.shown();
    for (name, value) in [
        ("so", number.as_str()),
        ("ten", "Người giữ số (thử)"),
        ("lien_he", &appeal.contact),
        ("trinh_bay", &appeal.statement),
    ] {
        anyhow::ensure!(form.has(name), "the form does not ask for '{name}': {}", page.gist());
        form.answer(name, value);
    }
    tokio::time::sleep(reading).await;
    let page = browser.submit(&form, None).await?.or_error()?;
    anyhow::ensure!(page.path != APPEAL, "not taken: {}", page.gist());
    Ok(page.path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::citizens::star;
    use crate::web::http_server::{Answering, Asked, serve};

    const AT_ONCE: Duration = Duration::ZERO;

    fn step(hidden: &str, fields: &str, button: &str) -> Answering {
        Answering::html(&format!(
            r#"<form method="post" action="/phan-anh"><button name="di" value="tiep">x</button>{hidden}{fields}
               <button name="di" value="{button}">y</button></form>"#
        ))
    }

    /// A report in three pages that carries the answers along, as the public site's does.
    fn site(asked: Asked) -> Answering {
        let body = String::from_utf8(asked.body.clone()).unwrap();
        if asked.path == "/phan-anh/da-nhan/x" {
            return Answering::html(
                "<p>Mã của bạn</p><p class=receipt__code>4827 1935</p><p>156 và 5656</p>",
            );
        }
        match (asked.path.as_str(), asked.method.as_str()) {
            (REPORT, "GET") => {
                let kinds = r#"<input type=radio name=loai value=scam_call><input type=radio name=loai value=advert>"#;
                step(r#"<input type="hidden" name="buoc" value="loai">"#, kinds, "tiep")
            }
            (REPORT, _) if body.contains("buoc=loai") => {
                assert!(body.contains("loai=scam_call") && body.ends_with("di=tiep"), "{body}");
                let hidden = r#"<input type="hidden" name="buoc" value="nguon"><input type="hidden" name="loai" value="scam_call">"#;
                step(hidden, r#"<input name="nguon"><textarea name="ke_lai"></textarea>"#, "tiep")
            }
            (REPORT, _) if body.contains("buoc=nguon") => {
                assert!(body.contains("nguon=0969+991+234") && body.contains("ke_lai=%C4%91"), "{body}");
                step(r#"<input type="hidden" name="buoc" value="xem-lai">"#, "", "gui")
            }
            (REPORT, _) => {
                assert!(body.ends_with("di=gui"), "{body}");
                Answering::redirect("/phan-anh/da-nhan/x")
            }
            (APPEAL, "GET") => Answering::html(
                r#"<form method=post action="/xem-xet-lai" enctype="multipart/form-data"><input type=hidden name=khoa value=k>
                   <input name=so><input name=ten><input name=lien_he><textarea name=trinh_bay></textarea><input type=file name=tep></form>"#,
            ),
            (APPEAL, _) => {
                let kind = asked.header("content-type").unwrap();
                assert!(kind.starts_with("multipart/form-data; boundary="), "{kind}");
                assert!(
                    body.contains("name=\"khoa\"\r\n\r\nk\r\n") && body.contains("0969 991 234"),
                    "{body}"
                );
                Answering::redirect("/xem-xet-lai/t/da-nhan")
            }
            _ => Answering::html("ok"),
        }
    }

    fn a_report() -> WebReport {
        WebReport {
            source: star(),
            words: "đòi tiền".to_owned(),
            commune: String::new(),
            phone: String::new(),
            lost: String::new(),
        }
    }

    #[tokio::test]
    async fn a_report_is_filed_page_by_page_and_gives_its_code() {
        let base = serve(site).await;
        assert_eq!(report_after(&base, &a_report(), AT_ONCE).await.unwrap(), "4827 1935");
    }

    #[tokio::test]
    async fn a_reconsideration_is_asked_for_with_what_the_form_hides() {
        let base = serve(site).await;
        let appeal = Appeal { number: star(), contact: "0970 000 386".to_owned(), statement: "x".to_owned() };
        assert_eq!(reconsider_after(&base, &appeal, AT_ONCE).await.unwrap(), "/xem-xet-lai/t/da-nhan");
    }

    #[tokio::test]
    async fn a_page_that_is_not_as_expected_is_named() {
        let base = serve(|_| Answering::html("<h1>Bảo trì</h1>")).await;
        let error = report_after(&base, &a_report(), AT_ONCE).await.unwrap_err();
        assert!(format!("{error:#}").contains("Bảo trì"), "{error:#}");
        let base = serve(|_| Answering::status(503)).await;
        assert!(report_after(&base, &a_report(), AT_ONCE).await.unwrap_err().to_string().contains("503"));
    }
}
