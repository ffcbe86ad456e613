//! How freely a model writes. One that was not tuned for the work is kept from repeating itself and told when lines end; one
//! that was knows, and such wishes take it off what it learned. Both are drawn to the words of the rule that are not said yet.

use crate::engine::{Nudges, Sampling};

/// How a model is asked for scenarios.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// It learned to answer the prompt.
    pub(super) tuned: bool,
}

/// Tries at a scenario by a tuned model: at the first one, which somebody waits for, and at others.
const FIRST_TRIES: u64 = 8;
const TUNED_TRIES: u64 = 12;
/// How much freer each pair of tries is than the one before.
const TUNED_HEAT: f64 = 0.06;
/// The same of a model that was not tuned, whose tries come one after the other.
const TRIES: u64 = 1;
const HEAT: f64 = 0.3;

impl Manner {
    /// So many tries at a scenario are written side by side, the best of which is kept. A model that was not tuned seldom
    /// says more when it is asked again.
    pub(super) fn tries(self, first: bool) -> u64 {
        match (self.tuned, first) {
            (true, true) => FIRST_TRIES,
            (true, false) => TUNED_TRIES,
            (false, _) => TRIES,
        }
    }

    /// How often it is asked at most, while no try is good enough.
    pub(super) fn rounds(self) -> u64 {
        if self.tuned { 2 } else { 3 }
    }

    /// Which of so many cases that a rule states the try of this number, from 0, is held to. Every other one is free: an
    /// outcome in the rule's own words is right, but one in the model's words reads better where it is right too.
    pub(super) fn case(self, attempt: u64, cases: usize) -> Option<usize> {
        let turn = (self.tuned && attempt % 2 == 1).then_some(attempt / 2)?;
        (turn as usize).checked_rem(cases)
    }

    /// For the try of this number, from 0.
    pub(super) fn sampling(self, seed: u64, attempt: u64, hurry_after: usize) -> Sampling {
        let (temperature, repeat_penalty, favour, follow, nudges) = if self.tuned {
            (0.3 + TUNED_HEAT * (attempt % TUNED_TRIES / 2) as f64, 1.0, 2.0, 2.0, Nudges::Persons)
        } else {
            (0.5 + HEAT * attempt as f64, 1.1, 1.5, 0.0, Nudges::PersonsAndLines)
        };
        Sampling {
            temperature,
            top_p: 0.9,
            top_k: 40,
            seed: seed.wrapping_add(attempt << 32),
            repeat_penalty,
            favour,
            follow,
            affirms: false,
            hurry_after,
            nudges,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_try_of_a_tuned_model_is_held_to_a_case_in_turn() {
        let cases = |tuned, of| (0..8).map(|attempt| Manner { tuned }.case(attempt, of)).collect::<Vec<_>>();
        assert_eq!(cases(true, 2), [None, Some(0), None, Some(1), None, Some(0), None, Some(1)]);
        assert_eq!(cases(true, 0), [None; 8]);
        assert_eq!(cases(false, 2), [None; 8]);
    }

    #[test]
    fn pairs_of_tries_are_as_free_and_later_ones_freer() {
        let heat = |attempt| Manner { tuned: true }.sampling(1, attempt, 9).temperature;
        assert_eq!(heat(0), heat(1));
        assert!(heat(2) > heat(0) && heat(10) > heat(8));
        assert_eq!(heat(12), heat(0), "another round begins anew");
    }
}
