//! What a stream of citizens holds, and the numbers the demo's story is about.

use std::time::Duration;

use super::network::{Mobile, Network};

/// What the stream holds.
#[derive(Debug, Clone)]
pub struct CitizensPlan {
    /// The same seed gives the same stream, as long as the replies are the same.
    pub seed: u64,
    /// Whose citizens send.
    pub networks: Vec<Network>,
    /// The most texts of the whole stream, follow-ups included.
    pub texts_max: u64,
    /// Between two everyday texts, on average.
    pub mean_gap: Duration,
    /// How many subscribe to warnings at the beginning.
    pub early_subscribers: usize,
    /// The number the great wave is about.
    pub star: Mobile,
    /// How many different citizens report it in the first wave.
    pub star_voices: usize,
    /// When the first wave begins.
    pub wave_after: Duration,
    /// A number that a few report although its holder may be a victim of forged caller ids.
    pub wronged: Mobile,
    /// How many report it, soon after the first wave.
    pub wronged_voices: usize,
    /// Between two texts of a wave, on average.
    pub wave_gap: Duration,
    /// How many texts a burst has.
    pub burst_size: usize,
    /// When the first burst comes.
    pub burst_after: Duration,
    /// After this time another wave, on another number, and another burst.
    pub cycle: Duration,
}

impl CitizensPlan {
    /// The demo's stream.
    #[must_use]
    pub fn demo(seed: u64) -> Self {
        Self {
            seed,
            networks: vec![Network::Viettel, Network::Vinaphone],
            texts_max: 50_000,
            mean_gap: Duration::from_millis(900),
            early_subscribers: 12,
            star: star(),
            star_voices: 24,
            wronged: wronged(),
            wronged_voices: 3,
            wave_after: Duration::from_secs(2),
            wave_gap: Duration::from_millis(450),
            burst_size: 60,
            burst_after: Duration::from_secs(40),
            cycle: Duration::from_secs(120),
        }
    }
}

/// The number the demo's story is about: made up, of Viettel's range.
#[must_use]
pub fn star() -> Mobile {
    Mobile::from_dialled("0969991234").expect("ten digits from 0")
}

/// The number in the demo whose holder asks for reconsideration: made up, of VinaPhone's range.
#[must_use]
pub fn wronged() -> Mobile {
    Mobile::from_dialled("0919995678").expect("ten digits from 0")
}
