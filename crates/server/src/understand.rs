//! From intake rows to reports: reassemble, decode, understand. Pure: rows and rules in, values out.

use canhgiac_analysis::classify::{Stance, classify};
use canhgiac_domain::intake::{Intent, Understanding, understand_on_link};
use canhgiac_domain::number::parse_number;
use canhgiac_domain::text::fold;
use canhgiac_smpp::pdu::{Body, Frame, ShortMessage, decode};
use canhgiac_smpp::reassembly::{GAP, Part, PartHeader, assemble, part_info};
use canhgiac_smpp::text::{DefaultAlphabet, decode as decode_text};
use canhgiac_store::{
    IntakeRow, NewEvidence, NewJob, NewReport, NewSource, SealedNumber, SubscriptionChange,
};
use jiff::civil::Date;
use serde::Serialize;
use uuid::Uuid;

use crate::intake::{PduMeta, ReportForm, SentForm, receipt_code_of, unhex};
use crate::push::PushedBody;
use crate::rules::Rules;

/// Texts longer than this are not classified in full: what is asked stands at the beginning.
const CLASSIFIED_CHARS: usize = 4_000;

/// One intake row, taken apart.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A whole text, or what could be made of it.
    Whole(Box<Text>),
    /// A part of a long message.
    Part(Box<PartText>),
    /// A form.
    Form(Box<ReportForm>),
    /// A report that a program sent.
    Sent(Box<SentForm>),
    /// A recorded call.
    Call(Box<PushedBody>, PduMeta),
}

/// A text with where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) flags: Vec<&'static str>,
    pub(crate) is_readable: bool,
    pub(crate) to_code: Option<String>,
    pub(crate) meta: PduMeta,
}

/// Flag of a text whose row in the intake log is not what was written.
pub(crate) const DAMAGED: &str = "damaged";

/// One part of a long message.
#[derive(Debug, Clone)]
pub(crate) struct PartText {
    pub(crate) key: Vec<u8>,
    pub(crate) header: PartHeader,
    pub(crate) octets: Vec<u8>,
    pub(crate) data_coding: u8,
    pub(crate) to_code: String,
    pub(crate) meta: PduMeta,
}

/// A facet finding, as stored.
#[derive(Debug, Clone, Serialize)]
struct StoredFinding<'a> {
    facet: &'a str,
    id: &'a str,
    quote: &'a str,
}

/// Takes an intake row apart. `open` gives the body in clear where the row's is sealed.
pub(crate) fn take_apart(row: &IntakeRow, open: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> Entry {
    if matches!(row.channel.as_str(), "web" | "desk") {
        return match serde_json::from_slice(&row.body) {
            Ok(form) => Entry::Form(Box::new(form)),
            Err(_) => Entry::Whole(Box::new(unreadable(PduMeta::default()))),
        };
    }
    if matches!(row.channel.as_str(), "api" | "import") {
        return match serde_json::from_slice(&row.body) {
            Ok(sent) => Entry::Sent(Box::new(sent)),
            Err(_) => Entry::Whole(Box::new(unreadable(PduMeta::default()))),
        };
    }
    // What stands beside the PDU is ours: when it does not read, the row is damaged, and its bytes are no evidence
    // of what the citizen wrote.
    let Ok(meta) = serde_json::from_str::<PduMeta>(&row.meta) else {
        let text = Text { flags: vec!["unreadable", DAMAGED], ..unreadable(PduMeta::default()) };
        return Entry::Whole(Box::new(text));
    };
    if row.channel == "push" {
        return pushed(row, meta);
    }
    let opened = if meta.is_sealed { open(&row.body) } else { None };
    let Some(message) = message_of(opened.as_deref().unwrap_or(&row.body)) else {
        return Entry::Whole(Box::new(unreadable(meta)));
    };
    let to_code = message.destination.text();
    let info = part_info(&message);
    let mut flags = Vec::new();
    if info.flags.broken_header || info.flags.nonsense_parts {
        flags.push("odd_part_header");
    }
    match info.part {
        Some(header) => Entry::Part(Box::new(PartText {
            key: part_key(row, meta.group.as_deref(), &to_code, &header),
            header,
            octets: info.octets.to_vec(),
            data_coding: message.data_coding,
            to_code,
            meta,
        })),
        None => {
            let decoded = decode_text(&info.octets, message.data_coding, alphabet(&meta));
            for (is_set, name) in [
                (decoded.flags.fell_back, "fell_back"),
                (decoded.flags.replaced, "replaced"),
                (decoded.flags.odd_length, "odd_length"),
                (decoded.flags.little_endian, "little_endian"),
                (decoded.flags.binary, "binary"),
                (decoded.flags.unknown_coding, "unknown_coding"),
            ] {
                if is_set {
                    flags.push(name);
                }
            }
            Entry::Whole(Box::new(Text {
                text: decoded.text,
                flags,
                is_readable: true,
                to_code: Some(to_code),
                meta,
            }))
        }
    }
}

/// What an aggregator pushed: a recorded call, or words that need no joining.
fn pushed(row: &IntakeRow, meta: PduMeta) -> Entry {
    let Ok(body) = serde_json::from_slice::<PushedBody>(&row.body) else {
        return Entry::Whole(Box::new(unreadable(meta)));
    };
    if body.recording.is_some() {
        return Entry::Call(Box::new(body), meta);
    }
    let (text, is_odd) = body.words();
    let flags = if is_odd { vec!["unknown_coding"] } else { Vec::new() };
    Entry::Whole(Box::new(Text { text, flags, is_readable: true, to_code: body.to, meta }))
}

/// The report a recorded call is: an officer listens before anything else is done.
pub(crate) fn report_of_call(
    body: PushedBody,
    meta: &PduMeta,
    row: &IntakeRow,
    id: Uuid,
    rules: &Rules,
    on: Date,
) -> NewReport {
    let (content, _) = body.words();
    let form =
        ReportForm { content, evidence: body.recording.into_iter().collect(), ..ReportForm::default() };
    let mut report = report_of_form(form, row, id, rules, on);
    report.kind = None;
    report.problem = Some("recording".to_owned());
    report.operator = meta.operator.clone();
    report.to_code = body.to;
    // The network names who called, as it names who texts.
    report.is_proven = report.reporter.is_some();
    report
}

/// Joins parts of one message (any order, some missing) into a text.
pub(crate) fn join(parts: &[&PartText]) -> Option<Text> {
    let first = parts.first()?;
    let list: Vec<Part<'_>> = parts
        .iter()
        .map(|part| Part { number: part.header.number, octets: &part.octets, data_coding: part.data_coding })
        .collect();
    let assembled = assemble(&list, first.header.key.total, alphabet(&first.meta));
    let mut flags = Vec::new();
    if !assembled.is_complete() {
        flags.push("incomplete");
    }
    if !assembled.conflicting.is_empty() || !assembled.stray.is_empty() {
        flags.push("conflicting_parts");
    }
    if assembled.is_doubtful {
        flags.push("fell_back");
    }
    let mut meta = first.meta.clone();
    meta.is_suspected = parts.iter().all(|part| part.meta.is_suspected);
    Some(Text { text: assembled.text, flags, is_readable: true, to_code: Some(first.to_code.clone()), meta })
}

/// The words of a joined text between the gaps where parts are missing.
pub(crate) fn pieces_of(text: &str) -> Vec<&str> {
    text.split(GAP).filter(|piece| !piece.is_empty()).collect()
}

/// Whether every part of the message is among `parts`.
pub(crate) fn is_complete(parts: &[&PartText]) -> bool {
    let Some(first) = parts.first() else { return false };
    (1..=first.header.key.total).all(|number| parts.iter().any(|part| part.header.number == number))
}

/// The report a text is. `seqs` are its intake rows; the first gives time, reporter and receipt code.
pub(crate) fn report_of_text(
    text: Text,
    row: &IntakeRow,
    seqs: Vec<i64>,
    id: Uuid,
    rules: &Rules,
    on: Date,
) -> NewReport {
    let understanding = understand_on_link(&text.text, &rules.grammar, on, text.meta.prefix.as_deref());
    let problem = match text.is_readable {
        true => understanding.problem_id().map(str::to_owned),
        false => Some("unreadable".to_owned()),
    };
    let (argument, subscription) = match &understanding.intent {
        Intent::Result { code } => (code.clone(), None),
        Intent::Check { text } => (Some(text.clone()), None),
        Intent::Subscribe => (None, Some(SubscriptionChange::Subscribe)),
        Intent::Unsubscribe => (None, Some(SubscriptionChange::Unsubscribe)),
        _ => (None, None),
    };
    let state = state_of(&understanding.intent, problem.as_deref());
    let reporter = reporter_of(row);
    let is_mobile = text.meta.is_answerable && reporter.is_some();
    let leniencies = leniencies_of(&understanding);
    let mut report = blank_report(row, seqs, id);
    report.operator = text.meta.operator.clone();
    report.to_code = text.to_code;
    report.is_proven = reporter.is_some();
    report.reporter = reporter;
    report.is_mobile = is_mobile;
    report.intent = understanding.intent.id().to_owned();
    report.kind = understanding.kind_id().map(str::to_owned);
    report.problem = problem;
    report.argument = argument;
    report.content = understanding.content.clone();
    report.leniencies = json_list(&leniencies);
    report.flags = json_list(&text.flags);
    report.sources = understanding
        .sources
        .iter()
        .map(|mention| NewSource {
            kind: mention.source.kind().id().to_owned(),
            canonical: mention.source.canonical().to_owned(),
            as_received: mention.as_received.clone(),
        })
        .collect();
    report.is_suspected_redelivery = text.meta.is_suspected;
    report.state = state.to_owned();
    report.subscription = subscription;
    if is_mobile {
        report.jobs.push(NewJob {
            unique_key: format!("reply:{}", id.simple()),
            kind: "reply".to_owned(),
            payload: "{\"report\":\"$report\"}".to_owned(),
            run_us: row.received_us,
        });
    }
    finish(report, text.text, rules)
}

/// The report a form is.
pub(crate) fn report_of_form(
    form: ReportForm,
    row: &IntakeRow,
    id: Uuid,
    rules: &Rules,
    on: Date,
) -> NewReport {
    let mut sources = Vec::new();
    for typed in &form.sources {
        let source = match parse_number(typed, &rules.numbering, on) {
            Ok(parsed) => Some(parsed.source),
            Err(_) => canhgiac_domain::number::Source::sender_name(typed.trim()).ok(),
        };
        if let Some(source) = source {
            sources.push(NewSource {
                kind: source.kind().id().to_owned(),
                canonical: source.canonical().to_owned(),
                as_received: typed.clone(),
            });
        }
    }
    let problem = sources.is_empty().then(|| "missing_source".to_owned());
    let mut report = blank_report(row, vec![row.seq], id);
    report.intent = "report".to_owned();
    report.kind = Some(form.kind.clone());
    report.reporter = reporter_of(row);
    report.is_proven = form.proof.is_some() && report.reporter.is_some();
    // Only a number that is surely the reporter's own is texted to.
    report.is_mobile = report.is_proven;
    let is_doubtful = !form.doubts.is_empty();
    report.state =
        if is_doubtful { "aside" } else { state_of(&Intent::Report, problem.as_deref()) }.to_owned();
    report.problem = if is_doubtful { Some("doubtful".to_owned()) } else { problem };
    report.taken_by = form.taken_by.clone();
    report.flags = json(&form_flags(&form));
    report.content = form.content.clone();
    report.token_hash = unhex(&form.token_hash).filter(|hash| !hash.is_empty());
    report.commune = form.commune.clone();
    report.place = form.place.clone();
    report.money_lost = form.money_lost;
    report.sources = sources;
    report.evidence = form
        .evidence
        .iter()
        .filter_map(|file| {
            Some(NewEvidence {
                sha256: unhex(&file.sha256)?,
                size: file.size,
                mime: file.mime.clone(),
                name: file.name.clone(),
            })
        })
        .collect();
    let text = form.content.clone();
    let mut report = finish(report, text, rules);
    add_ticked(&mut report, &form);
    report
}

/// How the number was proven and what made the form doubtful, among what is technical about a report.
fn form_flags(form: &ReportForm) -> Vec<String> {
    let proof = form.proof.iter().map(|proof| format!("proof_{proof}"));
    proof.chain(form.doubts.iter().map(|doubt| format!("doubt_{doubt}"))).collect()
}

/// Folds, classifies and fingerprints the words.
fn finish(mut report: NewReport, text: String, rules: &Rules) -> NewReport {
    report.folded = fold(&text);
    if report.state != "service" {
        let head: String = text.chars().take(CLASSIFIED_CHARS).collect();
        let reading = classify(&rules.signs, &head);
        let findings: Vec<StoredFinding<'_>> = reading
            .findings
            .iter()
            .filter(|finding| finding.stance == Stance::Asserted)
            .map(|finding| StoredFinding {
                facet: finding.facet.as_str(),
                id: finding.term.as_str(),
                quote: finding.quotes.first().and_then(|range| head.get(range.clone())).unwrap_or_default(),
            })
            .collect();
        report.findings = json(&findings);
        report.near_key =
            canhgiac_analysis::near::wording_key(&report.content).map(|key| format!("{key:016x}"));
    }
    report.text = text;
    report
}

/// What a citizen ticked counts like words that say so; the quote is empty.
fn add_ticked(report: &mut NewReport, form: &ReportForm) {
    let Ok(mut findings) = serde_json::from_str::<Vec<serde_json::Value>>(&report.findings) else { return };
    for (facet, id) in &form.terms {
        if !findings.iter().any(|known| known["facet"] == facet.as_str() && known["id"] == id.as_str()) {
            findings.push(serde_json::json!({ "facet": facet, "id": id, "quote": "" }));
        }
    }
    report.findings = json(&findings);
}

fn blank_report(row: &IntakeRow, seqs: Vec<i64>, id: Uuid) -> NewReport {
    let first = seqs.iter().copied().min().unwrap_or(row.seq);
    NewReport {
        id,
        parts: seqs,
        received_us: row.received_us,
        channel: row.channel.clone(),
        link: row.link.clone(),
        operator: None,
        to_code: None,
        reporter: None,
        is_proven: false,
        is_mobile: false,
        intent: "unknown".to_owned(),
        kind: None,
        problem: None,
        argument: None,
        text: String::new(),
        folded: String::new(),
        content: String::new(),
        leniencies: "[]".to_owned(),
        findings: "[]".to_owned(),
        flags: "[]".to_owned(),
        near_key: None,
        code: receipt_code_of(first).digits().parse().unwrap_or_default(),
        token_hash: None,
        commune: None,
        place: None,
        money_lost: None,
        sources: Vec::new(),
        evidence: Vec::new(),
        is_suspected_redelivery: false,
        state: "new".to_owned(),
        jobs: Vec::new(),
        subscription: None,
        taken_by: None,
    }
}

fn state_of(intent: &Intent, problem: Option<&str>) -> &'static str {
    match (intent, problem) {
        (Intent::Report, None) => "new",
        (Intent::Report | Intent::Unknown, _) => "needs_officer",
        _ => "service",
    }
}

fn leniencies_of(understanding: &Understanding) -> Vec<&'static str> {
    let mut ids: Vec<&'static str> = understanding.leniencies.iter().map(|leniency| leniency.id()).collect();
    for mention in &understanding.sources {
        for leniency in &mention.leniencies {
            if !ids.contains(&leniency.id()) {
                ids.push(leniency.id());
            }
        }
    }
    ids
}

fn reporter_of(row: &IntakeRow) -> Option<SealedNumber> {
    Some(SealedNumber { hash: row.reporter_hash.clone()?, sealed: row.reporter_sealed.clone()? })
}

fn message_of(body: &[u8]) -> Option<ShortMessage> {
    let frame = Frame::from_bytes(bytes::Bytes::copy_from_slice(body)).ok()?;
    match decode(&frame).ok()?.body {
        Body::DeliverSm(message) | Body::SubmitSm(message) => Some(message),
        Body::DataSm(message) => Some(message.into_short_message()),
        _ => None,
    }
}

fn unreadable(meta: PduMeta) -> Text {
    Text { text: String::new(), flags: vec!["unreadable"], is_readable: false, to_code: None, meta }
}

fn alphabet(meta: &PduMeta) -> DefaultAlphabet {
    DefaultAlphabet::from_name(&meta.alphabet).unwrap_or(DefaultAlphabet::Gsm7)
}

/// What parts of one message have in common.
fn part_key(row: &IntakeRow, group: Option<&str>, to_code: &str, header: &PartHeader) -> Vec<u8> {
    let mut key = group.unwrap_or(&row.link).as_bytes().to_vec();
    key.push(0);
    key.extend_from_slice(row.reporter_hash.as_deref().unwrap_or_default());
    key.push(0);
    key.extend_from_slice(to_code.as_bytes());
    key.push(0);
    key.extend_from_slice(&header.key.reference.to_be_bytes());
    key.push(header.key.width.code());
    key.push(header.key.total);
    key
}

fn json_list(items: &[&str]) -> String {
    json(&items)
}

fn json(value: &impl Serialize) -> String {
    // Lists of plain strings always serialise.
    serde_json::to_string(value).unwrap_or_else(|_| "[]".to_owned())
}
