//! Rules that are written as notes: "more than 3 lost events in 24h => cleaning task for the marker". What stands on both sides
//! of an arrow, or in a note without a verb, is kept word for word: it is what a small model makes least of.

use super::clause::{Form, completed, form, is_cause};
use super::stated::Stated;
use super::wording::is_fit;

/// How a note begins that is kept as it is; none has an opposite.
const KEPT: [&str; 3] = ["this holds: ", "this follows: ", "this is so: "];

/// Whether a clause is a note that was kept as it is.
pub(super) fn is_note(clause: &str) -> bool {
    KEPT.iter().any(|start| clause.starts_with(start))
}

/// What leads from a cause to its outcome, longer ones first.
const ARROWS: &[&str] = &["-->", "->", "=>", "→"];
/// Signs, and the words that they stand for.
const SIGNS: &[(&str, &str)] = &[
    (">=", "at least"),
    ("<=", "at most"),
    ("≥", "at least "),
    ("≤", "at most "),
    (">", "more than"),
    ("<", "less than"),
    (" = ", " is "),
];

/// The outcome that a note states, if it states one.
pub(super) fn noted(rule: &str) -> Option<Stated> {
    let rule = without_asides(rule);
    let (at, arrow) = ARROWS.iter().filter_map(|arrow| Some((rule.find(arrow)?, arrow))).min_by_key(|(at, _)| *at)?;
    let (left, right) = (rule.get(..at)?, rule.get(at + arrow.len()..)?);
    // Of several arrows in a row, the first.
    let next = ARROWS.iter().filter_map(|arrow| right.find(arrow)).min();
    let right = next.map_or(right, |next| {
        right.get(..next).and_then(|first| first.rsplit_once(',')).map_or("", |(first, _)| first)
    });
    let (cause, outcome) = (event(&in_words(left))?, result(&in_words(right))?);
    (is_fit(&cause) && is_fit(&outcome)).then_some(Stated { cause: Some(cause), outcome })
}

/// A note that says of something how much it is, as a whole: "From day 29: the full fine plus 50 %".
pub(super) fn labelled(rule: &str) -> Option<Stated> {
    let text = in_words(&without_asides(rule));
    let (label, rest) = text.split_once(": ")?;
    let says_a_number = text.contains(|c: char| c.is_ascii_digit());
    let has_no_verb = [label, rest].iter().all(|part| form(part) == Form::Other);
    let outcome = format!("{}{}{}", KEPT[0], text.get(..1)?.to_lowercase(), text.get(1..)?);
    let says_more = rest.split_whitespace().count() > 2;
    (says_a_number && says_more && has_no_verb && is_fit(&outcome)).then_some(Stated { cause: None, outcome })
}

/// Without what stands in parentheses.
fn without_asides(rule: &str) -> String {
    let mut depth = 0usize;
    let mut kept = String::new();
    for c in rule.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

fn in_words(text: &str) -> String {
    let words = SIGNS.iter().fold(text.to_owned(), |text, (sign, words)| text.replace(sign, words));
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '"' | '%' | '€' | '“' | '”'))).to_owned()
}

/// What happens: a clause, or that there is something.
fn event(text: &str) -> Option<String> {
    let text = match text.split_once(' ') {
        Some((first, rest)) if is_cause(&first.to_lowercase()) => rest,
        _ => text,
    };
    if form(text) == Form::Clause {
        return Some(text.to_owned());
    }
    let completed = completed(text).filter(|completed| completed.starts_with("there "));
    completed.or_else(|| (text.split_whitespace().count() > 1).then(|| format!("{}{text}", KEPT[2])))
}

/// What follows: a clause, or whatever is noted.
fn result(text: &str) -> Option<String> {
    match form(text) {
        Form::Clause => Some(text.to_owned()),
        _ => (text.split_whitespace().count() > 1).then(|| format!("{}{text}", KEPT[1])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_an_arrow_are_kept() {
        let cases = [
            (
                "more than 3 lost events at the same spot in 24h => cleaning task for the marker",
                "there are more than 3 lost events at the same spot in 24h => this follows: cleaning task for the marker",
            ),
            (
                "no position fix for 10 s -> slow down to 0.3 m/s, 30 s -> stop, blink",
                "there is no position fix for 10 s => this follows: slow down to 0.3 m/s",
            ),
            (
                "if 2 positions imply > 60 knots → \"conflict\", split in 2 tracks (track A = fits to the old one)",
                "2 positions imply more than 60 knots => this follows: \"conflict\", split in 2 tracks",
            ),
            ("the checksum is wrong → it is copied again!", "the checksum is wrong => it is copied again"),
        ];
        for (rule, wanted) in cases {
            let seen = noted(rule).and_then(|one| Some(format!("{} => {}", one.cause?, one.outcome)));
            assert_eq!(seen.as_deref(), Some(wanted), "{rule}");
        }
    }

    #[test]
    fn a_label_and_what_it_is_are_kept() {
        let seen = |rule: &str| labelled(rule).map(|one| one.outcome);
        let rule = "From day 29: the full fine plus 50 % surcharge.";
        assert_eq!(seen(rule).as_deref(), Some("this holds: from day 29: the full fine plus 50 % surcharge"));
        for rule in ["Fine: 5", "Day 29: the fine is paid in full", "Fines: as before, and no others", ""] {
            assert_eq!(seen(rule), None, "{rule}");
        }
    }

    #[test]
    fn what_leads_nowhere_is_no_outcome() {
        for rule in ["", "->", "a note", "stop ->", "-> stop it now", "a -> b -> c"] {
            assert_eq!(noted(rule), None, "{rule}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_note_makes_it_panic(rule in "(->|=>|→|\\(|\\)|<|>|=|,|the card| is |\"|é|[a-z ]{0,6}|\\PC){0,12}") {
            if let Some(one) = noted(&rule) {
                proptest::prop_assert!(is_fit(&one.outcome));
            }
        }
    }
}
