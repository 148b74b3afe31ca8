//! Which commune typed words mean, with or without accents and however the tone is placed.

use std::sync::LazyLock;

use canhgiac_domain::area::{Areas, Commune};
use canhgiac_domain::text::fold;

/// Most names offered when words could mean several.
const MAX_OFFERED: usize = 6;

/// What typed words may mean.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    /// This one.
    One(&'static Commune),
    /// Several it could be, the first few.
    Several(Vec<&'static Commune>),
    /// None.
    None,
}

/// All communes, by name.
pub(crate) fn all() -> &'static [Commune] {
    static AREAS: LazyLock<Areas> =
        LazyLock::new(|| Areas::shipped().expect("the shipped communes are checked by a test of the domain"));
    AREAS.communes()
}

/// What `typed` names: the whole name first, then a beginning, then any part of it.
pub(crate) fn find(typed: &str) -> Found {
    let wanted = fold(typed);
    if wanted.is_empty() {
        return Found::None;
    }
    let tests: [fn(&str, &str) -> bool; 4] = [
        |full, wanted| full == wanted,
        |full, wanted| without_kind(full) == wanted,
        |full, wanted| without_kind(full).starts_with(wanted),
        |full, wanted| full.contains(wanted),
    ];
    for test in tests {
        let hits: Vec<&'static Commune> =
            all().iter().filter(|commune| test(&fold(&commune.full_name), &wanted)).collect();
        match hits.as_slice() {
            [] => {}
            [one] => return Found::One(one),
            _ => return Found::Several(hits.into_iter().take(MAX_OFFERED).collect()),
        }
    }
    Found::None
}

fn without_kind(folded: &str) -> &str {
    folded.strip_prefix("xa ").or_else(|| folded.strip_prefix("phuong ")).unwrap_or(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_commune_is_found_by_its_full_name_with_and_without_accents() {
        assert_eq!(all().len(), 102);
        for commune in all() {
            assert_eq!(find(&commune.full_name), Found::One(commune), "{}", commune.full_name);
            assert_eq!(find(&fold(&commune.full_name)), Found::One(commune), "{}", commune.full_name);
        }
    }

    #[test]
    fn tone_placement_does_not_matter() {
        assert!(
            matches!(find("phường tuy hòa"), Found::One(commune) if commune.full_name == "Phường Tuy Hoà")
        );
    }

    #[test]
    fn what_could_be_several_is_not_guessed() {
        assert!(matches!(find("ea"), Found::Several(several) if several.len() == MAX_OFFERED));
        assert_eq!(find("Hà Nội"), Found::None);
        assert_eq!(find("  "), Found::None);
    }
}
