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
        // The goal comes first in a plan, wherever it stands in the story.
        self.rules.sort_by_key(|rule| rule.index);
        self.words.extend(other.words);
        self.length += other.length;
    }

    fn weight(&self) -> usize {
        self.rules.iter().map(|rule| weight(&rule.text)).sum()
    }
}

/// Joins neighbours until no more than `most` groups are left. What says nothing that can be tested is left out first, and of
/// a long story what says least. The first group stays the first.
pub(super) fn fit(mut groups: Vec<Group>, most: usize) -> Vec<Group> {
    if groups.len() > most {
        let mut heaviest: Vec<usize> = (1..groups.len()).filter(|place| groups[*place].weight() > 0).collect();
        // Of equals the earlier ones; and no more than can share all scenarios, or each would be compared with thousands.
        heaviest.sort_by_cached_key(|place| std::cmp::Reverse(groups[*place].weight()));
        heaviest.truncate(most * MOST - 1);
        let kept: HashSet<usize> = heaviest.into_iter().chain([0]).collect();
        groups =
            groups.into_iter().enumerate().filter(|(place, _)| kept.contains(place)).map(|(_, group)| group).collect();
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
