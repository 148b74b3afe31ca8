//! The cells of the table: what was measured in each round, medians, and ratios within one round.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::peer::Peer;

/// One place of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cell {
    pub(crate) peer: Peer,
    pub(crate) binds: usize,
    pub(crate) window: u32,
}

/// What one round said of a cell.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sample {
    /// Texts answered OK a second.
    pub(crate) rate: f64,
    pub(crate) p50: Option<Duration>,
    pub(crate) p99: Option<Duration>,
    /// 99th percentile of its own fdatasync.
    pub(crate) sync_p99: Option<Duration>,
    /// Share of the stored texts that were reports already when it was stopped.
    pub(crate) projected: Option<f64>,
}

/// What one round said of the disk alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Disk {
    /// Appends with fdatasync a second, one after the other.
    pub(crate) rate: f64,
    pub(crate) p50: Option<Duration>,
    pub(crate) p99: Option<Duration>,
}

/// All rounds.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    samples: Vec<BTreeMap<Cell, Sample>>,
    pub(crate) disk: Vec<Disk>,
}

impl Rounds {
    pub(crate) fn begin(&mut self, disk: Disk) {
        self.samples.push(BTreeMap::new());
        self.disk.push(disk);
    }

    pub(crate) fn add(&mut self, cell: Cell, sample: Sample) {
        if let Some(round) = self.samples.last_mut() {
            round.insert(cell, sample);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.samples.len()
    }

    /// The median of one figure of a cell over the rounds.
    pub(crate) fn median(&self, cell: Cell, figure: impl Fn(&Sample) -> Option<f64>) -> Option<f64> {
        median(self.samples.iter().filter_map(|round| figure(round.get(&cell)?)).collect())
    }

    /// Smallest and largest rate of a cell.
    pub(crate) fn span(&self, cell: Cell) -> Option<(f64, f64)> {
        let rates = self.samples.iter().filter_map(|round| Some(round.get(&cell)?.rate));
        rates.fold(None, |span, rate| match span {
            None => Some((rate, rate)),
            Some((low, high)) => Some((rate.min(low), rate.max(high))),
        })
    }

    /// The median over the rounds of what `ratio` makes of one round.
    pub(crate) fn ratio(&self, ratio: impl Fn(&Round<'_>) -> Option<f64>) -> Option<f64> {
        let rounds = self.samples.iter().zip(&self.disk);
        median(rounds.filter_map(|(samples, disk)| ratio(&Round { samples, disk: *disk })).collect())
    }
}

/// One round.
pub(crate) struct Round<'a> {
    samples: &'a BTreeMap<Cell, Sample>,
    pub(crate) disk: Disk,
}

impl Round<'_> {
    pub(crate) fn get(&self, peer: Peer, binds: usize, window: u32) -> Option<&Sample> {
        self.samples.get(&Cell { peer, binds, window })
    }

    /// Texts a second.
    pub(crate) fn rate(&self, peer: Peer, binds: usize, window: u32) -> Option<f64> {
        self.get(peer, binds, window).map(|sample| sample.rate)
    }
}

/// The middle of some figures.
pub(crate) fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() % 2 {
        1 => figures.get(middle).copied(),
        _ => Some((figures.get(middle.checked_sub(1)?)? + figures.get(middle)?) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let mut rounds = Rounds::default();
        for speed in [1.0, 10.0, 2.0] {
            rounds.begin(Disk { rate: speed, p50: None, p99: None });
            for (peer, rate) in [(Peer::Sqlite, 8.0), (Peer::Kannel, 4.0)] {
                rounds.add(
                    Cell { peer, binds: 1, window: 10 },
                    Sample { rate: rate * speed, ..Sample::default() },
                );
            }
        }
        let ratio =
            rounds.ratio(|round| Some(round.rate(Peer::Sqlite, 1, 10)? / round.rate(Peer::Kannel, 1, 10)?));
        assert_eq!(ratio, Some(2.0));
        let none = rounds.ratio(|round| round.rate(Peer::Append, 1, 10));
        assert_eq!(none, None);
        assert_eq!(rounds.span(Cell { peer: Peer::Kannel, binds: 1, window: 10 }), Some((4.0, 40.0)));
    }
}
