//! What makes a report look as if a machine had sent it, and the question that is then asked.
//!
//! Nobody is refused: whoever looks like a machine is asked a sum in words, and what comes in floods is kept
//! and marked, and counts for nothing until an officer says otherwise. No third party, no picture, no script.

use std::net::IpAddr;

use canhgiac_domain::text::fold;
use canhgiac_store::StoreError;

use super::draft::Draft;
use crate::app::App;
use crate::intake::{hex, unhex};
use crate::web::public::guard::{self, Seen};
use crate::web::public::prove::{address_key, day};

/// Reports from one address a day before it is asked: whole communes share one at mobile operators.
pub(crate) const ADDRESS_ASKED: i64 = 40;
/// Reports from one address a day that count.
pub(crate) const ADDRESS_COUNTED: i64 = 120;
/// Reports on the site a day before everybody is asked.
const SITE_ASKED: i64 = 20_000;
/// Reports on the site a day that count.
const SITE_COUNTED: i64 = 100_000;

const WORDS: [&str; 19] = [
    "không",
    "một",
    "hai",
    "ba",
    "bốn",
    "năm",
    "sáu",
    "bảy",
    "tám",
    "chín",
    "mười",
    "mười một",
    "mười hai",
    "mười ba",
    "mười bốn",
    "mười lăm",
    "mười sáu",
    "mười bảy",
    "mười tám",
];
const MARK: &str = "ask:";

/// What was noticed about one sending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Look {
    /// Ask before taking it.
    pub(crate) asks: bool,
    /// Take it, but count it for nothing.
    pub(crate) doubts: Vec<String>,
}

/// Looks at a form that is about to be taken.
///
/// # Errors
/// What the database said.
pub(crate) async fn look(
    app: &App,
    draft: &Draft,
    form: &str,
    address: Option<IpAddr>,
) -> Result<Look, StoreError> {
    let mut look = Look::default();
    let mut doubt = |id: &str| look.doubts.push(id.to_owned());
    if draft.is_trapped {
        doubt("trap");
        look.asks = true;
    }
    if guard::read(&app.keys, &draft.guard, app.clock.now_us()) == Seen::TooFast {
        look.doubts.push("too_fast".to_owned());
        look.asks = true;
    }
    let today = day(app);
    for (key, asked, counted, id) in budgets(app, address) {
        let used = app.store.budget_used(&key, today).await?;
        look.asks |= used >= asked;
        if used >= counted {
            look.doubts.push(id.to_owned());
        }
    }
    if app.store.budget_used(&form_key(app, form), today).await? > 0 {
        look.doubts.push("repeated".to_owned());
    }
    Ok(look)
}

/// Counts a form that was taken.
///
/// # Errors
/// What the database said.
pub(crate) async fn spend(app: &App, form: &str, address: Option<IpAddr>) -> Result<(), StoreError> {
    let today = day(app);
    for (key, ..) in budgets(app, address) {
        app.store.spend_budget(&key, today).await?;
    }
    app.store.spend_budget(&form_key(app, form), today).await?;
    Ok(())
}

fn budgets(app: &App, address: Option<IpAddr>) -> Vec<(Vec<u8>, i64, i64, &'static str)> {
    let mut list = vec![(b"reports".to_vec(), SITE_ASKED, SITE_COUNTED, "site")];
    if let Some(address) = address {
        list.push((address_key(app, "report", address), ADDRESS_ASKED, ADDRESS_COUNTED, "address"));
    }
    list
}

fn form_key(app: &App, form: &str) -> Vec<u8> {
    app.keys.hash_number(&format!("form:{form}"))
}

/// A sum in words with the sealed note of its answer, for this form alone.
///
/// # Errors
/// When it cannot be sealed.
pub(crate) fn question(app: &App, form: &str) -> anyhow::Result<(String, String)> {
    let dice = crate::keys::new_code()?.into_bytes();
    let one = usize::from(dice.first().copied().unwrap_or(0) % 9) + 1;
    let other = usize::from(dice.last().copied().unwrap_or(0) % 9) + 1;
    let clear = format!("{MARK}{}:{form}", one + other);
    Ok((format!("{} cộng {}", WORDS[one], WORDS[other]), hex(&app.keys.seal(clear.as_bytes())?)))
}

/// Whether the answer is right; a note of another form or one we did not write never is.
pub(crate) fn is_answered(app: &App, note: &str, typed: &str, form: &str) -> bool {
    let opened = unhex(note).and_then(|sealed| app.keys.open_text(&sealed).ok());
    let Some((answer, of)) =
        opened.as_deref().and_then(|clear| clear.strip_prefix(MARK)).and_then(|clear| clear.split_once(':'))
    else {
        return false;
    };
    let typed = fold(typed.trim());
    let word = answer.parse::<usize>().ok().and_then(|sum| WORDS.get(sum)).map(|word| fold(word));
    of == form && (typed == answer || word == Some(typed))
}
