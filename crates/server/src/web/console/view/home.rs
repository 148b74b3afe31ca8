//! The console's first page and the pages around signing in.

use super::common::{Field, Mark, Shell, When};
use crate::web::chart::{Bars, Columns};
use askama::Template;

/// Today at a glance, and what waits for the person who looks.
#[derive(Debug, Template)]
#[template(path = "console/home.html")]
pub(crate) struct HomePage {
    pub(crate) page: Shell,
    /// What waits for this person, most pressing first.
    pub(crate) waiting: Vec<Waiting>,
    /// The day's figures.
    pub(crate) figures: Vec<Figure>,
    /// Reports of today by hour and kind.
    pub(crate) by_hour: Columns,
    /// What the texts wanted, and what was wrong with them.
    pub(crate) by_intent: Bars,
    /// What impostors pretended, today.
    pub(crate) by_facet: Bars,
    /// Replies sent, failed and uncertain.
    pub(crate) replies: Bars,
    /// Whether the role works with these figures.
    pub(crate) shows_figures: bool,
}

/// One thing to do.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    /// `Duyệt cảnh báo “…”`.
    pub(crate) what: String,
    /// Where to do it.
    pub(crate) href: String,
    /// Since when it waits.
    pub(crate) since: When,
    /// How pressing it is, in words.
    pub(crate) mark: Mark,
}

/// One number of the day.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// `1.234`.
    pub(crate) value: String,
    /// What it counts.
    pub(crate) label: String,
    /// How it stands against yesterday or a limit; empty shows nothing.
    pub(crate) note: String,
    /// Where the things counted are listed.
    pub(crate) href: String,
    /// True when it wants a look, said by the note too.
    pub(crate) is_pressing: bool,
}

/// The sign-in form.
#[derive(Debug, Template)]
#[template(path = "console/sign_in.html")]
pub(crate) struct SignInPage {
    pub(crate) page: Shell,
    /// Why the last try failed; empty at the first.
    pub(crate) problem: String,
    /// The account name typed.
    pub(crate) account: String,
    /// The page wanted before sign-in, a path inside the console.
    pub(crate) next: String,
    /// Accounts to try, in the demo only: account, password, role.
    pub(crate) demo_accounts: Vec<(String, String, String)>,
}

/// The person's own account: change the password, see the role.
#[derive(Debug, Template)]
#[template(path = "console/own_account.html")]
pub(crate) struct OwnAccountPage {
    pub(crate) page: Shell,
    /// Current, new, new again.
    pub(crate) fields: Vec<Field>,
    /// True after a reset: nothing else works until a new password is set.
    pub(crate) is_forced: bool,
}

/// A page that says what went wrong and what to do.
#[derive(Debug, Template)]
#[template(path = "console/error.html")]
pub(crate) struct ErrorPage {
    pub(crate) page: Shell,
    /// What happened.
    pub(crate) what: String,
    /// What can be done now.
    pub(crate) advice: Vec<String>,
    /// Links that help: words and path.
    pub(crate) ways: Vec<(String, String)>,
}

/// The keys and what they do, for reading without a script too.
#[derive(Debug, Template)]
#[template(path = "console/keys.html")]
pub(crate) struct KeysPage {
    pub(crate) page: Shell,
}
