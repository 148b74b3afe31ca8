//! How fast the simulated people are.

use std::time::Duration;

/// Slowest and fastest.
const BOUNDS: (f64, f64) = (0.05, 50.0);

/// A factor on every pause people make: 1 is the demo's own time, 2 twice as fast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace(f64);

impl Pace {
    /// A pace; factors beyond a twentieth and fifty are taken as these, and what is no number as 1.
    #[must_use]
    pub fn new(factor: f64) -> Pace {
        if factor.is_nan() { Pace::default() } else { Pace(factor.clamp(BOUNDS.0, BOUNDS.1)) }
    }

    /// A pause at this pace.
    pub(crate) fn of(self, pause: Duration) -> Duration {
        pause.div_f64(self.0)
    }
}

impl Default for Pace {
    fn default() -> Self {
        Pace(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_has_bounds() {
        let second = Duration::from_secs(1);
        assert_eq!(Pace::new(2.0).of(second), second / 2);
        assert_eq!(Pace::new(0.0), Pace::new(0.05));
        assert_eq!(Pace::new(f64::INFINITY), Pace::new(50.0));
        assert_eq!(Pace::new(f64::NAN).of(second), second);
    }
}
