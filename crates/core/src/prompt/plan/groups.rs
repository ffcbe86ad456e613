//! More rules than places: neighbours that speak of the same share a scenario, as a person would write it.

use std::collections::HashSet;

use super::signs::weight;
use crate::gherkin::content_words;
use crate::story::Sentence;

/// So many sentences at most share a scenario.
const MOST: usize = 3;
/// A shared word brings two groups together as much as so many words less to write would.
const SHARED: i64 = 4;

/// Rules that share a scenario, in the story's order.
pub(super) struct Group<'a> {
    pub(super) rules: Vec<&'a Sentence>,
    words: HashSet<String>,
    length: i64,
}

impl<'a> Group<'a> {
    pub(super) fn new(rule: &'a Sentence) -> Self {
        let length = rule.text.split_whitespace().count() as i64;
        Self { rules: vec![rule], words: content_words(&rule.text), length }
    }

    /// What it costs to write both in one scenario.
    fn cost(&self, other: &Self) -> i64 {
        self.length + other.length - SHARED * self.words.intersection(&other.words).count() as i64
    }

    fn join(&mut self, other: Self) {
        self.rules.extend(other.rules);
        self.words.extend(other.words);
        self.length += other.length;
    }

    fn weight(&self) -> usize {
        self.rules.iter().map(|rule| weight(&rule.text)).sum()
    }
}

/// Joins neighbours until no more than `most` groups are left; what still finds no place is left out, beginning with what
/// says least. The first group stays the first.
pub(super) fn fit(mut groups: Vec<Group>, most: usize) -> Vec<Group> {
    if groups.len() > most {
        let room = most * MOST;
        let mut weights: Vec<usize> = groups.iter().skip(1).map(Group::weight).collect();
        weights.sort_unstable_by(|a, b| b.cmp(a));
        // As many as can share all scenarios: what is heavier than the first that has no room, and of its equals the
        // earlier ones.
        let bound = weights.get(room - 1).copied().unwrap_or(0);
        let mut equals = room.saturating_sub(1 + weights.iter().filter(|weight| **weight > bound).count());
        let mut first = true;
        groups.retain(|group| {
            let weight = group.weight();
            let fits = weight > bound || (weight == bound && weight > 0 && equals > 0);
            equals -= usize::from(fits && weight == bound && !first);
            std::mem::take(&mut first) || fits
        });
    }
    while groups.len() > most {
        let joint = (1..groups.len())
            .filter(|place| groups[place - 1].rules.len() + groups[*place].rules.len() <= MOST)
            .min_by_key(|place| groups[place - 1].cost(&groups[*place]));
        match joint {
            Some(place) => {
                let later = groups.remove(place);
                groups[place - 1].join(later);
            }
            None => {
                let least = (1..groups.len()).min_by_key(|place| groups[*place].weight());
                groups.remove(least.unwrap_or(0));
            }
        }
    }
    groups
}
