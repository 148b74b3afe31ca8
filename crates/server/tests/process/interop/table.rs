//! What passed with which peer, as `docs/interop.md` says it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What a peer and we are to do together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    Transceiver,
    OneWay,
    Gsm7,
    Latin1,
    Ucs2,
    Udh8,
    Udh16,
    Sar,
    Payload,
    Replies,
    Receipts,
    Throttling,
    Enquiry,
    TheyUnbind,
    WeUnbind,
    Reconnect,
    Tls,
}

use Feature as F;

impl Feature {
    pub(crate) const ALL: [F; 17] = [
        F::Transceiver,
        F::OneWay,
        F::Gsm7,
        F::Latin1,
        F::Ucs2,
        F::Udh8,
        F::Udh16,
        F::Sar,
        F::Payload,
        F::Replies,
        F::Receipts,
        F::Throttling,
        F::Enquiry,
        F::TheyUnbind,
        F::WeUnbind,
        F::Reconnect,
        F::Tls,
    ];

    fn words(self) -> &'static str {
        match self {
            F::Transceiver => "bind_transceiver",
            F::OneWay => "bind_transmitter and bind_receiver",
            F::Gsm7 => "text in GSM 7",
            F::Latin1 => "text in Latin-1",
            F::Ucs2 => "text in UCS-2",
            F::Udh8 => "long text, 8-bit reference",
            F::Udh16 => "long text, 16-bit reference",
            F::Sar => "long text, `sar_*`",
            F::Payload => "long text, `message_payload`",
            F::Replies => "our replies are read and answered",
            F::Receipts => "its delivery receipts are matched",
            F::Throttling => "it throttles, we send again once",
            F::Enquiry => "its `enquire_link` is answered",
            F::TheyUnbind => "it unbinds",
            F::WeUnbind => "we unbind",
            F::Reconnect => "one side dies, both meet again",
            F::Tls => "TLS",
        }
    }
}

/// What came of one feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It was done and checked.
    Passed,
    /// The peer cannot, for this reason.
    Cannot(&'static str),
}

/// One peer and what it did.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) peer: &'static str,
    marks: Vec<(Feature, Mark)>,
}

impl Column {
    pub(crate) fn new(peer: &'static str, cannot: &[(Feature, &'static str)]) -> Column {
        let marks = cannot.iter().map(|(feature, why)| (*feature, Mark::Cannot(why))).collect();
        Column { peer, marks }
    }

    /// Whether the peer is to do this.
    pub(crate) fn can(&self, feature: Feature) -> bool {
        !self.marks.contains(&(feature, Mark::Passed)) && self.mark(feature).is_none()
    }

    /// It was done and checked.
    pub(crate) fn passed(&mut self, feature: Feature) {
        assert!(self.mark(feature).is_none(), "{}: {feature:?} is marked twice", self.peer);
        self.marks.push((feature, Mark::Passed));
    }

    pub(crate) fn mark(&self, feature: Feature) -> Option<Mark> {
        self.marks.iter().find(|(known, _)| *known == feature).map(|(_, mark)| *mark)
    }
}

const HEAD: &str = "# Foreign SMPP implementations\n\n\
    What the product and implementations that are not ours have done together, checked over TCP against the real binary.\n\
    Written by a test (`crates/server/tests/process/interop`): it does what the table says, and fails when this file says anything else.\n\
    After a change: `CANHGIAC_WRITE_INTEROP=1 ./test`, and look at the difference.\n\n\
    ✓ done and checked · – the peer cannot, and why stands below.\n\n";

/// The whole file.
pub(crate) fn render(columns: &[Column]) -> String {
    let mut text = HEAD.to_owned();
    let names: Vec<&str> = columns.iter().map(|column| column.peer).collect();
    let _ = writeln!(text, "| | {} |\n|---|{}", names.join(" | "), ":-:|".repeat(columns.len()));
    let mut reasons: Vec<(&str, &str)> = Vec::new();
    for feature in Feature::ALL {
        let _ = write!(text, "| {} |", feature.words());
        for column in columns {
            match column.mark(feature) {
                Some(Mark::Passed) => text.push_str(" ✓ |"),
                Some(Mark::Cannot(why)) => {
                    let known = reasons.iter().position(|reason| *reason == (column.peer, why));
                    let number = known.unwrap_or_else(|| {
                        reasons.push((column.peer, why));
                        reasons.len() - 1
                    });
                    let _ = write!(text, " – [{}](#why) |", number + 1);
                }
                None => panic!("{}: nothing is known of {feature:?}", column.peer),
            }
        }
        text.push('\n');
    }
    text.push_str("\n## Why\n\n");
    for (number, (peer, why)) in (1..).zip(reasons) {
        let _ = writeln!(text, "{number}. {peer}: {why}.");
    }
    text
}

/// Compares with the committed file, or writes it when told to.
pub(crate) fn keep(columns: &[Column]) {
    let text = render(columns);
    let path = path();
    if std::env::var("CANHGIAC_WRITE_INTEROP").is_ok_and(|set| set == "1") {
        std::fs::write(&path, text).expect("the table is written");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "docs/interop.md is not what was found; CANHGIAC_WRITE_INTEROP=1 writes this:\n{text}"
    );
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/interop.md")
}
