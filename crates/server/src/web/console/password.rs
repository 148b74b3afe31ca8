//! Passwords: argon2id with the library's recommended cost, and one-time passwords that must be
//! replaced at the first sign-in.
//!
//! A one-time password is marked by a prefix before its hash, so that the mark cannot be lost
//! apart from the hash. Hashing takes tens of milliseconds and runs beside the async workers.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};

/// Shortest password taken.
pub(crate) const LENGTH_MIN: usize = 12;
/// Longest password taken: argon2 takes more, a form should not.
pub(crate) const LENGTH_MAX: usize = 200;

/// Marks a hash whose password must be replaced.
const ONCE: &str = "once:";
/// A hash of nothing anybody knows, so that an unknown account takes as long as a known one.
const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Jv2hEJzUFH4WJ0ZsI8Uvm4Wc2Wc8y4r0GZ3e0m1yDk4";

/// The hash to store for a password; takes tens of milliseconds, so not for async workers.
///
/// # Errors
/// When the system has no randomness to give.
pub(crate) fn hash_now(password: &str) -> anyhow::Result<String> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    Ok(hash.to_string())
}

/// The hash to store for a password.
///
/// # Errors
/// When the system has no randomness to give or a worker died.
pub(crate) async fn hash(password: &str) -> anyhow::Result<String> {
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || hash_now(&password)).await?
}

/// The hash to store for a password that must be replaced at the first sign-in.
///
/// # Errors
/// As [`hash`].
pub(crate) async fn hash_once(password: &str) -> anyhow::Result<String> {
    Ok(format!("{ONCE}{}", hash(password).await?))
}

/// Whether the password behind this hash must be replaced.
pub(crate) fn must_be_replaced(stored: &str) -> bool {
    stored.starts_with(ONCE)
}

/// Whether `password` is the one behind `stored`; without a stored hash it takes as long and is not.
///
/// # Errors
/// When a worker died.
pub(crate) async fn is_right(password: &str, stored: Option<&str>) -> anyhow::Result<bool> {
    let is_known = stored.is_some();
    let stored = stored.unwrap_or(DUMMY);
    let stored = stored.strip_prefix(ONCE).unwrap_or(stored).to_owned();
    let password = password.to_owned();
    let matches = tokio::task::spawn_blocking(move || {
        Argon2::default().verify_password(password.as_bytes(), stored.as_str()).is_ok()
    })
    .await?;
    Ok(matches && is_known)
}

/// Why this cannot be a new password; empty when it can.
pub(crate) fn problem(new: &str, again: &str, current: &str) -> &'static str {
    if new.chars().count() < LENGTH_MIN {
        "Mật khẩu mới cần ít nhất 12 ký tự."
    } else if new.len() > LENGTH_MAX {
        "Mật khẩu mới dài quá 200 ký tự."
    } else if new == current {
        "Mật khẩu mới phải khác mật khẩu đang dùng."
    } else if new != again {
        "Hai lần nhập mật khẩu mới chưa giống nhau."
    } else {
        ""
    }
}

/// A readable one-time password: four groups, about 70 bits.
///
/// # Errors
/// When the system has no randomness to give.
pub(crate) fn new_one_time() -> anyhow::Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    Ok(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_opens_its_hash() {
        let stored = hash("một câu đủ dài để nhớ").await.unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        assert!(is_right("một câu đủ dài để nhớ", Some(&stored)).await.unwrap());
        assert!(!is_right("một câu đủ dài để nhớ ", Some(&stored)).await.unwrap());
        assert!(!is_right("một câu đủ dài để nhớ", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_one_time_password_opens_and_is_marked() {
        let stored = hash_once("kahi-mora-tevu-5123").await.unwrap();
        assert!(must_be_replaced(&stored));
        assert!(is_right("kahi-mora-tevu-5123", Some(&stored)).await.unwrap());
        assert!(!must_be_replaced(&hash("kahi-mora-tevu-5123").await.unwrap()));
    }

    #[test]
    fn a_short_repeated_or_mistyped_password_is_refused() {
        assert!(problem("ngắn", "ngắn", "").contains("12"));
        assert!(problem("đủ dài rồi nhé", "đủ dài rồi nha", "").contains("giống"));
        assert!(problem("đủ dài rồi nhé", "đủ dài rồi nhé", "đủ dài rồi nhé").contains("khác"));
        assert_eq!(problem("đủ dài rồi nhé", "đủ dài rồi nhé", "cũ"), "");
    }

    #[test]
    fn one_time_passwords_differ_and_are_long_enough_to_be_taken() {
        let one = new_one_time().unwrap();
        assert_ne!(one, new_one_time().unwrap());
        assert_eq!(one.len(), 19);
        assert_eq!(problem(&one, &one, ""), "");
    }
}
