//! The templates that handlers fill with values from the store.

use askama::Template;

use super::view::{CheckedItem, Errors, Sign, StatusView, Verdict, WarningCard, WarningPage};
use crate::web::page::Page;

/// `/`
#[derive(Template)]
#[template(path = "public/home.html")]
pub(crate) struct HomePage {
    /// The frame.
    pub(crate) page: Page,
    /// What is wrong with what was typed.
    pub(crate) errors: Errors,
    /// What was typed.
    pub(crate) typed: String,
    /// Newest live warnings.
    pub(crate) warnings: Vec<WarningCard>,
}

/// Signs shown at once; what to do must not be pushed off the first screens.
const SIGNS_SHOWN: usize = 2;

/// `/kiem-tra`
#[derive(Template)]
#[template(path = "public/check.html")]
pub(crate) struct CheckPage {
    /// The frame.
    pub(crate) page: Page,
    /// The worst of all verdicts.
    pub(crate) overall: Verdict,
    /// Each thing that was found in what was typed; at least one.
    pub(crate) items: Vec<CheckedItem>,
    /// Signs of fraud in the words.
    pub(crate) signs: Vec<Sign>,
    /// The text was longer than is looked at.
    pub(crate) is_cut: bool,
    /// The number or name to report, if there is one.
    pub(crate) reportable: Option<String>,
    /// The pasted words, to report them without typing them again; may be empty.
    pub(crate) words: String,
    /// Live warnings that fit.
    pub(crate) warnings: Vec<WarningCard>,
}

impl CheckPage {
    /// Whether nothing explains the verdict yet.
    fn has_no_reason(&self) -> bool {
        self.signs.is_empty() && self.items.iter().all(|item| item.reasons.is_empty())
    }
}

/// `/canh-bao`
#[derive(Template)]
#[template(path = "public/warnings.html")]
pub(crate) struct WarningsPage {
    /// The frame.
    pub(crate) page: Page,
    /// Newest first.
    pub(crate) warnings: Vec<WarningCard>,
    /// The address of newer ones.
    pub(crate) newer: Option<String>,
    /// The address of older ones.
    pub(crate) older: Option<String>,
}

/// `/canh-bao/{id}`
#[derive(Template)]
#[template(path = "public/warning.html")]
pub(crate) struct WarningDetail {
    /// The frame.
    pub(crate) page: Page,
    /// The warning.
    pub(crate) warning: WarningPage,
}

/// `/tra-cuu`
#[derive(Template)]
#[template(path = "public/status/ask.html")]
pub(crate) struct StatusAsk {
    /// The frame.
    pub(crate) page: Page,
    /// What is wrong.
    pub(crate) errors: Errors,
    /// The code as typed.
    pub(crate) code: String,
    /// The phone as typed.
    pub(crate) phone: String,
}

/// `/tra-cuu`, after a code was sent.
#[derive(Template)]
#[template(path = "public/status/code.html")]
pub(crate) struct StatusCode {
    /// The frame.
    pub(crate) page: Page,
    /// What is wrong.
    pub(crate) errors: Errors,
    /// The receipt code as typed.
    pub(crate) code: String,
    /// The phone as typed.
    pub(crate) phone: String,
    /// The last digits of the phone.
    pub(crate) phone_tail: String,
}

/// `/tra-cuu/{token}`
#[derive(Template)]
#[template(path = "public/status/view.html")]
pub(crate) struct StatusPage {
    /// The frame.
    pub(crate) page: Page,
    /// What is wrong with files just sent.
    pub(crate) errors: Errors,
    /// Where it stands.
    pub(crate) status: StatusView,
    /// Where the citizen sees, downloads or erases what is held.
    pub(crate) data_path: String,
    /// Where files are sent to.
    pub(crate) evidence_action: String,
    /// Files were just added.
    pub(crate) added: bool,
}

/// What the holder of a blocked number typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AppealForm {
    /// The sealed note of when the form was opened.
    pub(crate) guard: String,
    /// The blocked number.
    pub(crate) number: String,
    /// Name, may be empty.
    pub(crate) name: String,
    /// Phone or e-mail to answer to.
    pub(crate) contact: String,
    /// Why.
    pub(crate) statement: String,
}

/// `/xem-xet-lai`
#[derive(Template)]
#[template(path = "public/appeal/form.html")]
pub(crate) struct AppealPage {
    /// The frame.
    pub(crate) page: Page,
    /// What is wrong.
    pub(crate) errors: Errors,
    /// What was typed.
    pub(crate) form: AppealForm,
}

/// `/xem-xet-lai/{token}/da-nhan`
#[derive(Template)]
#[template(path = "public/appeal/done.html")]
pub(crate) struct AppealDone {
    /// The frame.
    pub(crate) page: Page,
    /// `4827 1935`.
    pub(crate) code: String,
    /// `/xem-xet-lai/…`.
    pub(crate) status_path: String,
    /// The same with scheme and host.
    pub(crate) status_url: String,
}

/// `/xem-xet-lai/{token}`
#[derive(Template)]
#[template(path = "public/appeal/status.html")]
pub(crate) struct AppealStatus {
    /// The frame.
    pub(crate) page: Page,
    /// Where it stands.
    pub(crate) appeal: StatusView,
}
