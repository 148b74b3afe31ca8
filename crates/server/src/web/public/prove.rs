//! Proving that a number is the citizen's own: a code is texted to it and read back.
//!
//! Nobody learns here whether a number is known: whatever becomes of the code, the page is the same. A
//! stranger cannot make us spam a number: codes are limited per number, per address and for the whole site,
//! and the limits survive a restart.

use std::net::IpAddr;

use canhgiac_domain::reply::{Fields, ReplyId};
use canhgiac_store::{NewMessage, SealedNumber, StoreError};

use crate::app::App;
use crate::keys::new_code;

/// A texted code holds for this long.
const CODE_LIFE_US: i64 = 15 * 60 * 1_000_000;
/// Wrong tries at one code.
pub(crate) const CODE_TRIES: i64 = 5;
/// Codes one number is texted in a day, whatever they are for.
pub(crate) const CODES_A_NUMBER: i64 = 4;
/// Time between two codes for one number.
const CODE_PAUSE_US: i64 = 60 * 1_000_000;
/// Codes asked for from one address in a day. Many people share an address at mobile operators.
pub(crate) const CODES_AN_ADDRESS: i64 = 30;
/// Codes the whole site texts in a day.
const CODES_OF_SITE: i64 = 5_000;
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// Today, as budgets count days.
pub(crate) fn day(app: &App) -> i64 {
    app.clock.now_us().div_euclid(DAY_US)
}

/// The key of an address's budget: nobody reads an address out of it.
pub(crate) fn address_key(app: &App, purpose: &str, address: IpAddr) -> Vec<u8> {
    app.keys.hash_number(&format!("{purpose}:{address}"))
}

/// Texts a code to a number for one form, within the limits; beyond them nothing is sent, and nothing said.
///
/// # Errors
/// What the database said.
pub(crate) async fn text_code(
    app: &App,
    to: &SealedNumber,
    form: &[u8],
    address: Option<IpAddr>,
) -> anyhow::Result<()> {
    let now_us = app.clock.now_us();
    let Some((link, from_code)) = app.way_out("", None) else { return Ok(()) };
    let (sent, last_us) = app.store.codes_sent(&to.hash, now_us - DAY_US).await?;
    if sent >= CODES_A_NUMBER || last_us.is_some_and(|last_us| now_us - last_us < CODE_PAUSE_US) {
        metrics::counter!("canhgiac_codes_limited_total", "by" => "number").increment(1);
        return Ok(());
    }
    let today = day(app);
    if let Some(address) = address
        && app.store.spend_budget(&address_key(app, "code", address), today).await? > CODES_AN_ADDRESS
    {
        metrics::counter!("canhgiac_codes_limited_total", "by" => "address").increment(1);
        return Ok(());
    }
    if app.store.spend_budget(b"codes", today).await? > CODES_OF_SITE {
        metrics::counter!("canhgiac_codes_limited_total", "by" => "site").increment(1);
        tracing::warn!("the site has texted as many codes today as it may");
        return Ok(());
    }
    let code = new_code()?;
    let text = app.sms(ReplyId::ProveNumber, &Fields::new().with("otp", &code))?;
    app.store
        .save_phone_code(&to.hash, form, &app.keys.hash_form_code(form, &code), now_us + CODE_LIFE_US)
        .await?;
    let message = NewMessage {
        unique_key: format!("prove:{}:{now_us}", crate::intake::hex(form)),
        purpose: "code".to_owned(),
        object: "form".to_owned(),
        to: to.clone(),
        text,
        link,
        from_code,
        run_us: now_us,
    };
    app.store.add_messages(&[message], None, now_us).await?;
    app.outbox.notify_waiters();
    Ok(())
}

/// Whether this is the code texted to that number for that form; a right one is used up.
///
/// # Errors
/// What the database said.
pub(crate) async fn use_code(
    app: &App,
    number_hash: &[u8],
    form: &[u8],
    typed: &str,
) -> Result<bool, StoreError> {
    let typed: String = typed.chars().filter(|ch| !ch.is_whitespace()).collect();
    if typed.len() != 6 || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(false);
    }
    let hash = app.keys.hash_form_code(form, &typed);
    app.store.use_phone_code(number_hash, form, &hash, CODE_TRIES, app.clock.now_us()).await
}

const MARK: &str = "proof:";

/// The note a form carries when its number is proven.
///
/// # Errors
/// When it cannot be sealed.
pub(crate) fn note(app: &App, number_hash: &[u8], form: &str) -> anyhow::Result<String> {
    let clear = format!("{MARK}{}:{form}", crate::intake::hex(number_hash));
    Ok(crate::intake::hex(&app.keys.seal(clear.as_bytes())?))
}

/// Whether a note says that this number was proven for this form.
pub(crate) fn is_proven(app: &App, note: &str, number_hash: &[u8], form: &str) -> bool {
    let opened = crate::intake::unhex(note).and_then(|sealed| app.keys.open_text(&sealed).ok());
    opened.is_some_and(|clear| clear == format!("{MARK}{}:{form}", crate::intake::hex(number_hash)))
}
