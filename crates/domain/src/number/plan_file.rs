//! Reading `data/numbering.toml`: its raw form, and what may be wrong with it.

use serde::Deserialize;
use toml::Spanned;

use super::plan::{Code, Format, LineKind, Migration, NumberingPlan, Range, Service};
use crate::datafile::{Confidence, DataProblem, Reading};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    format: Vec<Spanned<RawFormat>>,
    range: Vec<Spanned<RawRange>>,
    #[serde(default)]
    migration: Vec<Spanned<RawMigration>>,
    service: Vec<Spanned<RawService>>,
    code: Vec<Spanned<RawCode>>,
}

/// Each raw table repeats the four keys of every dated entry: serde's `flatten` would hide misspelt keys.
macro_rules! dated_raw {
    ($name:ident { $($(#[$meta:meta])* $field:ident : $kind:ty),* $(,)? }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            $($(#[$meta])* $field: $kind,)*
            valid_from: Option<toml::value::Datetime>,
            valid_to: Option<toml::value::Datetime>,
            #[serde(rename = "source")]
            _source: String,
            #[serde(rename = "confidence")]
            _confidence: Confidence,
        }
    };
}

dated_raw!(RawFormat {
    starts: Vec<String>,
    digits: Vec<usize>,
    kind: LineKind,
});
dated_raw!(RawRange {
    prefixes: Vec<String>,
    holder: Option<String>,
    area: Option<String>,
});
dated_raw!(RawMigration { from: String, to: String, keep: usize });
dated_raw!(RawService {
    starts: Vec<String>,
    digits: Vec<usize>,
});
dated_raw!(RawCode {
    from: String,
    to: String,
    #[serde(default)]
    never_blockable: bool,
});

/// The plan without its official numbers.
pub(super) fn read(reading: Reading<'_>) -> Result<NumberingPlan, DataProblem> {
    let raw: RawFile = reading.toml()?;
    let mut plan = NumberingPlan {
        formats: Vec::new(),
        ranges: Vec::new(),
        migrations: Vec::new(),
        services: Vec::new(),
        codes: Vec::new(),
        officials: Vec::new(),
    };
    for entry in &raw.format {
        let format = entry.get_ref();
        let validity = reading.validity(entry, format.valid_from.as_ref(), format.valid_to.as_ref())?;
        for starts in &format.starts {
            plan.formats.push(Format {
                starts: digits(reading, entry, "starts", starts)?.to_owned(),
                digits: format.digits.clone(),
                kind: format.kind,
                validity,
            });
        }
    }
    for entry in &raw.range {
        read_range(reading, entry, &mut plan.ranges)?;
    }
    for entry in &raw.migration {
        plan.migrations.push(read_migration(reading, entry)?);
    }
    for entry in &raw.service {
        let service = entry.get_ref();
        let validity = reading.validity(entry, service.valid_from.as_ref(), service.valid_to.as_ref())?;
        for starts in &service.starts {
            plan.services.push(Service {
                starts: digits(reading, entry, "starts", starts)?.to_owned(),
                digits: service.digits.clone(),
                validity,
            });
        }
    }
    for entry in &raw.code {
        plan.codes.push(read_code(reading, entry)?);
    }
    match plan.formats.iter().any(|format| format.kind == LineKind::Mobile) {
        true => Ok(plan),
        false => Err(reading.whole("no [[format]] of kind = \"mobile\": nobody could be answered. Add one")),
    }
}

fn read_range(
    reading: Reading<'_>,
    entry: &Spanned<RawRange>,
    ranges: &mut Vec<Range>,
) -> Result<(), DataProblem> {
    let range = entry.get_ref();
    let validity = reading.validity(entry, range.valid_from.as_ref(), range.valid_to.as_ref())?;
    if range.holder.is_none() && range.area.is_none() {
        return Err(reading.problem(entry, "a range needs a holder (operator id) or an area. Add one"));
    }
    for written in &range.prefixes {
        let prefix = without_trunk_zero(reading, entry, "prefixes", written)?;
        if ranges.iter().any(|known| known.prefix == prefix && known.validity.overlaps(validity)) {
            return Err(reading.problem(
                entry,
                format!("range {written} is given twice for the same days. End the older one with valid_to"),
            ));
        }
        ranges.push(Range {
            prefix: prefix.to_owned(),
            holder: range.holder.clone(),
            area: range.area.clone(),
            validity,
        });
    }
    Ok(())
}

fn read_migration(reading: Reading<'_>, entry: &Spanned<RawMigration>) -> Result<Migration, DataProblem> {
    let migration = entry.get_ref();
    Ok(Migration {
        from: without_trunk_zero(reading, entry, "from", &migration.from)?.to_owned(),
        to: without_trunk_zero(reading, entry, "to", &migration.to)?.to_owned(),
        keep: migration.keep,
        validity: reading.validity(entry, migration.valid_from.as_ref(), migration.valid_to.as_ref())?,
    })
}

fn read_code(reading: Reading<'_>, entry: &Spanned<RawCode>) -> Result<Code, DataProblem> {
    let code = entry.get_ref();
    let from = digits(reading, entry, "from", &code.from)?;
    let to = digits(reading, entry, "to", &code.to)?;
    if from.len() != to.len() || !(3..=6).contains(&from.len()) || from > to {
        return Err(reading.problem(
            entry,
            format!(
                "codes from {from} to {to}: both need the same length of 3 to 6 digits, the smaller first"
            ),
        ));
    }
    let value = |written: &str| {
        written
            .parse::<u32>()
            .map_err(|_| reading.problem(entry, format!("{written} is no code. Write 3 to 6 digits")))
    };
    Ok(Code {
        from: value(from)?,
        to: value(to)?,
        length: from.len(),
        is_never_blockable: code.never_blockable,
        validity: reading.validity(entry, code.valid_from.as_ref(), code.valid_to.as_ref())?,
    })
}

fn digits<'w, T>(
    reading: Reading<'_>,
    entry: &Spanned<T>,
    key: &str,
    written: &'w str,
) -> Result<&'w str, DataProblem> {
    match !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(written),
        false => Err(reading
            .problem(entry, format!("{key} = {written:?} is not digits only. Write digits without spaces"))),
    }
}

fn without_trunk_zero<'w, T>(
    reading: Reading<'_>,
    entry: &Spanned<T>,
    key: &str,
    written: &'w str,
) -> Result<&'w str, DataProblem> {
    match digits(reading, entry, key, written)?.strip_prefix('0') {
        Some(significant) if !significant.is_empty() => Ok(significant),
        _ => Err(reading.problem(
            entry,
            format!("{key} = {written:?} lacks the leading 0. Write it as dialled, such as 0912"),
        )),
    }
}
