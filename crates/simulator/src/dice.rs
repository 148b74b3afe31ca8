//! Chance from a seed: the same seed gives the same citizens, pauses and decisions.
//!
//! There is no other source of chance in this crate.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A seeded generator with the few questions the simulator asks.
#[derive(Debug)]
pub(crate) struct Dice(StdRng);

impl Dice {
    /// A generator of its own for each `part` of a run, so that one part's throws never shift another's.
    pub(crate) fn new(seed: u64, part: &str) -> Self {
        Self(StdRng::seed_from_u64(mix(seed, part)))
    }

    /// A number below `end`; zero when `end` is zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { self.0.random_range(0..end) }
    }

    /// One of these; the first when chance has nothing to choose from is the caller's concern: give at least one.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// True in `per_cent` of a hundred throws.
    pub(crate) fn chance(&mut self, per_cent: u32) -> bool {
        self.0.random_range(0..100) < per_cent
    }

    /// A pause between half and one and a half times `mean`.
    pub(crate) fn around(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(self.0.random_range(0.5..1.5))
    }
}

/// A number that depends on the seed and on a name: decisions that must not depend on the order of events.
pub(crate) fn mix(seed: u64, name: &str) -> u64 {
    // FNV-1a over the name, then the finaliser of SplitMix64.
    let mut state = seed ^ 0xCBF2_9CE4_8422_2325;
    for byte in name.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_part_throw_the_same() {
        let throws = |seed, part| {
            let mut dice = Dice::new(seed, part);
            [dice.below(1 << 30), dice.below(1 << 30), dice.below(1000)]
        };
        assert_eq!(throws(7, "a"), throws(7, "a"));
        assert_ne!(throws(7, "a"), throws(7, "b"));
        assert_ne!(throws(7, "a"), throws(8, "a"));
    }

    #[test]
    fn a_pause_stays_around_its_mean() {
        let mut dice = Dice::new(1, "pause");
        for _ in 0..1000 {
            let pause = dice.around(Duration::from_secs(2));
            assert!(pause >= Duration::from_secs(1) && pause <= Duration::from_secs(3));
        }
        assert_eq!(dice.below(0), 0);
    }
}
