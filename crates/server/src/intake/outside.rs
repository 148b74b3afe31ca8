//! A report as programs send it, by API or as a row of a file: read leniently, refused by field in words that say
//! what to do, in Vietnamese and English.
//!
//! Pure but for the dated rules it is given.

use canhgiac_domain::intake::ReportKind;
use canhgiac_domain::number::{Source, parse_number};
use canhgiac_domain::taxonomy::Taxonomy;
use canhgiac_domain::text::fold;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::ReportForm;
use crate::rules::Rules;
use crate::web::{CommuneFound, WORDS_LIMIT, find_commune, read_amount};

/// Sources one report may name.
pub(crate) const SOURCES_LIMIT: usize = 5;
/// Terms one report may tick.
const TERMS_LIMIT: usize = 30;
/// Longest place, reference and single source, in characters.
const SHORT_LIMIT: usize = 300;
/// Most đồng one report may have lost.
const MONEY_LIMIT: i64 = 1_000_000_000_000;
/// Names of all fields, as they are in JSON.
pub(crate) const FIELDS: [&str; 10] = [
    "kind",
    "sources",
    "content",
    "terms",
    "money_lost",
    "commune",
    "place",
    "reporter_phone",
    "happened_at",
    "reference",
];

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// JSON pointer to it.
    pub(crate) field: String,
    /// A stable word for programs.
    pub(crate) code: &'static str,
    pub(crate) vi: String,
    pub(crate) en: String,
}

/// A report from outside, in order, with who reported.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) form: ReportForm,
    pub(crate) phone: Option<Source>,
    pub(crate) happened_us: Option<i64>,
    pub(crate) reference: Option<String>,
}

/// [`Sent`] as the intake log keeps it, without the reporter, whose number is sealed beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SentForm {
    /// The report.
    #[serde(flatten)]
    pub(crate) form: ReportForm,
    /// The id its sender asks for it by.
    pub(crate) id: Uuid,
    /// When it happened, as its sender says.
    #[serde(default)]
    pub(crate) happened_us: Option<i64>,
    /// What its sender calls it.
    #[serde(default)]
    pub(crate) reference: Option<String>,
}

struct Reading<'a> {
    map: &'a Map<String, Value>,
    rules: &'a Rules,
    on: Date,
    errors: Vec<FieldError>,
}

/// Reads a report from the members of a JSON object.
///
/// # Errors
/// Everything that is wrong, by field.
pub(crate) fn read_report(
    map: &Map<String, Value>,
    rules: &Rules,
    on: Date,
    now_us: i64,
) -> Result<Sent, Vec<FieldError>> {
    let mut reading = Reading { map, rules, on, errors: Vec::new() };
    if let Some(name) = map.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        let shown: String = name.chars().take(60).collect();
        reading.say(
            &pointer(&shown),
            "unknown_field",
            format!("Không có trường này. Các trường: {}.", FIELDS.join(", ")),
            format!("There is no such field. Fields: {}.", FIELDS.join(", ")),
        );
    }
    let kind = reading.kind();
    let sources = reading.sources(kind);
    let content = reading.text("content", WORDS_LIMIT).unwrap_or_default();
    let terms = reading.terms();
    let no_words = content.trim().is_empty() && terms.is_empty();
    if no_words && !reading.is_wrong("content") && !reading.is_wrong("terms") {
        reading.say(
            "/content",
            "missing",
            "Cho biết nội dung: họ nói hoặc viết gì.".to_owned(),
            "Say what the caller or message said.".to_owned(),
        );
    }
    let money_lost = reading.money();
    let place = reading.text("place", SHORT_LIMIT).filter(|text| !text.trim().is_empty());
    let reference = reading.text("reference", SHORT_LIMIT).filter(|text| !text.trim().is_empty());
    let commune = reading.commune();
    if kind == Some(ReportKind::UnlawfulAdvert) && place.is_none() && !reading.is_wrong("place") {
        reading.say(
            "/place",
            "missing",
            "Quảng cáo trái phép cần địa điểm.".to_owned(),
            "An unlawful advert needs its place.".to_owned(),
        );
    }
    let phone = reading.phone(&sources);
    let happened_us = reading.instant(now_us);
    if !reading.errors.is_empty() {
        return Err(reading.errors);
    }
    let form = ReportForm {
        kind: kind.map_or(String::new(), |kind| kind.id().to_owned()),
        sources,
        content,
        terms,
        money_lost,
        commune,
        place,
        ..ReportForm::default()
    };
    Ok(Sent { form, phone, happened_us, reference })
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

impl Reading<'_> {
    fn say(&mut self, field: &str, code: &'static str, vi: String, en: String) {
        self.errors.push(FieldError { field: field.to_owned(), code, vi, en });
    }

    fn is_wrong(&self, name: &str) -> bool {
        let prefix = pointer(name);
        self.errors.iter().any(|error| error.field.starts_with(&prefix))
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &str, limit: usize) -> Option<String> {
        match self.value(name)? {
            Value::String(text) if text.chars().count() <= limit => {
                // Nothing a citizen wrote is changed; a NUL is no text and some stores refuse it.
                if !text.contains('\0') {
                    return Some(text.clone());
                }
                let (vi, en) = ("Có ký tự NUL.", "It holds a NUL character.");
                self.say(&pointer(name), "bad_character", vi.to_owned(), en.to_owned());
            }
            Value::String(_) => self.say(
                &pointer(name),
                "too_long",
                format!("Tối đa {limit} ký tự."),
                format!("At most {limit} characters."),
            ),
            _ => self.wrong_type(name, "chuỗi ký tự", "a string"),
        }
        None
    }

    fn wrong_type(&mut self, name: &str, vi: &str, en: &str) {
        self.say(&pointer(name), "wrong_type", format!("Phải là {vi}."), format!("It must be {en}."));
    }

    fn kind(&mut self) -> Option<ReportKind> {
        if self.value("kind").is_none() {
            self.wrong_kind("missing");
            return None;
        }
        let typed = self.text("kind", 60)?;
        let kind = kind_of(&typed);
        if kind.is_none() {
            self.wrong_kind("unknown_value");
        }
        kind
    }

    fn wrong_kind(&mut self, code: &'static str) {
        let ids: Vec<&str> = ReportKind::ALL.iter().map(|kind| kind.id()).collect();
        let ids = ids.join(", ");
        self.say("/kind", code, format!("Chọn một trong: {ids}."), format!("Take one of: {ids}."));
    }

    fn sources(&mut self, kind: Option<ReportKind>) -> Vec<String> {
        let items: Vec<Value> = match self.value("sources") {
            None => {
                self.say(
                    "/sources",
                    "missing",
                    "Cho biết số hoặc tên người gửi bị phản ánh.".to_owned(),
                    "Give the number or sender name that is reported.".to_owned(),
                );
                return Vec::new();
            }
            Some(Value::Array(items)) => items.clone(),
            Some(Value::String(one)) => vec![Value::String(one.clone())],
            Some(_) => {
                self.wrong_type("sources", "danh sách chuỗi", "a list of strings");
                return Vec::new();
            }
        };
        let is_call = matches!(kind, Some(ReportKind::ScamCall | ReportKind::SpamCall));
        if items.len() > SOURCES_LIMIT || (items.is_empty() && !is_call) {
            self.say(
                "/sources",
                if items.is_empty() { "missing" } else { "too_many" },
                format!("Từ 1 đến {SOURCES_LIMIT} số; chỉ cuộc gọi giấu số mới để trống."),
                format!("1 to {SOURCES_LIMIT} of them; only calls that hide their number may name none."),
            );
        }
        let mut sources = Vec::new();
        for (at, item) in items.iter().enumerate().take(SOURCES_LIMIT) {
            let field = format!("/sources/{at}");
            match item.as_str().map(str::trim) {
                Some(typed) if typed.chars().count() <= SHORT_LIMIT => match self.source(typed, kind) {
                    Some(typed) => sources.push(typed),
                    None => self.say(
                        &field,
                        "not_a_source",
                        "Không đọc được số này. Viết như 0912345678; tên người gửi chỉ dùng với spam_sms."
                            .to_owned(),
                        "It does not read as a number. Write it like 0912345678; sender names go with spam_sms."
                            .to_owned(),
                    ),
                },
                Some(_) => self.say(&field, "too_long", "Quá dài.".to_owned(), "Too long.".to_owned()),
                None => {
                    self.say(
                        &field,
                        "wrong_type",
                        "Phải là chuỗi ký tự.".to_owned(),
                        "It must be a string.".to_owned(),
                    );
                }
            }
        }
        sources
    }

    /// The source as it will be read again from the log.
    fn source(&self, typed: &str, kind: Option<ReportKind>) -> Option<String> {
        let is_number = parse_number(typed, &self.rules.numbering, self.on).is_ok();
        let is_name = kind == Some(ReportKind::SpamSms) && Source::sender_name(typed).is_ok();
        (is_number || is_name).then(|| typed.to_owned())
    }

    fn terms(&mut self) -> Vec<(String, String)> {
        let ids: Vec<Value> = match self.value("terms") {
            None => return Vec::new(),
            Some(Value::Array(ids)) if ids.len() <= TERMS_LIMIT => ids.clone(),
            Some(_) => {
                self.wrong_type(
                    "terms",
                    &format!("danh sách tối đa {TERMS_LIMIT} mã"),
                    &format!("a list of at most {TERMS_LIMIT} ids"),
                );
                return Vec::new();
            }
        };
        let mut terms = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            match id.as_str().and_then(|id| Taxonomy::embedded().term(id).map(|term| (id, term))) {
                Some((id, term)) => terms.push((term.facet.as_str().to_owned(), id.to_owned())),
                None => self.say(
                    &format!("/terms/{at}"),
                    "unknown_value",
                    "Không có mã này trong danh mục.".to_owned(),
                    "The taxonomy has no such id.".to_owned(),
                ),
            }
        }
        terms
    }

    fn money(&mut self) -> Option<i64> {
        let dong = match self.value("money_lost")? {
            Value::Number(number) => number.as_i64().filter(|dong| (0..=MONEY_LIMIT).contains(dong)),
            Value::String(typed) => match read_amount(typed) {
                Ok(dong) => return dong,
                Err(()) => None,
            },
            _ => None,
        };
        if dong.is_none() {
            self.say(
                "/money_lost",
                "not_an_amount",
                "Số tiền tính bằng đồng, như 5000000.".to_owned(),
                "An amount in đồng, such as 5000000.".to_owned(),
            );
        }
        dong.filter(|dong| *dong > 0)
    }

    fn commune(&mut self) -> Option<String> {
        let typed = self.text("commune", SHORT_LIMIT)?;
        if typed.trim().is_empty() {
            return None;
        }
        if let Some(commune) = self.rules.areas.communes().iter().find(|one| one.code == typed.trim()) {
            return Some(commune.code.clone());
        }
        match find_commune(&typed) {
            CommuneFound::One(commune) => return Some(commune.code.clone()),
            CommuneFound::Several(several) => {
                let names: Vec<&str> = several.iter().map(|one| one.full_name.as_str()).collect();
                let names = names.join(", ");
                self.say(
                    "/commune",
                    "ambiguous",
                    format!("Có nhiều xã, phường tên như vậy: {names}."),
                    format!("Several communes are called so: {names}."),
                );
            }
            CommuneFound::None => self.say(
                "/commune",
                "unknown_value",
                "Không có xã, phường này trong tỉnh; dùng tên đầy đủ hoặc mã.".to_owned(),
                "The province has no such commune; use its full name or its code.".to_owned(),
            ),
        }
        None
    }

    fn phone(&mut self, sources: &[String]) -> Option<Source> {
        let typed = self.text("reporter_phone", 60)?;
        if typed.trim().is_empty() {
            return None;
        }
        let plan = &self.rules.numbering;
        let read = parse_number(&typed, plan, self.on)
            .ok()
            .map(|number| number.source)
            .filter(|source| plan.is_mobile_subscriber(source, self.on));
        let is_reported = read.as_ref().is_some_and(|phone| {
            sources
                .iter()
                .any(|typed| parse_number(typed, plan, self.on).is_ok_and(|number| number.source == *phone))
        });
        if read.is_none() || is_reported {
            self.say(
                "/reporter_phone",
                if is_reported { "same_as_source" } else { "not_a_mobile_number" },
                "Số di động của người phản ánh, khác số bị phản ánh.".to_owned(),
                "The reporter's own mobile number, not the reported one.".to_owned(),
            );
            return None;
        }
        read
    }

    fn instant(&mut self, now_us: i64) -> Option<i64> {
        let typed = self.text("happened_at", 60)?;
        if typed.trim().is_empty() {
            return None;
        }
        // A clock that is a little ahead is no reason to refuse a report.
        const AHEAD_US: i64 = 24 * 3_600 * 1_000_000;
        let read = read_instant(typed.trim()).filter(|at| *at <= now_us + AHEAD_US && *at > 0);
        if read.is_none() {
            self.say(
                "/happened_at",
                "not_an_instant",
                "Thời điểm đã qua, như 2026-11-23T14:05:00+07:00 hoặc 23/11/2026 14:05.".to_owned(),
                "An instant in the past, such as 2026-11-23T14:05:00+07:00 or 23/11/2026 14:05.".to_owned(),
            );
        }
        read
    }
}

/// An instant in RFC 3339, or as people in Viet Nam write a day and perhaps a time.
pub(crate) fn read_instant(typed: &str) -> Option<i64> {
    if let Ok(at) = typed.parse::<jiff::Timestamp>() {
        return Some(at.as_microsecond());
    }
    let zone = jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").ok()?;
    let iso = typed.replacen(' ', "T", 1);
    if let Ok(at) = iso.parse::<jiff::civil::DateTime>() {
        return zone.to_timestamp(at).ok().map(|at| at.as_microsecond());
    }
    let mut words = typed.split_whitespace();
    let mut day = words.next()?.split(['/', '-', '.']);
    let (d, m, y) = (day.next()?.parse().ok()?, day.next()?.parse().ok()?, day.next()?.parse().ok()?);
    let mut time = words.next().unwrap_or("0:00").split([':', 'h']);
    let hour = time.next()?.parse().ok()?;
    let minute = time.next().filter(|text| !text.is_empty()).map_or(Some(0), |text| text.parse().ok())?;
    let second = time.next().map_or(Some(0), |text| text.parse().ok())?;
    let at = jiff::civil::DateTime::new(y, m, d, hour, minute, second, 0).ok()?;
    if words.next().is_some() || day.next().is_some() {
        return None;
    }
    zone.to_timestamp(at).ok().map(|at| at.as_microsecond())
}

/// The kind that an id, a letter of the SMS grammar or everyday words name.
pub(crate) fn kind_of(typed: &str) -> Option<ReportKind> {
    let folded = fold(typed);
    let words = folded.replace(['_', '-'], " ");
    let words: Vec<&str> = words.split_whitespace().collect();
    Some(match words.join(" ").as_str() {
        "scam call" | "ld" | "lua dao" | "cuoc goi lua dao" | "goi lua dao" | "scam" | "fraud" => {
            ReportKind::ScamCall
        }
        "spam call" | "v" | "cuoc goi rac" | "goi rac" => ReportKind::SpamCall,
        "spam sms" | "s" | "tin nhan rac" | "tin rac" | "sms rac" | "spam message" => ReportKind::SpamSms,
        "unlawful advert"
        | "quang cao trai phep"
        | "quang cao trai phep noi cong cong"
        | "rao vat trai phep" => ReportKind::UnlawfulAdvert,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(json: &str) -> Result<Sent, Vec<FieldError>> {
        let rules = Rules::shipped(&Config::default()).unwrap();
        let Value::Object(map) = serde_json::from_str(json).unwrap() else { panic!("an object") };
        read_report(&map, &rules, jiff::civil::date(2026, 11, 23), 1_795_500_000_000_000)
    }

    #[test]
    fn a_full_report_reads() {
        let sent = read(
            r#"{"kind":"Lừa đảo","sources":["0912 345 678"],"content":"mạo danh công an","terms":["police"],
                "money_lost":"1,5 triệu","reporter_phone":"0900000001","happened_at":"23/11/2026 14:05","reference":"A-1"}"#,
        )
        .unwrap();
        assert_eq!(sent.form.kind, "scam_call");
        assert_eq!(sent.form.money_lost, Some(1_500_000));
        assert_eq!(sent.form.terms, [("who".to_owned(), "police".to_owned())]);
        assert_eq!(
            sent.happened_us,
            "2026-11-23T07:05:00Z".parse::<jiff::Timestamp>().ok().map(|at| at.as_microsecond())
        );
        assert!(sent.phone.is_some());
    }

    #[test]
    fn every_wrong_field_is_named_in_one_answer() {
        let errors = read(
            r#"{"kind":"x","sources":["abc!"],"money_lost":-1,"commune":"Không Có","reporter_phone":"1","happened_at":"mai","la":1}"#,
        )
        .unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "/la",
                "/kind",
                "/sources/0",
                "/content",
                "/money_lost",
                "/commune",
                "/reporter_phone",
                "/happened_at"
            ]
        );
        assert!(errors.iter().all(|error| !error.vi.is_empty() && !error.en.is_empty()));
    }

    #[test]
    fn a_spreadsheet_that_ate_the_first_zero_is_understood() {
        let sent = read(r#"{"kind":"LD","sources":["912345678"],"content":"x"}"#).unwrap();
        let on = jiff::civil::date(2026, 11, 23);
        let rules = Rules::shipped(&Config::default()).unwrap();
        let number = parse_number(&sent.form.sources[0], &rules.numbering, on).unwrap();
        assert_eq!(number.source.canonical(), "+84912345678");
    }

    #[test]
    fn limits_are_reached_and_said() {
        let long = "a".repeat(WORDS_LIMIT + 1);
        let errors =
            read(&format!(r#"{{"kind":"LD","sources":["0912345678"],"content":"{long}"}}"#)).unwrap_err();
        assert_eq!((errors.len(), errors[0].code), (1, "too_long"));
        let errors = read(r#"{"kind":"LD","sources":["1","2","3","4","5","6"],"content":"x"}"#).unwrap_err();
        assert!(errors.iter().any(|error| error.code == "too_many"));
        assert!(read(r#"{"kind":"LD","sources":[],"content":"giấu số"}"#).is_ok());
        assert!(read(r#"{"kind":"S","sources":[],"content":"x"}"#).is_err());
    }

    #[test]
    fn instants_read_as_people_write_them() {
        let at = read_instant("2026-11-23T14:05:00+07:00");
        for typed in ["23/11/2026 14:05", "23-11-2026 14:05:00", "2026-11-23 14:05:00", "23/11/2026 14h05"] {
            assert_eq!(read_instant(typed), at, "{typed}");
        }
        for typed in ["", "mai", "32/11/2026", "23/11", "23/11/2026 25:00", "23/11/2026 14:05 x"] {
            assert_eq!(read_instant(typed), None, "{typed}");
        }
    }
}
