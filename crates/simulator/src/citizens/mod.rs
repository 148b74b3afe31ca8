//! Citizens: a seeded, believable stream of texts, endless in kind and bounded in number.
//!
//! [`Citizens::next`] gives the next text and the pause before it, in the stream's own time: the caller decides how
//! fast that time runs. [`Citizens::heard`] tells the citizens what the product replied; some then ask `KQ` with
//! their code, or send their report again as they were told.
//!
//! Deliberately not here: links, PDUs, clocks. Every text carries what the product should understand of it.

mod compose;
mod errands;
mod network;
mod plan;
mod sample;
mod spelling;
mod topics;

#[cfg(test)]
mod tests;

pub use network::{Mobile, Network};
pub use plan::{CitizensPlan, star, wronged};
pub use sample::{About, AddressForm, CitizenText, Coding, Expected, Parts};
pub use spelling::{Diction, Digits, Letter, Shape, Spelling};

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use canhgiac_domain::intake::ReportKind;
use canhgiac_domain::text::fold;
use canhgiac_smpp::text::gsm7_len;

use crate::dice::Dice;
use compose::Composed;
use errands::Prompt;
use topics::{Topic, WAVE_DEMANDS, WAVE_OPENINGS, WAVE_PRETEXTS};

/// Follow-ups (`KQ`, corrections) that wait at most; further replies are heard without one.
const FOLLOW_UPS_MAX: usize = 1_000;
/// Citizens whose last report is remembered at most.
const MEMORY_MAX: usize = 10_000;
/// Texts a duplicate may repeat.
const RECENT_MAX: usize = 50;
/// Numbers that are reported again and again.
const REGULARS: usize = 12;

/// What happens next in the stream's time.
#[derive(Debug)]
enum Item {
    Everyday,
    Subscriber,
    /// A voice of a wave on this number, and how many are still to come.
    Wave {
        source: Mobile,
        left: usize,
    },
    /// One of a burst.
    Burst,
    /// The waves and bursts begin anew.
    Cycle,
    FollowUp {
        from: Mobile,
        network: Network,
        to: &'static str,
        what: FollowUp,
    },
}

#[derive(Debug)]
enum FollowUp {
    Result(Option<String>),
    Report { kind: ReportKind, source: Mobile, words: String },
}

/// What a citizen reported last.
#[derive(Debug)]
struct Remembered {
    network: Network,
    to: &'static str,
    kind: ReportKind,
    source: Mobile,
    words: String,
}

/// The stream; see the [module](self).
#[derive(Debug)]
pub struct Citizens {
    plan: CitizensPlan,
    dice: Dice,
    /// Throws for replies only: the everyday stream stays the same whatever is replied, and when.
    reply_dice: Dice,
    regulars: Vec<Mobile>,
    clock: Duration,
    agenda: BTreeMap<(Duration, u64), Item>,
    scheduled: u64,
    follow_ups: usize,
    sent: u64,
    memory: HashMap<Mobile, Remembered>,
    memory_order: VecDeque<Mobile>,
    recent: VecDeque<CitizenText>,
    subscribers: VecDeque<(Mobile, Network)>,
}

impl Citizens {
    /// A stream at its beginning.
    #[must_use]
    pub fn new(plan: CitizensPlan) -> Self {
        let mut dice = Dice::new(plan.seed, "citizens");
        let regulars = (0..REGULARS)
            .map(|at| Mobile::scammer(Network::ALL[[0, 0, 1, 1, 0, 2][at % 6]], &mut dice))
            .collect();
        let mut citizens = Self {
            reply_dice: Dice::new(plan.seed, "replies"),
            dice,
            regulars,
            clock: Duration::ZERO,
            agenda: BTreeMap::new(),
            scheduled: 0,
            follow_ups: 0,
            sent: 0,
            memory: HashMap::new(),
            memory_order: VecDeque::new(),
            recent: VecDeque::new(),
            subscribers: VecDeque::new(),
            plan,
        };
        citizens.open();
        citizens
    }

    fn open(&mut self) {
        self.schedule(Duration::ZERO, Item::Everyday);
        for at in 0..self.plan.early_subscribers {
            self.schedule(Duration::from_millis(300 + 80 * at as u64), Item::Subscriber);
        }
        let star = self.plan.star.clone();
        self.schedule(self.plan.wave_after, Item::Wave { source: star, left: self.plan.star_voices });
        let wronged = self.plan.wronged.clone();
        let after = self.plan.wave_after * 2;
        self.schedule(after, Item::Wave { source: wronged, left: self.plan.wronged_voices });
        self.burst_at(self.plan.burst_after);
        self.schedule(self.plan.cycle, Item::Cycle);
    }

    /// The next text and the pause before it; `None` when the stream has given all it may.
    #[expect(
        clippy::should_implement_trait,
        reason = "replies change what comes next: it is no plain iterator"
    )]
    pub fn next(&mut self) -> Option<(Duration, CitizenText)> {
        if self.sent >= self.plan.texts_max {
            return None;
        }
        let mut pause = Duration::ZERO;
        loop {
            let ((at, _), item) = self.agenda.pop_first()?;
            pause += at.saturating_sub(self.clock);
            self.clock = self.clock.max(at);
            if let Some(mut text) = self.perform(item) {
                self.sent += 1;
                text.number = self.sent;
                return Some((pause, text));
            }
        }
    }

    /// A reply came to a citizen.
    pub fn heard(&mut self, citizen: &Mobile, reply: &str) {
        let Some(remembered) = self.memory.get(citizen) else {
            return;
        };
        let what = match errands::prompt(reply) {
            Some(Prompt::Code(code)) if self.reply_dice.chance(40) => FollowUp::Result(Some(code)),
            Some(Prompt::Code(_)) if self.reply_dice.chance(8) => FollowUp::Result(None),
            Some(Prompt::SendAgain) if self.reply_dice.chance(60) => FollowUp::Report {
                kind: remembered.kind,
                source: remembered.source.clone(),
                words: remembered.words.clone(),
            },
            _ => return,
        };
        if self.follow_ups >= FOLLOW_UPS_MAX {
            return;
        }
        let (network, to) = (remembered.network, remembered.to);
        self.follow_ups += 1;
        let after = self.reply_dice.around(Duration::from_secs(8));
        self.schedule(after, Item::FollowUp { from: citizen.clone(), network, to, what });
    }

    fn schedule(&mut self, after: Duration, item: Item) {
        self.scheduled += 1;
        self.agenda.insert((self.clock + after, self.scheduled), item);
    }

    fn burst_at(&mut self, after: Duration) {
        for at in 0..self.plan.burst_size {
            let within = Duration::from_millis(1_000 * at as u64 / self.plan.burst_size as u64);
            self.schedule(after + within, Item::Burst);
        }
    }

    /// `None` for what only sets other things going.
    fn perform(&mut self, item: Item) -> Option<CitizenText> {
        match item {
            Item::Everyday => {
                let gap = self.dice.around(self.plan.mean_gap);
                self.schedule(gap, Item::Everyday);
                Some(self.everyday())
            }
            Item::Subscriber => Some(self.subscriber()),
            Item::Wave { source, left } => {
                let left = left.checked_sub(1)?;
                let text = self.voice(&source);
                let gap = self.dice.around(self.plan.wave_gap);
                self.schedule(gap, Item::Wave { source, left });
                Some(text)
            }
            Item::Burst => {
                let mut text = self.everyday_report();
                text.about = About::Burst;
                Some(text)
            }
            Item::Cycle => {
                let source = self.any_source();
                let left = 4 + self.dice.below(9);
                self.schedule(Duration::from_secs(5), Item::Wave { source, left });
                self.burst_at(self.plan.cycle / 2);
                self.schedule(self.plan.cycle, Item::Cycle);
                None
            }
            Item::FollowUp { from, network, to, what } => {
                self.follow_ups -= 1;
                Some(self.follow_up(from, network, to, what))
            }
        }
    }

    fn everyday(&mut self) -> CitizenText {
        match self.dice.below(100) {
            0..=5 => {
                let other = self.any_source();
                let (text, expected) = errands::check(&self.plan.star, &other, &mut self.dice);
                self.errand(About::Check, text, expected)
            }
            6..=8 => {
                let (text, expected) = errands::help(&mut self.dice);
                self.errand(About::Help, text, expected)
            }
            9..=12 => self.subscriber(),
            13..=15 => {
                let (text, expected) = compose::question(&mut self.dice);
                self.errand(About::Question, text, expected)
            }
            16 => {
                let (text, expected) = errands::elsewhere(&mut self.dice);
                self.errand(About::Elsewhere, text, expected)
            }
            17 => {
                let (text, expected) = errands::wrong_code(&mut self.dice);
                self.errand(About::Result, text, expected)
            }
            18..=20 if !self.recent.is_empty() => {
                // The same words from the same person: sent twice by an impatient thumb.
                let at = self.dice.below(self.recent.len());
                self.recent[at].clone()
            }
            _ => self.everyday_report(),
        }
    }

    fn everyday_report(&mut self) -> CitizenText {
        let topic = compose::topic(&mut self.dice);
        let source = self.any_source();
        let spelling = spelling::any(&mut self.dice);
        let composed = compose::report(topic, spelling, &source, &mut self.dice);
        self.report(topic, &source, composed)
    }

    fn any_source(&mut self) -> Mobile {
        if self.dice.chance(40) {
            let at = self.dice.below(self.regulars.len());
            return self.regulars[at].clone();
        }
        let network = Network::ALL[[0, 0, 0, 1, 1, 2][self.dice.below(6)]];
        Mobile::scammer(network, &mut self.dice)
    }

    /// One of many who tell the same call in their own words.
    fn voice(&mut self, source: &Mobile) -> CitizenText {
        let words =
            [WAVE_OPENINGS, WAVE_PRETEXTS, WAVE_DEMANDS].map(|pieces| self.dice.pick(pieces)).join(", ");
        let diction = if self.dice.chance(30) { Diction::Accented } else { Diction::Unaccented };
        let shapes =
            [Shape::Spaced, Shape::Spaced, Shape::Round, Shape::RoundNumber, Shape::Comma, Shape::Colon];
        let digits = [Digits::Plain, Digits::Plain, Digits::Dotted, Digits::PlusCode, Digits::Spaced];
        let spelling = Spelling {
            shape: shapes[self.dice.below(shapes.len())],
            digits: digits[self.dice.below(digits.len())],
            letter: if self.dice.chance(70) { Letter::Published } else { Letter::Lower },
            diction,
        };
        let kind = ReportKind::ScamCall;
        let text = spelling.shape.arrange(
            spelling.letter.of(kind),
            &spelling.digits.write(source),
            &diction.say(&words),
        );
        let expected = Expected::report(kind, vec![source.canonical()]);
        let text = self.somebodys(About::Wave, spelling, text, expected);
        self.remember(&text, kind, source, &words);
        text
    }

    fn report(&mut self, topic: &Topic, source: &Mobile, composed: Composed) -> CitizenText {
        let Composed { text, about, spelling, expected } = composed;
        let text = self.somebodys(about, spelling, text, expected);
        self.remember(&text, topic.kind, source, topic.tellings[0]);
        text
    }

    fn errand(&mut self, about: About, text: String, expected: Expected) -> CitizenText {
        self.somebodys(about, Spelling { shape: Shape::NoReport, ..Spelling::PLAIN }, text, expected)
    }

    /// Somebody subscribes, or one who did leaves again.
    fn subscriber(&mut self) -> CitizenText {
        let is_leaving = self.subscribers.len() > self.plan.early_subscribers && self.dice.chance(25);
        let leaver = if is_leaving { self.subscribers.pop_front() } else { None };
        let (text, expected) = errands::warnings(leaver.is_some(), &mut self.dice);
        let mut text = self.errand(About::Warnings, text, expected);
        match leaver {
            Some((from, network)) => (text.from, text.network) = (from, network),
            None if self.subscribers.len() < MEMORY_MAX => {
                self.subscribers.push_back((text.from.clone(), text.network));
            }
            None => {}
        }
        text
    }

    fn follow_up(&mut self, from: Mobile, network: Network, to: &'static str, what: FollowUp) -> CitizenText {
        let (about, text, expected) = match what {
            FollowUp::Result(code) => {
                let (text, expected) = errands::result(code.as_deref(), &mut self.reply_dice);
                (About::Result, text, expected)
            }
            FollowUp::Report { kind, source, words } => {
                let letter = Letter::Published.of(kind);
                let words = Diction::Unaccented.say(&words);
                let text = Shape::Spaced.arrange(letter, source.dialled(), &words);
                (About::Topic("corrected"), text, Expected::report(kind, vec![source.canonical()]))
            }
        };
        CitizenText {
            number: 0,
            from,
            network,
            to,
            coding: coding_of(&text),
            text,
            parts: Parts::Udh8,
            is_shuffled: false,
            address: AddressForm::International,
            about,
            spelling: Spelling::PLAIN,
            expected,
        }
    }

    fn somebodys(
        &mut self,
        about: About,
        spelling: Spelling,
        text: String,
        expected: Expected,
    ) -> CitizenText {
        let network = self.plan.networks[self.dice.below(self.plan.networks.len())];
        let from = Mobile::citizen(network, &mut self.dice);
        let is_long = text.chars().count() > 70;
        let parts = match self.dice.below(10) {
            0 if is_long => Parts::Payload,
            1 => Parts::Sar,
            2..=4 => Parts::Udh16,
            _ => Parts::Udh8,
        };
        let text = CitizenText {
            number: 0,
            from,
            network,
            to: if self.dice.chance(70) { "156" } else { "5656" },
            coding: coding_of(&text),
            text,
            parts,
            is_shuffled: self.dice.chance(25),
            address: match self.dice.below(10) {
                0 => AddressForm::Plus,
                1 => AddressForm::National,
                _ => AddressForm::International,
            },
            about,
            spelling,
            expected,
        };
        if self.recent.len() >= RECENT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(text.clone());
        text
    }

    fn remember(&mut self, text: &CitizenText, kind: ReportKind, source: &Mobile, words: &str) {
        if self.memory_order.len() >= MEMORY_MAX
            && let Some(oldest) = self.memory_order.pop_front()
        {
            self.memory.remove(&oldest);
        }
        let remembered = Remembered {
            network: text.network,
            to: text.to,
            kind,
            source: source.clone(),
            words: fold(words),
        };
        if self.memory.insert(text.from.clone(), remembered).is_none() {
            self.memory_order.push_back(text.from.clone());
        }
    }
}

fn coding_of(text: &str) -> Coding {
    if gsm7_len(text).is_some() { Coding::Gsm7 } else { Coding::Ucs2 }
}
