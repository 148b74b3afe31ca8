//! What the rounds say: the table, the chart, and which aims hold.

use std::fs;
use std::time::Duration;

use crate::cells::{Cell, Round, Rounds, Sample};
use crate::chart::{Group, Panel, Series, draw};
use crate::machine;
use crate::peer::Peer;
use crate::report::{self, Aim, Table, rate, time};

/// Colours of the receivers in the chart.
fn colour(peer: Peer) -> &'static str {
    match peer {
        Peer::Nothing => "#bbbbbb",
        Peer::Append => "#8d99ae",
        Peer::Kannel => "#e09f3e",
        Peer::Sqlite => "#9e2a2b",
        Peer::Postgres => "#335c67",
    }
}

/// Table and aims, in Markdown.
pub(crate) fn report(rounds: &Rounds, peers: &[Peer], binds: &[usize], windows: &[u32]) -> String {
    let mut text = String::from(
        "Texts answered OK a second (median of rounds; smallest and largest), and how long an answer took:\n\n",
    );
    for binds in binds {
        let mut columns = vec![format!("{binds} bind{}", if *binds == 1 { "" } else { "s" })];
        for window in windows {
            columns.extend([
                format!("window {window}: texts/s"),
                "span".to_owned(),
                "p50".to_owned(),
                "p99".to_owned(),
            ]);
        }
        let mut table = Table::new(columns);
        for peer in peers {
            let mut row = vec![peer.name().to_owned()];
            for window in windows {
                let cell = Cell { peer: *peer, binds: *binds, window: *window };
                let seconds = |figure: fn(&Sample) -> Option<Duration>| {
                    let median = rounds.median(cell, |sample| figure(sample).map(|took| took.as_secs_f64()));
                    median.map_or_else(|| "–".to_owned(), time)
                };
                row.push(
                    rounds.median(cell, |sample| Some(sample.rate)).map_or_else(|| "–".to_owned(), rate),
                );
                row.push(
                    rounds
                        .span(cell)
                        .map_or_else(String::new, |(low, high)| format!("{}–{}", rate(low), rate(high))),
                );
                row.push(seconds(|sample| sample.p50));
                row.push(seconds(|sample| sample.p99));
            }
            table.row(row);
        }
        text += &table.markdown();
        text.push('\n');
    }
    if let (Some(serial), Some(p50), Some(p99)) = (
        rounds.ratio(|round| Some(round.disk.rate)),
        rounds.ratio(|round| Some(round.disk.p50?.as_secs_f64())),
        rounds.ratio(|round| Some(round.disk.p99?.as_secs_f64())),
    ) {
        text += &format!(
            "The disk alone, one append with fdatasync after the other, no network: {}/s, p50 {}, p99 {}.\n\n",
            rate(serial),
            time(p50),
            time(p99)
        );
    }
    text += "Aims, each the median of the ratios within one round:\n\n";
    text += &report::aims(&all_aims(rounds));
    text
}

fn all_aims(rounds: &Rounds) -> Vec<Aim> {
    let least = |what: &str, wanted: f64, got: Option<f64>| Aim {
        what: what.to_owned(),
        got,
        shown: got.map_or_else(String::new, |got| format!("{got:.2} ×")),
        holds: got.is_some_and(|got| got >= wanted),
    };
    let most = |what: &str, wanted: f64, got: Option<f64>| Aim {
        holds: got.is_some_and(|got| got <= wanted),
        ..least(what, wanted, got)
    };
    let beside = |peer: Peer, other: Peer, window: u32| {
        rounds.ratio(move |round| Some(round.rate(peer, 1, window)? / round.rate(other, 1, window)?))
    };
    let p99 = |window: u32| {
        rounds.ratio(move |round| {
            let took = round.get(Peer::Sqlite, 1, window)?.p99?.as_secs_f64();
            Some(took / round.get(Peer::Append, 1, window)?.sync_p99?.as_secs_f64())
        })
    };
    let four = |peer: Peer| {
        rounds.ratio(move |round: &Round<'_>| Some(round.rate(peer, 4, 10)? / round.rate(peer, 1, 10)?))
    };
    let over_disk =
        |peer: Peer| rounds.ratio(move |round: &Round<'_>| Some(round.rate(peer, 1, 1)? / round.disk.rate));
    vec![
        least(
            "window 1 ≥ 0.9 × the serial append, fdatasync, answer",
            0.9,
            beside(Peer::Sqlite, Peer::Append, 1),
        ),
        least("… and ≥ 0.9 × the disk alone, without any network", 0.9, over_disk(Peer::Sqlite)),
        least("window 10 ≥ 2 × Kannel's file store", 2.0, beside(Peer::Sqlite, Peer::Kannel, 10)),
        least("window 100 ≥ 8 × Kannel's file store", 8.0, beside(Peer::Sqlite, Peer::Kannel, 100)),
        least("window 100 ≥ 0.5 × append, fdatasync, answer", 0.5, beside(Peer::Sqlite, Peer::Append, 100)),
        most("p99 at window 1 ≤ 3 × fdatasync's p99 (of the appending program)", 3.0, p99(1)),
        most("p99 at window 10 ≤ 3 × fdatasync's p99", 3.0, p99(10)),
        most("p99 at window 100 ≤ 3 × fdatasync's p99", 3.0, p99(100)),
        least("four binds at window 10 ≥ 3 × one", 3.0, four(Peer::Sqlite)),
        least(
            "PostgreSQL at window 100 ≥ 0.4 × append, fdatasync, answer",
            0.4,
            beside(Peer::Postgres, Peer::Append, 100),
        ),
    ]
}

/// Writes everything into the documents.
pub(crate) fn write(
    rounds: &Rounds,
    peers: &[Peer],
    binds: &[usize],
    windows: &[u32],
    machine: &str,
    report: &str,
) -> anyhow::Result<()> {
    let text = format!(
        "Measured {} in {} rounds on {machine}.\n\n![Texts answered a second](images/intake.svg)\n\n{report}",
        machine::today(),
        rounds.count()
    );
    report::write_part("intake", &text)?;
    let panels: Vec<Panel> = binds
        .iter()
        .map(|binds| Panel {
            title: format!("{binds} bind{}", if *binds == 1 { "" } else { "s" }),
            groups: windows.iter().map(|window| group(rounds, peers, *binds, *window)).collect(),
        })
        .collect();
    let series: Vec<Series> =
        peers.iter().map(|peer| Series { name: peer.name(), colour: colour(*peer) }).collect();
    let svg = draw("Texts answered OK a second, by texts unanswered at once", &series, &panels);
    Ok(fs::write(report::docs().join("images/intake.svg"), svg)?)
}

fn group(rounds: &Rounds, peers: &[Peer], binds: usize, window: u32) -> Group {
    let bar = |peer: &Peer| {
        let median = rounds.median(Cell { peer: *peer, binds, window }, |sample| Some(sample.rate))?;
        Some((median, rate(median)))
    };
    Group { name: format!("window {window}"), bars: peers.iter().map(bar).collect() }
}
