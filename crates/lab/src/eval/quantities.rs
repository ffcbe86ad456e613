//! Numbers and durations of a text, however they are written: "3", "three", "3rd", "1,000"; "an hour", "60 minutes".

use std::collections::HashSet;
use std::sync::LazyLock;

use brine_core::gherkin::numbers;
use regex::Regex;

/// What a text says in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quantities {
    /// Each in one spelling: see [`value`].
    pub(crate) numbers: HashSet<String>,
    /// Each in one unit: "86400 s" for a day, "1 mo" for a month.
    pub(crate) durations: HashSet<String>,
    /// Units of time that the text speaks of, in any form ("daily", "per hour").
    pub(crate) units: HashSet<&'static str>,
}

const SMALL: [&str; 18] = [
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const TENS: [&str; 7] = ["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
/// "first" and "second" say place or time more often than number; "one" is an article.
const ORDINALS: [&str; 8] = ["third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/// A duration: its amount (a number, a number word or an article) and its unit.
#[allow(clippy::expect_used, reason = "the pattern is fixed, and a test runs it")]
static DURATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(\d[\d.,]*|[a-z]+)[\s\-]?(?:(working|business|calendar)\s+)?(second|sec|minute|min|hour|hr|day|week|month|quarter|year)s?\b",
    )
    .expect("the pattern is right")
});

/// Words that speak of a unit of time.
const UNITS: [(&str, &str); 22] = [
    ("second", "second"),
    ("seconds", "second"),
    ("sec", "second"),
    ("minute", "minute"),
    ("minutes", "minute"),
    ("min", "minute"),
    ("hour", "hour"),
    ("hours", "hour"),
    ("hourly", "hour"),
    ("day", "day"),
    ("days", "day"),
    ("daily", "day"),
    ("nightly", "day"),
    ("week", "week"),
    ("weeks", "week"),
    ("weekly", "week"),
    ("month", "month"),
    ("months", "month"),
    ("monthly", "month"),
    ("year", "year"),
    ("years", "year"),
    ("yearly", "year"),
];

impl Quantities {
    /// Reads a text.
    pub(crate) fn of(text: &str) -> Self {
        let mut found = Self { numbers: numbers(text).iter().map(|number| value(number)).collect(), ..Self::default() };
        for word in words(text) {
            found.numbers.extend(number_word(&word));
            found.units.extend(UNITS.iter().find(|(name, _)| *name == word).map(|(_, unit)| *unit));
        }
        found.durations = durations(text).into_iter().map(|duration| duration.value).collect();
        found
    }
}

/// A duration as a text has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Duration {
    /// As it is written.
    pub(crate) text: String,
    /// In one unit.
    pub(crate) value: String,
    /// The amount is an article ("an hour"): it may be a rate as well as a duration.
    pub(crate) article: Option<&'static str>,
}

/// All durations of a text, in order.
pub(crate) fn durations(text: &str) -> Vec<Duration> {
    DURATION
        .captures_iter(text)
        .filter_map(|found| {
            let (amount, kind, unit) = (found.get(1)?.as_str(), found.get(2), found.get(3)?.as_str());
            let article = matches!(amount.to_lowercase().as_str(), "a" | "an" | "one");
            // "A second pharmacist" is no time.
            if article && unit.eq_ignore_ascii_case("second") {
                return None;
            }
            let amount = if article { Some(1.0) } else { amount_of(amount) }?;
            let (unit, seconds) = in_seconds(&unit.to_lowercase());
            let working = kind.is_some_and(|kind| !kind.as_str().eq_ignore_ascii_case("calendar"));
            let value = match (seconds, working) {
                (_, true) => format!("{amount} working {unit}"),
                (Some(seconds), false) => format!("{} s", amount * seconds),
                (None, false) => months(amount, unit),
            };
            let text = found.get(0)?.as_str().to_owned();
            Some(Duration { text, value, article: article.then_some(unit) })
        })
        .collect()
}

fn in_seconds(unit: &str) -> (&'static str, Option<f64>) {
    match unit {
        "second" | "sec" => ("second", Some(1.0)),
        "minute" | "min" => ("minute", Some(60.0)),
        "hour" | "hr" => ("hour", Some(3600.0)),
        "day" => ("day", Some(86_400.0)),
        "week" => ("week", Some(7.0 * 86_400.0)),
        "month" => ("month", None),
        "quarter" => ("quarter", None),
        _ => ("year", None),
    }
}

fn months(amount: f64, unit: &str) -> String {
    let factor = match unit {
        "year" => 12.0,
        "quarter" => 3.0,
        _ => 1.0,
    };
    format!("{} mo", amount * factor)
}

fn amount_of(text: &str) -> Option<f64> {
    let number = number_word(&text.to_lowercase()).unwrap_or_else(|| value(text));
    number.parse().ok()
}

/// A number in one spelling: "1,000" and "1000.0" are "1000", "09:30" is "9:30".
pub(crate) fn value(number: &str) -> String {
    if number.contains(':') {
        return number.trim_start_matches('0').to_owned();
    }
    let bare = number.replace(',', "");
    bare.parse::<f64>().map_or_else(|_| number.to_owned(), |number| number.to_string())
}

/// The number that a word says: "three", "third", "twenty-four", "dozen". "One" and "two" are left out: they are articles
/// and turns of phrase more often than rules.
pub(crate) fn number_word(word: &str) -> Option<String> {
    let place = |list: &[&str], word: &str| list.iter().position(|known| *known == word);
    let whole = |word: &str| match word {
        "hundred" => Some(100),
        "thousand" => Some(1000),
        "dozen" => Some(12),
        _ => place(&SMALL, word)
            .or_else(|| place(&ORDINALS, word))
            .map(|at| at + 3)
            .or_else(|| place(&TENS, word).map(|at| (at + 3) * 10)),
    };
    if let Some((tens, ones)) = word.split_once('-') {
        let tens = whole(tens).filter(|tens| tens % 10 == 0 && (20..100).contains(tens))?;
        let ones = if ones == "one" { 1 } else { whole(ones).filter(|ones| *ones < 10)? };
        return Some((tens + ones).to_string());
    }
    whole(word).map(|number| number.to_string())
}

/// Lower-case words, with hyphens inside.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .map(|word| word.trim_matches('-').to_lowercase())
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        durations(text).into_iter().map(|duration| duration.value).collect()
    }

    #[test]
    fn the_same_time_in_other_words_is_the_same() {
        for (a, b) in [
            ("within 60 minutes", "within an hour"),
            ("24 hours later", "one day later"),
            ("after seven days", "after a week"),
            ("12 months", "1 year"),
            ("a 30-day trial", "30 days of trial"),
        ] {
            assert_eq!(values(a), values(b), "{a} | {b}");
            assert_eq!(values(a).len(), 1, "{a}");
        }
        assert_ne!(values("30 days"), values("30 hours"));
        assert_ne!(values("5 working days"), values("5 days"));
    }

    #[test]
    fn what_is_no_duration_is_not_taken_for_one() {
        assert!(values("the day before, each month, every day, on the same day, a second").is_empty());
    }

    #[test]
    fn numbers_meet_in_any_spelling() {
        let of = |text: &str| Quantities::of(text).numbers;
        assert_eq!(of("1,000 lines"), of("1000 lines"));
        assert_eq!(of("after three tries"), of("the 3rd try"));
        assert_eq!(of("the third try"), of("3 tries"));
        assert_eq!(of("twenty-four"), of("24"));
        assert_eq!(of("at 09:30"), of("at 9:30"));
        assert!(of("one of the first; a second pharmacist").is_empty());
        assert_ne!(of("30"), of("3"));
    }
}
