//! The story against a console made for the test: its pages have the console's forms and no more.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::citizens::{star, wronged};
use crate::web::http_server::{Answering, Asked, serve};

/// What the console of the test knows.
#[derive(Debug, Default)]
struct Console {
    done: Vec<String>,
    looks: u32,
    /// Of each case.
    versions: [u32; 3],
}

fn action(path: &str, version: u32, fields: &str) -> String {
    format!(
        r#"<form method="post" action="{path}"><input type="hidden" name="phien_ban" value="{version}">{fields}
           <textarea name="ly_do" required></textarea><button type="submit">x</button></form>"#
    )
}

impl Console {
    fn is_done(&self, step: &str) -> bool {
        self.done.iter().any(|one| one == step)
    }

    fn case(&self, number: u32) -> String {
        let at = |step: &str| format!("/can-bo/vu-viec/{number}/{step}");
        let mut page = format!("<dl><dt>Người phản ánh khác nhau</dt><dd>{}</dd></dl>", self.looks.min(9));
        let units = r#"<select name="don_vi"><option value="pa05">PA05</option></select>"#;
        match (self.is_done(&at("xac-nhan")), self.is_done(&at("tam-khoa"))) {
            (false, _) => page += &action(&at("xac-nhan"), self.versions[number as usize], ""),
            (true, false) => {
                if !self.is_done(&at("chuyen-cong-an")) {
                    page += &action(&at("chuyen-cong-an"), self.versions[number as usize], units);
                }
                page += &action(&at("tam-khoa"), self.versions[number as usize], "");
            }
            (true, true) => page += &action(&at("giu-khoa"), self.versions[number as usize], ""),
        }
        page + &format!(r#"<a href="/can-bo/canh-bao/moi?vu_viec={number}">Soạn</a>"#)
    }

    fn answer(&mut self, asked: &Asked) -> Answering {
        let path = asked.path.clone();
        let body = String::from_utf8(asked.body.clone()).unwrap();
        let is_in = asked.header("cookie").is_some_and(|cookie| cookie.contains("canbo="));
        if path == forms::SIGN_IN {
            return match (asked.method.as_str(), body.contains("mat_khau=mat+khau")) {
                ("POST", true) => Answering::redirect("/can-bo").with("set-cookie", "canbo=1; Path=/can-bo"),
                _ => Answering::html(
                    r#"<form method="post" action="/can-bo/dang-nhap"><input type="hidden" name="tiep" value="/can-bo">
                       <input name="tai_khoan"><input type="password" name="mat_khau"></form>"#,
                ),
            };
        }
        if !is_in {
            return Answering::redirect(forms::SIGN_IN);
        }
        if asked.method == "POST" && path != forms::CASES {
            assert_eq!(asked.header("sec-fetch-site"), Some("same-origin"));
            if path.contains("/vu-viec/") {
                let case = path.split('/').nth(3).unwrap().parse::<usize>().unwrap();
                assert!(body.contains(&format!("phien_ban={}&", self.versions[case])), "{body}");
                assert!(!body.ends_with("ly_do="), "a reason is given");
                self.versions[case] += 1;
            }
            self.done.push(path);
            return Answering::redirect("/can-bo");
        }
        self.looks += 1;
        let draft = "/can-bo/canh-bao/7f";
        Answering::html(&match path.split('?').next().unwrap() {
            forms::CASES => {
                let rows = [(&star(), 1), (&wronged(), 2)].map(|(number, at)| {
                    format!(r#"<a href="/can-bo/vu-viec/{at}"><b>{}</b></a>"#, number.shown())
                });
                let search = r#"<form method="post" action="/can-bo/vu-viec"><input name="tim"></form>"#;
                search.to_owned() + &rows.concat()
            }
            "/can-bo/vu-viec/1" => self.case(1),
            "/can-bo/vu-viec/2" => self.case(2),
            forms::DRAFT => {
                assert_eq!(path, "/can-bo/canh-bao/moi?vu_viec=1");
                r#"<form method="post" action="/can-bo/canh-bao/moi"><input type="hidden" name="vu_viec" value="1">
                   <input name="tieu_de" value="x" required><textarea name="tin_nhan" required>y</textarea>
                   <button name="viec" value="luu">Lưu</button></form>"#
                    .to_owned()
            }
            "/can-bo/canh-bao" if self.is_done(forms::DRAFT) => {
                format!(r#"<a href="/can-bo/canh-bao/moi">Soạn</a><a href="{draft}">x</a>"#)
            }
            path if path == draft => action(&format!("{draft}/duyet"), 1, ""),
            forms::REFERRALS if self.is_done("/can-bo/vu-viec/1/chuyen-cong-an") => {
                r#"<a href="/can-bo/chuyen-cong-an/9a">0969 991 234</a>"#.to_owned()
            }
            "/can-bo/chuyen-cong-an/9a" if !self.is_done("/can-bo/chuyen-cong-an/9a/tiep-nhan") => {
                r#"<form method="post" action="/can-bo/chuyen-cong-an/9a/tiep-nhan"><textarea name="ghi_chu"></textarea></form>"#.to_owned()
            }
            _ => String::new(),
        })
    }
}

fn plan(base_url: &str, password: &str) -> StaffPlan {
    let login = Login { account: "canbo".to_owned(), password: password.to_owned() };
    StaffPlan {
        base_url: base_url.to_owned(),
        logins: StaffLogins { officer: login.clone(), approver: login.clone(), police: login },
        star: star(),
        voices_wanted: 5,
        wronged: wronged(),
        keep_after: Duration::from_millis(10),
        pace: Pace::new(50.0),
    }
}

#[tokio::test]
async fn the_whole_story_is_played_through_the_pages() {
    let console = Arc::new(Mutex::new(Console::default()));
    let shared = console.clone();
    let base = serve(move |asked| shared.lock().unwrap().answer(&asked)).await;
    let staff = Staff::start(plan(&base, "mat khau")).unwrap();
    let mut steps = staff.steps();
    let all = steps.wait_for(|steps| steps.len() >= 9);
    let done: BTreeSet<_> = tokio::time::timeout(Duration::from_secs(30), all)
        .await
        .unwrap_or_else(|_| panic!("{:?}", console.lock().unwrap()))
        .unwrap()
        .iter()
        .map(|step| step.what)
        .collect();
    assert_eq!(done.len(), 9, "{done:?}");
    let paths: BTreeSet<String> = console.lock().unwrap().done.iter().cloned().collect();
    let expected = [
        "/can-bo/vu-viec/1/xac-nhan",
        "/can-bo/vu-viec/1/chuyen-cong-an",
        "/can-bo/vu-viec/1/tam-khoa",
        "/can-bo/vu-viec/1/giu-khoa",
        "/can-bo/vu-viec/2/xac-nhan",
        "/can-bo/vu-viec/2/tam-khoa",
        "/can-bo/canh-bao/moi",
        "/can-bo/canh-bao/7f/duyet",
        "/can-bo/chuyen-cong-an/9a/tiep-nhan",
    ];
    assert_eq!(paths, expected.map(str::to_owned).into());
    staff.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_said_and_nothing_is_done() {
    let console = Arc::new(Mutex::new(Console::default()));
    let shared = console.clone();
    let base = serve(move |asked| shared.lock().unwrap().answer(&asked)).await;
    let plan = Arc::new(plan(&base, "wrong"));
    let person = Person {
        who: "officer",
        login: plan.logins.officer.clone(),
        browser: Browser::new(&base).unwrap(),
        pace: plan.pace,
        steps: Arc::new(watch::channel(Vec::new()).0),
    };
    let refused = person.open(forms::CASES).await.unwrap_err().to_string();
    assert!(refused.contains("not let in"), "{refused}");
    assert!(console.lock().unwrap().done.is_empty());
}
