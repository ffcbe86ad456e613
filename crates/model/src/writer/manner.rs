//! How freely a model writes. One that was not tuned for the work is kept from repeating itself and told when lines end; one
//! that was knows, and such wishes take it off what it learned. Both are drawn to the words of the rule that are not said yet.

use crate::engine::{Nudges, Sampling};

/// For a model that learned to answer the prompt, or one that did not.
pub(super) fn sampling(tuned: bool, seed: u64, hurry_after: usize) -> Sampling {
    let (top_p, top_k) = (0.9, 40);
    if tuned {
        let (temperature, repeat_penalty, favour, nudges) = (0.3, 1.0, 2.0, Nudges::Persons);
        return Sampling { temperature, top_p, top_k, seed, repeat_penalty, favour, hurry_after, nudges };
    }
    let (temperature, repeat_penalty, favour, nudges) = (0.5, 1.1, 1.5, Nudges::PersonsAndLines);
    Sampling { temperature, top_p, top_k, seed, repeat_penalty, favour, hurry_after, nudges }
}
