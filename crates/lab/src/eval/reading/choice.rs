//! Which of two arms' sets readers would rather start from. Both orders are asked; who takes the other set in the other order
//! has no preference, and says so.

use std::collections::BTreeMap;

use serde::Serialize;

use super::key::{Key, Task};
use super::rows::{Pick, Reader};

/// One pair of arms over all stories and readers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Chosen {
    /// One arm.
    pub arm: String,
    /// The other.
    pub against: String,
    /// Times that the first one was taken in both orders.
    pub won: usize,
    /// Times that the order decided, or neither was preferred.
    pub tied: usize,
    /// Times that the other was taken in both orders.
    pub lost: usize,
    /// Share of readers who took the first, story by story.
    #[serde(skip)]
    pub(crate) stories: Vec<f64>,
}

/// All pairs, each under its names in the order of the alphabet.
pub(super) fn chosen(key: &Key, readers: &[&Reader]) -> Vec<Chosen> {
    // For each pair of arms and story: what each reader took in the one order and in the other.
    let mut asked: BTreeMap<(&str, &str, &str), [Option<u32>; 2]> = BTreeMap::new();
    for entry in &key.entries {
        if let Task::Choice { first, second, .. } = &entry.task {
            let straight = first <= second;
            let (arm, against) = if straight { (first, second) } else { (second, first) };
            asked.entry((arm, against, &entry.story)).or_default()[usize::from(!straight)] = Some(entry.number);
        }
    }
    let mut found: Vec<Chosen> = Vec::new();
    for ((arm, against, _), numbers) in &asked {
        let [Some(straight), Some(turned)] = numbers else { continue };
        let pick = |reader: &Reader, number: &u32| reader.rows.get(number)?.choice;
        let picks: Vec<(Pick, Pick)> =
            readers.iter().filter_map(|reader| Some((pick(reader, straight)?, pick(reader, turned)?))).collect();
        if picks.is_empty() {
            continue;
        }
        let new = || Chosen { arm: (*arm).to_owned(), against: (*against).to_owned(), ..Chosen::default() };
        if found.last().is_none_or(|last| last.arm != *arm || last.against != *against) {
            found.push(new());
        }
        let Some(pair) = found.last_mut() else { continue };
        let count = |wanted: (Pick, Pick)| picks.iter().filter(|picks| **picks == wanted).count();
        let (won, lost) = (count((Pick::A, Pick::B)), count((Pick::B, Pick::A)));
        pair.won += won;
        pair.lost += lost;
        pair.tied += picks.len() - won - lost;
        pair.stories.push(won as f64 / picks.len() as f64);
    }
    found
}
