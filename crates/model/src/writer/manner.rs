//! How freely a model writes. One that was not tuned for the work is kept from repeating itself and told when lines end; one
//! that was knows, and such wishes take it off what it learned. Both are drawn to the words of the rule that are not said yet.

use crate::engine::{Nudges, Sampling};

/// How a model is asked for scenarios.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// It learned to answer the prompt.
    pub(super) tuned: bool,
}

/// Tries at a scenario by a tuned model, and how much freer each of them is than the one before.
const TUNED_TRIES: u64 = 6;
const TUNED_HEAT: f64 = 0.1;
/// The same of a model that was not tuned, whose tries come one after the other.
const TRIES: u64 = 1;
const HEAT: f64 = 0.3;

impl Manner {
    /// So many tries at a scenario are written side by side, the best of which is kept. A model that was not tuned seldom
    /// says more when it is asked again.
    pub(super) fn tries(self) -> u64 {
        if self.tuned { TUNED_TRIES } else { TRIES }
    }

    /// How often it is asked at most, while no try is good enough.
    pub(super) fn rounds(self) -> u64 {
        if self.tuned { 2 } else { 3 }
    }

    /// For the try of this number, from 0.
    pub(super) fn sampling(self, seed: u64, attempt: u64, hurry_after: usize) -> Sampling {
        let (top_p, top_k) = (0.9, 40);
        let seed = seed.wrapping_add(attempt << 32);
        if self.tuned {
            let (repeat_penalty, favour, follow, nudges) = (1.0, 2.0, 2.0, Nudges::Persons);
            let temperature = 0.3 + TUNED_HEAT * (attempt % TUNED_TRIES) as f64;
            return Sampling { temperature, top_p, top_k, seed, repeat_penalty, favour, follow, hurry_after, nudges };
        }
        let (repeat_penalty, favour, follow, nudges) = (1.1, 1.5, 0.0, Nudges::PersonsAndLines);
        let temperature = 0.5 + HEAT * attempt as f64;
        Sampling { temperature, top_p, top_k, seed, repeat_penalty, favour, follow, hurry_after, nudges }
    }
}
