//! Precision and recall of the three facets over a made-up, true-to-life corpus.

use std::collections::BTreeSet;

use canhgiac_analysis::{Level, Signs, assess, classify};
use canhgiac_domain::taxonomy::{Facet, Taxonomy};
use serde::Deserialize;

/// Floors that a change of the rules must not break.
const LEAST_PRECISION: f64 = 0.97;
const LEAST_RECALL: f64 = 0.97;
/// Floor for texts that the rules were not tuned on.
const LEAST_HELD_OUT: f64 = 0.90;
/// Fewest texts that make the figures worth anything.
const LEAST_TEXTS: usize = 150;

#[derive(Deserialize)]
struct Corpus {
    text: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    kind: String,
    words: String,
    who: Vec<String>,
    why: Vec<String>,
    demand: Vec<String>,
}

impl Sample {
    fn expected(&self, facet: Facet) -> BTreeSet<&str> {
        let terms = match facet {
            Facet::Who => &self.who,
            Facet::Why => &self.why,
            Facet::Demand => &self.demand,
        };
        terms.iter().map(String::as_str).collect()
    }
}

fn corpus() -> Vec<Sample> {
    read(include_str!("../corpus.toml"))
}

fn read(text: &str) -> Vec<Sample> {
    let corpus: Corpus = toml::from_str(text).unwrap();
    corpus.text
}

fn signs() -> Signs {
    Signs::embedded(jiff::civil::date(2026, 11, 24))
}

#[derive(Default)]
struct Score {
    right: u32,
    extra: u32,
    missing: u32,
}

impl Score {
    fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.extra).max(1))
    }

    fn recall(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.missing).max(1))
    }
}

/// Precision and recall of one facet; prints what differs.
fn measure(signs: &Signs, corpus: &[Sample], facet: Facet) -> (f64, f64) {
    let mut score = Score::default();
    for sample in corpus {
        let reading = classify(signs, &sample.words);
        let found: BTreeSet<&str> = reading.terms(facet).map(|term| term.as_str()).collect();
        let expected = sample.expected(facet);
        let extra: Vec<_> = found.difference(&expected).collect();
        let missing: Vec<_> = expected.difference(&found).collect();
        score.right += u32::try_from(found.intersection(&expected).count()).unwrap();
        score.extra += u32::try_from(extra.len()).unwrap();
        score.missing += u32::try_from(missing.len()).unwrap();
        if !extra.is_empty() || !missing.is_empty() {
            println!("{facet}: +{extra:?} -{missing:?} ({}) {}", sample.kind, sample.words);
        }
    }
    let (precision, recall) = (score.precision(), score.recall());
    println!("{facet}: precision {precision:.3}, recall {recall:.3} over {} texts", corpus.len());
    (precision, recall)
}

#[test]
fn the_facets_keep_their_precision_and_recall() {
    let (signs, corpus) = (signs(), corpus());
    assert!(corpus.len() >= LEAST_TEXTS, "{} texts", corpus.len());
    for facet in Facet::ALL {
        let (precision, recall) = measure(&signs, &corpus, facet);
        assert!(precision >= LEAST_PRECISION && recall >= LEAST_RECALL, "{facet}");
    }
}

#[test]
fn texts_the_rules_were_not_tuned_on_are_read_nearly_as_well() {
    let (signs, corpus) = (signs(), read(include_str!("../heldout.toml")));
    for (facet, (precision, recall)) in Facet::ALL.map(|facet| (facet, measure(&signs, &corpus, facet))) {
        assert!(precision >= LEAST_HELD_OUT && recall >= LEAST_HELD_OUT, "{facet}");
    }
}

#[test]
fn every_expected_term_is_in_the_taxonomy_and_every_term_is_tested() {
    let taxonomy = Taxonomy::embedded();
    let corpus = corpus();
    let mut used = BTreeSet::new();
    for sample in &corpus {
        for facet in Facet::ALL {
            for id in sample.expected(facet) {
                let term = taxonomy.term(id).unwrap_or_else(|| panic!("unknown term {id}"));
                assert_eq!(term.facet, facet, "{id}");
                used.insert(term.id.clone());
            }
        }
    }
    let untested: Vec<_> = taxonomy.terms().iter().filter(|term| !used.contains(&term.id)).collect();
    assert!(untested.is_empty(), "{untested:?}");
}

#[test]
fn innocent_texts_and_warnings_demand_nothing() {
    let signs = signs();
    for sample in corpus() {
        if sample.kind == "innocent" || sample.kind == "warning" {
            let reading = classify(&signs, &sample.words);
            let demands: Vec<_> = reading.terms(Facet::Demand).collect();
            assert!(demands.is_empty(), "{demands:?} in {}", sample.words);
        }
    }
}

#[test]
fn the_public_check_sees_the_scams_and_does_not_cry_wolf_over_daily_life() {
    let signs = signs();
    let (mut scams, mut seen) = (0_u32, 0_u32);
    for sample in corpus() {
        let level = assess(&signs, &sample.words).level;
        match sample.kind.as_str() {
            "innocent" => assert_ne!(level, Level::Signs, "{}", sample.words),
            "warning" => assert_ne!(level, Level::Signs, "{}", sample.words),
            "scam" => {
                scams += 1;
                seen += u32::from(level == Level::Signs);
                if level != Level::Signs {
                    println!("{level:?}: {}", sample.words);
                }
            }
            _ => {}
        }
    }
    let share = f64::from(seen) / f64::from(scams);
    println!("signs in {seen} of {scams} scams");
    assert!(share >= 0.85, "only {seen} of {scams} scams show signs");
}

#[test]
fn accents_do_not_decide_what_is_read() {
    // The same reports without accents lose little: most SMS come so.
    let signs = signs();
    let (mut same, mut all) = (0_u32, 0_u32);
    for sample in corpus().iter().filter(|sample| sample.kind == "scam") {
        let plain = canhgiac_analysis::fold::Folded::of(&sample.words);
        let reading = classify(&signs, plain.text());
        for facet in Facet::ALL {
            for id in sample.expected(facet) {
                // Links lose their dots in the twin.
                if id != "link" {
                    all += 1;
                    same += u32::from(reading.asserts(id));
                }
            }
        }
    }
    assert!(f64::from(same) / f64::from(all) >= 0.90, "{same} of {all}");
}

#[test]
fn reading_is_fast_enough_for_a_flood() {
    // Printed for people; the floor is a tenth of what a busy machine shows.
    let begun = std::time::Instant::now();
    let signs = signs();
    println!("{} phrases compiled in {:?}", signs.phrase_count(), begun.elapsed());
    let corpus = corpus();
    let begun = std::time::Instant::now();
    for sample in &corpus {
        std::hint::black_box(classify(&signs, &sample.words));
    }
    let each = begun.elapsed() / u32::try_from(corpus.len()).unwrap();
    println!("{each:?} a text");
    assert!(each < std::time::Duration::from_millis(20));
}
