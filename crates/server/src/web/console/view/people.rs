//! Accounts of the staff, and the audit trail.

use super::common::{Action, Field, Mark, Pager, Shell, When};
use askama::Template;

/// The people who may sign in.
#[derive(Debug, Template)]
#[template(path = "console/people.html")]
pub(crate) struct PeoplePage {
    pub(crate) page: Shell,
    pub(crate) rows: Vec<PersonRow>,
    /// The form to add somebody.
    pub(crate) add: Action,
}

/// One account.
#[derive(Debug, Clone)]
pub(crate) struct PersonRow {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) role: String,
    pub(crate) unit: String,
    pub(crate) state: Mark,
    pub(crate) last_seen: When,
}

/// One account, to change.
#[derive(Debug, Template)]
#[template(path = "console/person.html")]
pub(crate) struct PersonPage {
    pub(crate) page: Shell,
    pub(crate) row: PersonRow,
    pub(crate) actions: Vec<Action>,
}

/// A new password, shown once.
#[derive(Debug, Template)]
#[template(path = "console/password.html")]
pub(crate) struct PasswordPage {
    pub(crate) page: Shell,
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) password: String,
}

/// Who did what.
#[derive(Debug, Template)]
#[template(path = "console/audit.html")]
pub(crate) struct AuditPage {
    pub(crate) page: Shell,
    /// The one thing shown, when narrowed to one.
    pub(crate) narrowed: Option<String>,
    pub(crate) rows: Vec<AuditRow>,
    pub(crate) pager: Pager,
}

/// One entry of the trail.
#[derive(Debug, Clone)]
pub(crate) struct AuditRow {
    pub(crate) at: When,
    pub(crate) who: String,
    pub(crate) what: String,
    pub(crate) thing: String,
    pub(crate) thing_href: String,
    pub(crate) why: String,
}

/// The questions for changing one's own password.
pub(crate) fn password_fields(new_error: &str, current_error: &str) -> Vec<Field> {
    use super::common::FieldKind::Password;
    let mut current = Field::new("hien_tai", "Mật khẩu đang dùng", Password).required().error(current_error);
    current.autocomplete = "current-password".to_owned();
    let mut new = Field::new("moi", "Mật khẩu mới", Password)
        .required()
        .hint("Ít nhất 12 ký tự. Một câu dễ nhớ tốt hơn một từ khó nhớ.")
        .error(new_error);
    new.autocomplete = "new-password".to_owned();
    let mut again = Field::new("nhac_lai", "Nhập lại mật khẩu mới", Password).required();
    again.autocomplete = "new-password".to_owned();
    vec![current, new, again]
}
