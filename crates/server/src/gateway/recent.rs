//! The last hour of one link, minute by minute: what came, what went, how long answers took.
//!
//! Kept in memory and bounded: a ring of 60 minutes, each with a few counters and two small histograms.
//! It is for people looking at the links page; what must be kept for longer is in the metrics.

use std::time::Duration;

/// Minutes that are kept.
pub const MINUTES: usize = 60;

/// Upper edges of the latency histograms, in seconds, here and in the metrics; longer ones fall above the last.
pub const LATENCY_EDGES_S: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// How long things took, counted by the edges of [`LATENCY_EDGES_S`] and one above.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Latencies {
    counts: [u64; LATENCY_EDGES_S.len() + 1],
}

impl Latencies {
    fn note(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        let place = LATENCY_EDGES_S.partition_point(|edge| *edge < seconds);
        self.counts[place] += 1;
    }

    fn add(&mut self, other: &Latencies) {
        for (sum, count) in self.counts.iter_mut().zip(other.counts) {
            *sum += count;
        }
    }

    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The edge, in seconds, that this share (0 to 1) of all did not exceed; infinite above the last edge,
    /// none when nothing was counted.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let total = self.total();
        let wanted = (total as f64 * share).ceil().max(1.0);
        let mut seen = 0;
        for (place, count) in self.counts.iter().enumerate() {
            seen += count;
            if total > 0 && seen as f64 >= wanted {
                return Some(LATENCY_EDGES_S.get(place).copied().unwrap_or(f64::INFINITY));
            }
        }
        None
    }
}

/// What one minute saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Minute {
    /// Texts taken in and answered OK.
    pub texts_in: u64,
    /// Texts refused for now.
    pub refused_in: u64,
    /// Messages the peer took.
    pub messages_out: u64,
    /// Messages the peer refused, throttled ones among them.
    pub refused_out: u64,
    /// From the arrival of a text to its answer.
    pub answers: Latencies,
    /// From handing a message to a session to the peer's answer.
    pub submits: Latencies,
}

impl Minute {
    /// Counts a text's answer.
    pub(super) fn answered(&mut self, took: Duration) {
        self.answers.note(took);
    }

    /// Counts the peer's answer to a message.
    pub(super) fn submitted(&mut self, took: Duration) {
        self.submits.note(took);
    }
}

/// The last [`MINUTES`] minutes. Minutes are counted from any fixed start that does not jump.
#[derive(Debug, Clone)]
pub struct Recent {
    minutes: [Minute; MINUTES],
    newest: u64,
}

impl Default for Recent {
    fn default() -> Recent {
        Recent { minutes: [Minute::default(); MINUTES], newest: 0 }
    }
}

impl Recent {
    /// The minute that runs.
    pub(super) fn running(&mut self) -> &mut Minute {
        &mut self.minutes[place(self.newest)]
    }

    /// It is this minute now; those that passed meanwhile are empty.
    pub(super) fn advance(&mut self, minute: u64) {
        let passed = minute.saturating_sub(self.newest).min(MINUTES as u64);
        // A clock that runs backwards counts into the newest minute.
        self.newest = self.newest.max(minute);
        for back in 0..passed {
            self.minutes[place(self.newest - back)] = Minute::default();
        }
    }

    /// Oldest first, the running one last.
    pub fn minutes(&self) -> impl DoubleEndedIterator<Item = &Minute> {
        // The ring begins after its newest place.
        (1..=MINUTES).map(|back| &self.minutes[(place(self.newest) + back) % MINUTES])
    }

    /// The answers of the newest `minutes` minutes together.
    pub fn answers(&self, minutes: usize) -> Latencies {
        self.together(minutes, |minute| &minute.answers)
    }

    /// The peer's answers of the newest `minutes` minutes together.
    pub fn submits(&self, minutes: usize) -> Latencies {
        self.together(minutes, |minute| &minute.submits)
    }

    fn together(&self, minutes: usize, which: fn(&Minute) -> &Latencies) -> Latencies {
        let mut sum = Latencies::default();
        self.minutes().rev().take(minutes).for_each(|minute| sum.add(which(minute)));
        sum
    }
}

fn place(minute: u64) -> usize {
    usize::try_from(minute % MINUTES as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(recent: &Recent) -> Vec<u64> {
        recent.minutes().map(|minute| minute.texts_in).collect()
    }

    fn count(recent: &mut Recent, minute: u64, texts: u64) {
        recent.advance(minute);
        recent.running().texts_in += texts;
    }

    #[test]
    fn minutes_pass_in_order_and_the_oldest_are_forgotten() {
        let mut recent = Recent::default();
        for (minute, texts) in [(0, 1), (1, 2), (3, 3)] {
            count(&mut recent, minute, texts);
        }
        assert_eq!(texts(&recent)[MINUTES - 4..], [1, 2, 0, 3]);
        count(&mut recent, 60, 4);
        assert_eq!(texts(&recent)[0], 2, "minute 0 has gone");
        assert_eq!(texts(&recent).iter().sum::<u64>(), 9);
        count(&mut recent, 10_000, 5);
        assert_eq!(texts(&recent).iter().sum::<u64>(), 5, "a long silence empties the ring");
    }

    #[test]
    fn a_clock_that_jumps_back_counts_into_the_newest_minute() {
        let mut recent = Recent::default();
        count(&mut recent, 5, 1);
        count(&mut recent, 2, 1);
        assert_eq!(texts(&recent)[MINUTES - 1], 2);
    }

    #[test]
    fn a_share_of_latencies_is_bounded_by_an_edge() {
        let mut one = Minute::default();
        assert_eq!(one.answers.quantile(0.5), None);
        for _ in 0..98 {
            one.answered(Duration::from_millis(4));
        }
        one.answered(Duration::from_millis(70));
        one.answered(Duration::from_secs(90));
        assert_eq!(one.answers.total(), 100);
        assert_eq!(one.answers.quantile(0.5), Some(0.005));
        assert_eq!(one.answers.quantile(0.99), Some(0.1));
        assert_eq!(one.answers.quantile(1.0), Some(f64::INFINITY));
    }
}
