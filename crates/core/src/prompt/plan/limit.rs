//! How a rule states a limit: "at most 500 rows", "5 days or more", "cannot be longer than 60 days".

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The first limit of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) kind: Kind,
    /// The number as the rule writes it: "500".
    pub(super) number: String,
    /// With what is counted: "500 rows".
    pub(super) amount: String,
    /// What is counted is time.
    pub(super) is_time: bool,
    /// What is counted are things, of which there can be fewer.
    pub(super) is_many: bool,
    /// Where the rule states it, in bytes.
    pub(super) place: Range<usize>,
    /// So many of the rule's words of refusal belong to the limit itself.
    pub(super) negations: usize,
}

/// A way to state a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// "at most 5", "5 or fewer"
    Most,
    /// "at least 5", "5 or more"
    Least,
    /// "less than 5"
    Less,
    /// "more than 5"
    More,
    /// "within 5 days"
    Within,
    /// "after 5 days"
    After,
    /// "not within 5 days"
    Late,
}

impl Kind {
    /// What it becomes behind "not".
    fn negated(self) -> Self {
        match self {
            Kind::More => Kind::Most,
            Kind::Less => Kind::Least,
            Kind::Within => Kind::Late,
            other => other,
        }
    }
}

/// So many words before a limit a "not" belongs to it.
const NEAR: usize = 3;

/// A number in digits or a word, and up to two words of what is counted. What follows a comma or a full stop is another matter.
const AMOUNT: &str = r"(?P<amount>\d[\d.,:]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|twelve)(?P<unit>(?:\s?[%€$£]|\s?[\p{L}\-]+)?(?: [\p{L}\-]+)?)";
const TIMES: &[&str] = &["second", "sec", "minute", "min", "hour", "h", "day", "week", "month", "year"];
/// Words that are no part of what is counted.
const BEYOND_UNIT: &[&str] = &[
    "a", "after", "ago", "an", "and", "are", "as", "at", "before", "but", "by", "can", "cannot", "for", "from", "has",
    "have", "if", "in", "into", "is", "it", "may", "must", "no", "not", "of", "on", "or", "per", "that", "the", "then",
    "to", "until", "with",
];

static PATTERNS: LazyLock<Vec<(Kind, Regex)>> = LazyLock::new(|| {
    let before = [
        (Kind::Most, "at most|no more than|not more than|up to|(?:a )?maximum (?:of )?|max"),
        (Kind::Least, "at least|no less than|not less than|no fewer than|(?:a )?minimum (?:of )?|min"),
        (Kind::Less, "less than|fewer than|under|below|younger than|shorter than|lower than"),
        (Kind::More, "more than|over|above|older than|longer than|larger than|higher than|exceeds"),
        (Kind::Within, "within"),
        (Kind::After, "after"),
    ];
    let behind =
        [(Kind::Least, "or more|or older|or longer|or later"), (Kind::Most, "or less|or fewer|or younger|or shorter")];
    let before = before.map(|(kind, words)| (kind, format!(r"(?i)\b(?:{words})\s*{AMOUNT}")));
    let behind = behind.map(|(kind, words)| (kind, format!(r"(?i)\b{AMOUNT} (?:{words})\b")));
    let range = (Kind::Most, format!(r"(?i)\b\d+ ?(?:to|-|–|and) ?{AMOUNT}"));
    let all = before.into_iter().chain(behind).chain([range]);
    all.filter_map(|(kind, pattern)| Some((kind, Regex::new(&pattern).ok()?))).collect()
});

impl Limit {
    /// The first one that a rule states.
    pub(super) fn of(rule: &str) -> Option<Self> {
        let found = PATTERNS.iter().filter_map(|(kind, pattern)| Some((*kind, pattern.captures(rule)?)));
        let (kind, first) = found.min_by_key(|(_, captures)| captures.get(0).map(|whole| whole.start()))?;
        let (amount, is_time, is_many) = amount(&first)?;
        let place = place(&first, rule, &amount)?;
        // In "cannot be longer than 5 days" the word says nothing of what follows.
        let before = rule.get(..place.start)?;
        let negations = before.split_whitespace().rev().take(NEAR).filter(|word| is_negation(word)).count();
        let kind = if negations > 0 { kind.negated() } else { kind };
        let number = first.name("amount")?.as_str().to_lowercase();
        Some(Self { kind, number, amount, is_time, is_many, place, negations })
    }
}

/// Where the limit is stated, without what follows the things that are counted.
fn place(captures: &Captures, rule: &str, amount: &str) -> Option<Range<usize>> {
    let (whole, number, unit) = (captures.get(0)?, captures.name("amount")?, captures.name("unit")?);
    // "5 or more": all of it; "at most 5 days in": to the days.
    let end = if whole.end() > unit.end() { whole.end() } else { number.start() + amount.len() };
    rule.is_char_boundary(end).then_some(whole.start()..end)
}

/// Whether the word turns what follows into its opposite.
fn is_negation(word: &str) -> bool {
    let word = word.to_lowercase();
    matches!(word.as_str(), "not" | "cannot" | "never") || word.ends_with("n't")
}

/// The amount with what is counted, whether that is a time, and whether it is things of which there are many.
fn amount(captures: &Captures) -> Option<(String, bool, bool)> {
    let (amount, unit) = (captures.name("amount")?.as_str(), captures.name("unit")?.as_str());
    let words: Vec<&str> =
        unit.split_whitespace().take_while(|word| !BEYOND_UNIT.contains(&word.to_lowercase().as_str())).collect();
    let is_time = words.iter().any(|word| TIMES.contains(&word.to_lowercase().trim_end_matches('s')));
    let is_many = !is_time && words.last().is_some_and(|word| word.len() > 3 && word.ends_with('s'));
    let glue = if unit.starts_with(' ') || words.is_empty() { " " } else { "" };
    Some((format!("{amount}{glue}{}", words.join(" ")).trim_end().to_owned(), is_time, is_many))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_are_right() {
        assert_eq!(PATTERNS.len(), 9);
    }

    #[test]
    fn what_is_no_limit_is_none() {
        for rule in ["It is up to the clerk.", "Over the weekend.", "Room 12 is used.", ""] {
            assert_eq!(Limit::of(rule), None, "{rule}");
        }
    }

    #[test]
    fn a_not_before_a_limit_belongs_to_it() {
        let kind = |rule: &str| Limit::of(rule).map(|limit| (limit.kind, limit.amount, limit.negations));
        assert_eq!(kind("It cannot be longer than 60 days."), Some((Kind::Most, "60 days".to_owned(), 1)));
        assert_eq!(kind("It is not back within 5 h."), Some((Kind::Late, "5 h".to_owned(), 1)));
        assert_eq!(kind("Cards older than 60 days cannot be used."), Some((Kind::More, "60 days".to_owned(), 0)));
    }

    proptest::proptest! {
        #[test]
        fn no_rule_makes_it_panic(rule in "(at most|within|or more|not|5|60|%|é|\u{2013}| |days|rows|[a-z]{0,4}|\\PC){0,12}") {
            if let Some(limit) = Limit::of(&rule) {
                proptest::prop_assert!(rule.get(limit.place.clone()).is_some_and(|stated| stated.to_lowercase().contains(&limit.number)));
            }
        }
    }
}
