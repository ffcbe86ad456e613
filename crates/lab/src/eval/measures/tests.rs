//! Tiny stories and sets for the tests of the measures.
#![allow(clippy::unwrap_used)]

use super::super::case::Case;
use super::super::set::Set;
use crate::data::{Pair, Trap};

/// A story of its own.
pub(crate) fn case(summary: &str, description: &str) -> Case {
    let pair = Pair {
        id: "a".to_owned(),
        summary: summary.to_owned(),
        description: description.to_owned(),
        ..Pair::default()
    };
    Case::new(pair).unwrap()
}

/// A story of gift cards with these facts and limits.
pub(crate) fn case_with(facts: &[&str], traps: &[(&str, &str)]) -> Case {
    let description = "A gift card is locked after 3 wrong PINs. Support can unlock a card.";
    let mut pair = case("Lock a gift card", description).pair;
    pair.facts = facts.iter().map(|fact| (*fact).to_owned()).collect();
    pair.traps = traps.iter().map(|(at, beyond)| Trap { at: (*at).to_owned(), beyond: (*beyond).to_owned() }).collect();
    Case::new(pair).unwrap()
}

/// A set that parses.
pub(crate) fn set(text: &str) -> Set {
    Set::read(text, "A story", "en").unwrap()
}
