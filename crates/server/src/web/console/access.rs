//! Who may open what: one table of every console route and its rule.
//!
//! A route that is not in the table opens for nobody; a test goes through the table and the roles.

use canhgiac_domain::account::{Right, Role};

/// What it takes to open a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Nothing: signing in.
    Anyone,
    /// Being signed in.
    Staff,
    /// One of these rights.
    Needs(&'static [Right]),
}

use Right::{
    ApproveBulletins, CorrectReports, DecideReconsiderations, ManagePeople, MendOperations, OpenReporter,
    ReadAudit, ReadReports, ReceiveReferrals, SeeOperations, ServeCitizensData, TakeInReports, WorkCases,
    WriteBulletins,
};
use Rule::{Anyone, Needs, Staff};

/// Every route of the console: method, path, rule.
pub(super) const TABLE: &[(&str, &str, Rule)] = &[
    ("GET", "/can-bo/dang-nhap", Anyone),
    ("POST", "/can-bo/dang-nhap", Anyone),
    ("POST", "/can-bo/dang-xuat", Staff),
    ("GET", "/can-bo", Staff),
    ("GET", "/can-bo/phim-tat", Staff),
    ("GET", "/can-bo/tai-khoan", Staff),
    ("POST", "/can-bo/tai-khoan", Staff),
    ("GET", "/can-bo/phan-anh", Needs(&[ReadReports])),
    ("POST", "/can-bo/phan-anh", Needs(&[ReadReports])),
    ("GET", "/can-bo/phan-anh/moi", Needs(&[ReadReports])),
    ("GET", "/can-bo/phan-anh/{seq}", Needs(&[ReadReports])),
    ("POST", "/can-bo/phan-anh/{seq}/sua", Needs(&[CorrectReports])),
    ("POST", "/can-bo/phan-anh/{seq}/xong", Needs(&[CorrectReports])),
    ("POST", "/can-bo/phan-anh/{seq}/mo-so", Needs(&[OpenReporter])),
    ("GET", "/can-bo/phan-anh/{seq}/chung-cu/{hash}", Needs(&[ReadReports, ReceiveReferrals])),
    ("GET", "/can-bo/tiep-nhan", Needs(&[TakeInReports])),
    ("GET", "/can-bo/tiep-nhan/moi", Needs(&[TakeInReports])),
    ("POST", "/can-bo/tiep-nhan/moi", Needs(&[TakeInReports])),
    ("GET", "/can-bo/tiep-nhan/{seq}", Needs(&[TakeInReports])),
    ("POST", "/can-bo/tiep-nhan/{seq}/tep", Needs(&[TakeInReports])),
    ("GET", "/can-bo/vu-viec", Needs(&[ReadReports])),
    ("POST", "/can-bo/vu-viec", Needs(&[ReadReports])),
    ("GET", "/can-bo/vu-viec/{number}", Needs(&[ReadReports])),
    ("POST", "/can-bo/vu-viec/{number}/{step}", Needs(&[WorkCases])),
    ("GET", "/can-bo/chuyen-cong-an", Needs(&[ReadReports, ReceiveReferrals])),
    ("GET", "/can-bo/chuyen-cong-an/{id}", Needs(&[ReadReports, ReceiveReferrals])),
    ("POST", "/can-bo/chuyen-cong-an/{id}/tiep-nhan", Needs(&[ReceiveReferrals])),
    ("GET", "/can-bo/nha-mang", Needs(&[ReadReports, SeeOperations])),
    ("GET", "/can-bo/canh-bao", Needs(&[WriteBulletins])),
    ("GET", "/can-bo/canh-bao/moi", Needs(&[WriteBulletins])),
    ("POST", "/can-bo/canh-bao/moi", Needs(&[WriteBulletins])),
    ("GET", "/can-bo/canh-bao/{id}", Needs(&[WriteBulletins])),
    ("GET", "/can-bo/canh-bao/{id}/sua", Needs(&[WriteBulletins])),
    ("POST", "/can-bo/canh-bao/{id}/sua", Needs(&[WriteBulletins])),
    ("POST", "/can-bo/canh-bao/{id}/duyet", Needs(&[ApproveBulletins])),
    ("POST", "/can-bo/canh-bao/{id}/rut", Needs(&[ApproveBulletins])),
    ("GET", "/can-bo/xem-xet-lai", Needs(&[DecideReconsiderations])),
    ("GET", "/can-bo/xem-xet-lai/{id}", Needs(&[DecideReconsiderations])),
    ("POST", "/can-bo/xem-xet-lai/{id}/{step}", Needs(&[DecideReconsiderations])),
    ("GET", "/can-bo/nguoi-dung", Needs(&[ManagePeople])),
    ("POST", "/can-bo/nguoi-dung", Needs(&[ManagePeople])),
    ("GET", "/can-bo/nguoi-dung/{id}", Needs(&[ManagePeople])),
    ("POST", "/can-bo/nguoi-dung/{id}/{step}", Needs(&[ManagePeople])),
    ("GET", "/can-bo/lien-ket", Needs(&[SeeOperations])),
    ("GET", "/can-bo/tin-gui", Needs(&[SeeOperations])),
    ("POST", "/can-bo/tin-gui/viec/{seq}/chay-lai", Needs(&[MendOperations])),
    ("GET", "/can-bo/nhat-ky", Needs(&[ReadAudit])),
    ("GET", "/can-bo/luu-giu", Needs(&[ReadAudit])),
    ("GET", "/can-bo/du-lieu-ca-nhan", Needs(&[ServeCitizensData])),
    ("POST", "/can-bo/du-lieu-ca-nhan", Needs(&[ServeCitizensData])),
];

/// The rule of a route; none when it is not in the table, which opens it for nobody.
pub(super) fn rule(method: &str, path: &str) -> Option<Rule> {
    let method = if method == "HEAD" { "GET" } else { method };
    TABLE.iter().find(|(known, at, _)| *known == method && *at == path).map(|(_, _, rule)| *rule)
}

impl Rule {
    /// Whether this role (none: nobody is signed in) may pass.
    pub(super) fn lets(self, role: Option<Role>) -> bool {
        match (self, role) {
            (Anyone, _) | (Staff, Some(_)) => true,
            (Needs(rights), Some(role)) => rights.iter().any(|right| role.may(*right)),
            (Staff | Needs(_), None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_passes_without_signing_in_but_to_sign_in() {
        for (method, path, rule) in TABLE {
            assert_eq!(rule.lets(None), path.ends_with("/dang-nhap"), "{method} {path}");
        }
    }

    #[test]
    fn police_open_referrals_and_nothing_of_the_queue() {
        for (method, path, rule) in TABLE {
            let of_referrals = path.contains("chuyen-cong-an") || path.contains("chung-cu");
            if let Needs(_) = rule {
                assert_eq!(rule.lets(Some(Role::Police)), of_referrals, "{method} {path}");
            }
        }
    }

    #[test]
    fn a_commune_opens_its_desk_and_nothing_else() {
        for (method, path, rule) in TABLE {
            if let Needs(_) = rule {
                assert_eq!(
                    rule.lets(Some(Role::Desk)),
                    path.contains("tiep-nhan/") && !path.contains("chuyen")
                        || path.ends_with("/can-bo/tiep-nhan"),
                    "{method} {path}"
                );
            }
        }
    }

    #[test]
    fn an_administrator_opens_no_report_case_or_warning() {
        for (method, path, rule) in TABLE {
            let of_citizens = ["phan-anh", "vu-viec", "chuyen-cong-an", "canh-bao", "xem-xet-lai"];
            if of_citizens.iter().any(|part| path.contains(part)) {
                assert!(!rule.lets(Some(Role::Administrator)), "{method} {path}");
            }
        }
        assert!(rule("GET", "/can-bo/nhat-ky").unwrap().lets(Some(Role::Administrator)));
    }

    #[test]
    fn only_an_administrator_opens_people_and_the_audit_trail() {
        for (method, path, rule) in TABLE {
            if path.contains("nguoi-dung") || path.contains("nhat-ky") {
                for role in Role::ALL {
                    assert_eq!(rule.lets(Some(role)), role == Role::Administrator, "{method} {path}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_route_has_no_rule() {
        assert_eq!(rule("GET", "/can-bo/khong-co"), None);
        assert_eq!(rule("DELETE", "/can-bo"), None);
        assert_eq!(rule("HEAD", "/can-bo"), Some(Staff));
    }
}
