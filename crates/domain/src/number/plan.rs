//! The dated numbering plan: `data/numbering.toml`.

use super::official::{self, OfficialNumber};
use super::{Source, SourceKind, plan_file};
use crate::datafile::{DataProblem, Reading, Validity};
use jiff::civil::{Date, date};

const FILE: &str = "data/numbering.toml";
const SHIPPED: &str = include_str!("../../../../data/numbering.toml");
const SHIPPED_OFFICIAL: &str = include_str!("../../../../data/official_numbers.toml");

/// After the renumbering of 2018: official numbers are written in today's form.
const OFFICIAL_NUMBERS_READ_ON: Date = date(2026, 1, 1);

/// Vietnam's numbering with its dates: formats, ranges, the renumbering of 2018, services, codes, official numbers.
#[derive(Debug, Clone)]
pub struct NumberingPlan {
    pub(super) formats: Vec<Format>,
    pub(super) ranges: Vec<Range>,
    pub(super) migrations: Vec<Migration>,
    pub(super) services: Vec<Service>,
    pub(super) codes: Vec<Code>,
    pub(super) officials: Vec<OfficialNumber>,
}

/// What a Vietnamese subscriber number is, by its first digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LineKind {
    Mobile,
    Fixed,
    Special,
}

#[derive(Debug, Clone)]
pub(super) struct Format {
    pub(super) starts: String,
    pub(super) digits: Vec<usize>,
    pub(super) kind: LineKind,
    pub(super) validity: Validity,
}

#[derive(Debug, Clone)]
pub(super) struct Range {
    /// Without the trunk 0.
    pub(super) prefix: String,
    pub(super) holder: Option<String>,
    pub(super) area: Option<String>,
    pub(super) validity: Validity,
}

#[derive(Debug, Clone)]
pub(super) struct Migration {
    /// Both without the trunk 0.
    pub(super) from: String,
    pub(super) to: String,
    pub(super) keep: usize,
    pub(super) validity: Validity,
}

#[derive(Debug, Clone)]
pub(super) struct Service {
    pub(super) starts: String,
    pub(super) digits: Vec<usize>,
    pub(super) validity: Validity,
}

#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) length: usize,
    pub(super) is_never_blockable: bool,
    pub(super) validity: Validity,
}

impl NumberingPlan {
    /// Reads both files; `with_demo` also takes the made-up official numbers.
    pub fn parse(
        numbering: &str,
        official_numbers: &str,
        with_demo: bool,
    ) -> Result<NumberingPlan, DataProblem> {
        let mut plan = plan_file::read(Reading::new(FILE, numbering))?;
        plan.officials = official::parse(official_numbers, &plan, OFFICIAL_NUMBERS_READ_ON, with_demo)?;
        Ok(plan)
    }

    /// The plan shipped with the product.
    pub fn shipped(with_demo: bool) -> Result<NumberingPlan, DataProblem> {
        NumberingPlan::parse(SHIPPED, SHIPPED_OFFICIAL, with_demo)
    }

    /// The id of the operator that was given the number's range. Because of number portability it need not serve the
    /// number today. `None` for fixed lines, foreign numbers, services, codes and names.
    pub fn range_holder(&self, source: &Source, on: Date) -> Option<&str> {
        self.range(source.vietnamese_significant()?, on)?.holder.as_deref()
    }

    /// The area of a fixed line, such as `Đắk Lắk`, by the provinces of 2017.
    pub fn fixed_area(&self, source: &Source, on: Date) -> Option<&str> {
        self.range(source.vietnamese_significant()?, on)?.area.as_deref()
    }

    /// Whether the number may never be blocked: emergency and public short codes, and every official number.
    pub fn is_never_blockable(&self, source: &Source, on: Date) -> bool {
        self.official_owner(source, on).is_some()
            || self
                .code(source.canonical(), on)
                .is_some_and(|code| source.kind() == SourceKind::ShortCode && code.is_never_blockable)
    }

    /// Whose official number this is. It never vouches for a call: caller IDs are forged.
    pub fn official_owner(&self, source: &Source, on: Date) -> Option<&OfficialNumber> {
        self.officials.iter().find(|official| official.source() == source && official.validity.holds_on(on))
    }

    /// All official numbers registered on that day.
    pub fn official_numbers(&self, on: Date) -> impl Iterator<Item = &OfficialNumber> {
        self.officials.iter().filter(move |official| official.validity.holds_on(on))
    }

    /// Whether it is a Vietnamese mobile subscriber: the only ones who are answered by SMS.
    pub fn is_mobile_subscriber(&self, source: &Source, on: Date) -> bool {
        source
            .vietnamese_significant()
            .is_some_and(|significant| self.line_kind(significant, on) == Some(LineKind::Mobile))
    }

    /// Whether a caller can hardly have this number, so that it was probably forged: nobody was given its range, or it
    /// only takes calls (emergency and public codes), or it is an official number.
    pub fn is_spoofed_looking(&self, source: &Source, on: Date) -> bool {
        match source.kind() {
            SourceKind::SenderName | SourceKind::Service => false,
            SourceKind::ShortCode => true,
            SourceKind::Subscriber => match source.vietnamese_significant() {
                Some(significant) => {
                    self.range(significant, on).is_none() || self.official_owner(source, on).is_some()
                }
                None => false,
            },
        }
    }

    /// Whether somebody was given the number's range on that day.
    pub fn is_in_known_range(&self, source: &Source, on: Date) -> bool {
        source.vietnamese_significant().is_some_and(|significant| self.range(significant, on).is_some())
    }

    pub(super) fn line_kind(&self, significant: &str, on: Date) -> Option<LineKind> {
        self.formats
            .iter()
            .find(|format| {
                significant.starts_with(&format.starts)
                    && format.digits.contains(&significant.len())
                    && format.validity.holds_on(on)
            })
            .map(|format| format.kind)
    }

    /// Today's digits of a number in the numbering before 2018.
    pub(super) fn migrated(&self, significant: &str, on: Date) -> Option<String> {
        self.migrations.iter().find_map(|migration| {
            let kept = significant.strip_prefix(&migration.from)?;
            (kept.len() == migration.keep && migration.validity.holds_on(on))
                .then(|| format!("{}{kept}", migration.to))
        })
    }

    pub(super) fn is_service(&self, dialled: &str, on: Date) -> bool {
        self.services.iter().any(|service| {
            dialled.starts_with(&service.starts)
                && service.digits.contains(&dialled.len())
                && service.validity.holds_on(on)
        })
    }

    pub(super) fn is_code(&self, dialled: &str, on: Date) -> bool {
        self.code(dialled, on).is_some()
    }

    fn code(&self, dialled: &str, on: Date) -> Option<&Code> {
        let value: u32 = dialled.parse().ok()?;
        self.codes.iter().find(|code| {
            code.length == dialled.len()
                && (code.from..=code.to).contains(&value)
                && code.validity.holds_on(on)
        })
    }

    /// The range with the longest prefix.
    fn range(&self, significant: &str, on: Date) -> Option<&Range> {
        self.ranges
            .iter()
            .filter(|range| significant.starts_with(&range.prefix) && range.validity.holds_on(on))
            .max_by_key(|range| range.prefix.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::parse_number;

    const TODAY: Date = date(2026, 11, 23);

    fn plan() -> NumberingPlan {
        NumberingPlan::shipped(true).unwrap()
    }

    fn source(plan: &NumberingPlan, number: &str) -> Source {
        parse_number(number, plan, TODAY).unwrap().source
    }

    #[test]
    fn every_mobile_range_has_its_holder() {
        let plan = plan();
        for (prefixes, holder) in [
            ("032 033 034 035 036 037 038 039 086 096 097 098", "viettel"),
            ("081 082 083 084 085 088 091 094", "vinaphone"),
            ("070 076 077 078 079 089 090 093", "mobifone"),
            ("052 056 058 092", "vietnamobile"),
            ("059 099", "gmobile"),
            ("087", "itel"),
            ("055", "wintel"),
        ] {
            for prefix in prefixes.split(' ') {
                let mobile = source(&plan, &format!("{prefix}0000001"));
                assert_eq!(plan.range_holder(&mobile, TODAY), Some(holder), "{prefix}");
                assert!(plan.is_mobile_subscriber(&mobile, TODAY));
                assert!(!plan.is_spoofed_looking(&mobile, TODAY));
            }
        }
    }

    #[test]
    fn fixed_lines_know_their_area_and_are_not_answered_by_sms() {
        let plan = plan();
        for (number, area) in
            [("0262 3812 345", "Đắk Lắk"), ("0257 3812 345", "Phú Yên"), ("024 3812 3456", "Hà Nội")]
        {
            let fixed = source(&plan, number);
            assert_eq!(plan.fixed_area(&fixed, TODAY), Some(area));
            assert_eq!(plan.range_holder(&fixed, TODAY), None);
            assert!(!plan.is_mobile_subscriber(&fixed, TODAY));
        }
        for number in ["+44 20 7946 0958", "1900 1234", "113", "069 234 5678"] {
            assert!(!plan.is_mobile_subscriber(&source(&plan, number), TODAY), "{number}");
        }
    }

    #[test]
    fn emergency_and_official_numbers_are_never_blockable() {
        let plan = plan();
        for number in ["110", "113", "119", "156", "5656", "1022", "0262 0000 113"] {
            assert!(plan.is_never_blockable(&source(&plan, number), TODAY), "{number}");
        }
        for number in ["0912345678", "19001234", "8088", "198"] {
            assert!(!plan.is_never_blockable(&source(&plan, number), TODAY), "{number}");
        }
        let police = source(&plan, "113");
        assert!(plan.official_owner(&police, TODAY).unwrap().owner().contains("Công an"));
        assert!(plan.is_spoofed_looking(&police, TODAY));
    }

    #[test]
    fn demo_numbers_are_official_only_in_the_demo() {
        let demo = source(&plan(), "0262 0000 113");
        assert!(plan().official_owner(&demo, TODAY).unwrap().is_demo());
        let real = NumberingPlan::shipped(false).unwrap();
        assert!(real.official_owner(&demo, TODAY).is_none());
        assert!(real.official_numbers(TODAY).all(|official| !official.is_demo()));
    }

    #[test]
    fn an_entry_holds_only_in_its_days() {
        let early = date(2022, 10, 31);
        let plan = plan();
        let code = source(&plan, "156");
        assert!(plan.official_owner(&code, early).is_none());
        assert!(plan.official_owner(&code, date(2022, 11, 1)).is_some());
    }

    #[test]
    fn mistakes_in_the_file_are_named_with_line_and_remedy() {
        for (from, to, expected) in [
            ("\"055\"", "\"55\"", "leading 0"),
            ("\"055\"", "\"086\"", "valid_to"),
            ("holder = \"wintel\"", "holdr = \"wintel\"", "holdr"),
            ("from = \"156\"", "from = \"56\"", "same length"),
            ("\nkind = \"mobile\"", "\nkind = \"fixed\"", "mobile"),
            ("valid_from = 2018-09-15", "valid_from = 09:00:00", "2026-01-31"),
        ] {
            let broken = SHIPPED.replacen(from, to, 1);
            assert_ne!(broken, SHIPPED, "{from} not found");
            let problem = NumberingPlan::parse(&broken, SHIPPED_OFFICIAL, true).unwrap_err();
            assert!(problem.to_string().contains(expected), "{problem}");
            assert!(problem.to_string().starts_with("data/numbering.toml"), "{problem}");
        }
        let broken = SHIPPED_OFFICIAL.replacen("\"113\"", "\"00\"", 1);
        let problem = NumberingPlan::parse(SHIPPED, &broken, true).unwrap_err();
        assert!(problem.line().is_some() && problem.to_string().contains("dialled"), "{problem}");
    }
}
