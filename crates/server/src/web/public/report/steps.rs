//! The order of the pages of a report: one thing a page, which page comes next, what each page asks.

use super::draft::{Draft, Kind, Loss};

/// One page of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// What happened.
    Kind,
    /// Number or sender.
    Source,
    /// What they said.
    Said,
    /// Where the advert is.
    Place,
    /// Whether something was lost.
    Loss,
    /// What to do at once.
    Urgent,
    /// Files.
    Evidence,
    /// Commune and phone.
    Contact,
    /// The code texted to the phone.
    Proof,
    /// Check answers.
    Review,
}

impl Step {
    const ALL: [Self; 10] = [
        Self::Kind,
        Self::Source,
        Self::Said,
        Self::Place,
        Self::Loss,
        Self::Urgent,
        Self::Evidence,
        Self::Contact,
        Self::Proof,
        Self::Review,
    ];

    /// The id in the form.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Kind => "loai",
            Self::Source => "nguon",
            Self::Said => "noi-gi",
            Self::Place => "cho",
            Self::Loss => "mat-tien",
            Self::Urgent => "lam-ngay",
            Self::Evidence => "bang-chung",
            Self::Contact => "lien-he",
            Self::Proof => "xac-nhan-so",
            Self::Review => "xem-lai",
        }
    }

    /// The step with this id.
    pub(crate) fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.id() == id)
    }

    /// The pages this report passes through.
    pub(crate) fn path(draft: &Draft) -> Vec<Self> {
        Self::ALL.into_iter().filter(|step| step.belongs_to(draft)).collect()
    }

    fn belongs_to(self, draft: &Draft) -> bool {
        let is_advert = draft.kind == Some(Kind::Advert);
        match self {
            Self::Place => is_advert,
            Self::Loss => !is_advert,
            Self::Urgent => !is_advert && matches!(draft.loss, Some(Loss::Money | Loss::Secrets)),
            Self::Proof => draft.can_prove && !draft.phone.trim().is_empty(),
            _ => true,
        }
    }

    /// The page after this one.
    pub(crate) fn next(self, draft: &Draft) -> Self {
        let path = Self::path(draft);
        let here = path.iter().position(|step| *step == self);
        here.and_then(|at| path.get(at + 1)).copied().unwrap_or(Self::Review)
    }

    /// The page before this one; the first page has none.
    pub(crate) fn previous(self, draft: &Draft) -> Option<Self> {
        let path = Self::path(draft);
        let here = path.iter().position(|step| *step == self)?;
        here.checked_sub(1).and_then(|at| path.get(at)).copied()
    }

    /// The names of the fields this page asks for; all others it carries along unseen.
    pub(crate) fn asks(self, draft: &Draft) -> &'static [&'static str] {
        match self {
            Self::Kind => &["loai"],
            Self::Source => &["nguon", "khong_so"],
            Self::Said => &["ai", "co", "doi", "ke_lai"],
            Self::Place => &["noi_dan", "xa"],
            Self::Loss => &["mat_tien"],
            Self::Urgent => &["so_tien"],
            Self::Evidence | Self::Review => &[],
            Self::Proof => &["bo_qua_xn"],
            Self::Contact if draft.kind == Some(Kind::Advert) => &["dien_thoai"],
            Self::Contact => &["xa", "dien_thoai"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, loss: Option<Loss>) -> Draft {
        Draft { kind: Some(kind), loss, ..Draft::default() }
    }

    #[test]
    fn whoever_lost_money_sees_the_urgent_steps_before_anything_else_is_asked() {
        let draft = of(Kind::ScamCall, Some(Loss::Money));
        assert_eq!(Step::Loss.next(&draft), Step::Urgent);
        assert_eq!(Step::Urgent.next(&draft), Step::Evidence);
        assert_eq!(Step::Loss.next(&of(Kind::ScamCall, Some(Loss::No))), Step::Evidence);
    }

    #[test]
    fn an_advert_is_asked_for_its_place_and_not_for_losses() {
        let path = Step::path(&of(Kind::Advert, None));
        assert!(path.contains(&Step::Place) && !path.contains(&Step::Loss));
    }

    #[test]
    fn back_undoes_next_on_every_page() {
        for kind in Kind::ALL {
            for loss in [None, Some(Loss::No), Some(Loss::Money)] {
                let draft = of(kind, loss);
                for step in Step::path(&draft) {
                    if step != Step::Review {
                        assert_eq!(step.next(&draft).previous(&draft), Some(step));
                    }
                }
            }
        }
        assert_eq!(Step::Kind.previous(&Draft::default()), None);
    }

    #[test]
    fn ids_read_back() {
        for step in Step::ALL {
            assert_eq!(Step::from_id(step.id()), Some(step));
        }
    }
}
