//! How freely a model writes. One that was not tuned for the work is kept from repeating itself and told when lines end; one
//! that was knows, and such wishes take it off what it learned. Both are drawn to the words of the rule that are not said yet.

use crate::engine::{Nudges, Sampling};

/// How a model is asked for scenarios.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// It learned to answer the prompt.
    pub(super) tuned: bool,
}

/// Each try of a tuned model is so much freer than the one before; of one that was not tuned, whose tries are not written
/// side by side, more.
const TUNED_HEAT: f64 = 0.15;
const HEAT: f64 = 0.3;

impl Manner {
    /// So many tries at a scenario are written side by side, the best of which is kept. A model that was not tuned seldom
    /// says more when it is asked again.
    pub(super) fn tries(self) -> u64 {
        if self.tuned { 4 } else { 1 }
    }

    /// How often it is asked at most when no try is good enough.
    pub(super) fn rounds(self) -> u64 {
        if self.tuned { 2 } else { 3 }
    }

    /// For the try of this number, from 0.
    pub(super) fn sampling(self, seed: u64, attempt: u64, hurry_after: usize) -> Sampling {
        let (top_p, top_k) = (0.9, 40);
        let seed = seed.wrapping_add(attempt << 32);
        if self.tuned {
            let (repeat_penalty, favour, nudges) = (1.0, 2.0, Nudges::Persons);
            let temperature = 0.3 + TUNED_HEAT * attempt as f64;
            return Sampling { temperature, top_p, top_k, seed, repeat_penalty, favour, hurry_after, nudges };
        }
        let (repeat_penalty, favour, nudges) = (1.1, 1.5, Nudges::PersonsAndLines);
        let temperature = 0.5 + HEAT * attempt as f64;
        Sampling { temperature, top_p, top_k, seed, repeat_penalty, favour, hurry_after, nudges }
    }
}
