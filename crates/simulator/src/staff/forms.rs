//! Where things stand in the console: paths, ends of form targets, names of fields. The one file to change when its
//! pages move.

/// The sign-in page, and its form's fields.
pub(super) const SIGN_IN: &str = "/can-bo/dang-nhap";
pub(super) const ACCOUNT: &str = "tai_khoan";
pub(super) const PASSWORD: &str = "mat_khau";

/// The list of cases; its search box, and the fact that tells how many people reported.
pub(super) const CASES: &str = "/can-bo/vu-viec";
pub(super) const SEARCH: &str = "tim";
pub(super) const VOICES: &str = "Người phản ánh";

/// Steps of a case, as their forms' targets end.
pub(super) const CONFIRM: &str = "/xac-nhan";
pub(super) const REFER: &str = "/chuyen-cong-an";
pub(super) const BLOCK: &str = "/tam-khoa";
pub(super) const KEEP: &str = "/giu-khoa";
/// Why a step is taken.
pub(super) const REASON: &str = "ly_do";

/// Drafting a warning from a case.
pub(super) const DRAFT: &str = "/can-bo/canh-bao/moi";
pub(super) const SAVE: (&str, &str) = ("viec", "luu");
/// Drafts that wait, a warning's page, and its approval.
pub(super) const DRAFTS: &str = "/can-bo/canh-bao?trang_thai=draft";
pub(super) const WARNINGS: &str = "/can-bo/canh-bao/";
pub(super) const APPROVE: &str = "/duyet";

/// Referrals, and their acknowledgement.
pub(super) const REFERRALS: &str = "/can-bo/chuyen-cong-an";
pub(super) const ACKNOWLEDGE: &str = "/tiep-nhan";
pub(super) const NOTE: &str = "ghi_chu";
