//! Words people read, from `texts/<language>.ftl` (Fluent), so that languages can follow.
//!
//! A key that does not exist shows as itself in brackets; a test sees to it that none is missing.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid, static_loader};

static_loader! {
    static LOCALES = {
        locales: "./texts",
        fallback_language: "vi",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The language a page is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Lang {
    /// Vietnamese.
    #[default]
    Vi,
}

impl Lang {
    /// The language's code as in `<html lang>`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
        }
    }

    const fn id(self) -> LanguageIdentifier {
        match self {
            Self::Vi => langid!("vi"),
        }
    }

    /// The text of this key.
    pub(crate) fn t(self, key: &str) -> String {
        LOCALES.try_lookup(&self.id(), key).unwrap_or_else(|| missing(key))
    }

    /// The text of this key with its named values filled in.
    pub(crate) fn with(self, key: &str, values: &[(&'static str, &str)]) -> String {
        let values: HashMap<Cow<'static, str>, FluentValue<'_>> =
            values.iter().map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(*value))).collect();
        LOCALES.try_lookup_with_args(&self.id(), key, &values).unwrap_or_else(|| missing(key))
    }
}

fn missing(key: &str) -> String {
    tracing::error!(key, "a page asked for a text that does not exist");
    format!("[{key}]")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    const VIETNAMESE: &str = include_str!("../../texts/vi.ftl");

    fn keys() -> BTreeSet<&'static str> {
        VIETNAMESE
            .lines()
            .filter_map(|line| line.split_once(" = ").map(|(key, _)| key))
            .filter(|key| !key.starts_with([' ', '#']))
            .collect()
    }

    /// Everything between quotation marks in templates and in the sources of the web pages.
    fn quoted() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut words = BTreeSet::new();
        let mut folders = vec![root.join("templates"), root.join("src/web")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder of the crate") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(text) = std::fs::read_to_string(&path) {
                    words.extend(text.split('"').map(str::to_owned));
                }
            }
        }
        words
    }

    /// Keys that code or templates ask for by name: `t("…")`, `t1("…"`, `titled("…"`, `lang.with("…"`.
    fn asked() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut keys = BTreeSet::new();
        let mut folders = vec![root.join("templates"), root.join("src/web")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder of the crate") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(text) = std::fs::read_to_string(&path) {
                    for opening in [".t(\"", ".t1(\"", ".t2(\"", "titled(\"", "described(\"", ".with(\""] {
                        let rest = text.split(opening).skip(1);
                        keys.extend(
                            rest.filter_map(|rest| rest.split_once('"')).map(|(key, _)| key.to_owned()),
                        );
                    }
                }
            }
        }
        keys
    }

    #[test]
    fn every_text_that_is_asked_for_exists() {
        let known = keys();
        let missing: Vec<String> =
            asked().into_iter().filter(|key| key.contains('-') && !known.contains(key.as_str())).collect();
        assert!(missing.is_empty(), "not in texts/vi.ftl: {missing:?}");
    }

    #[test]
    fn no_text_is_unused() {
        let quoted = quoted();
        let unused: Vec<&str> = keys().into_iter().filter(|key| !quoted.contains(*key)).collect();
        assert!(unused.is_empty(), "in texts/vi.ftl but asked for nowhere: {unused:?}");
    }

    #[test]
    fn values_are_filled_in_without_marks_around_them() {
        assert_eq!(
            Lang::Vi.with("lost-step-police", &[("so", "113")]),
            "Gọi 113 hoặc đến công an xã, phường gần nhất"
        );
    }

    #[test]
    fn a_missing_text_shows_its_key() {
        let key = ["no", "such", "text"].join("-");
        assert_eq!(Lang::Vi.t(&key), "[no-such-text]");
    }
}
