//! When a line, and a scenario, should end: long lines are nudged to end, but not in the middle of a phrase; and a
//! scenario that has its outcome is nudged to end with it.

use brine_core::gherkin::speaks_of_refusal;

/// From so many words on, each further word makes the end of a title or of a step likelier.
const TITLE_WORDS: usize = 6;
const STEP_WORDS: usize = 9;
/// Added to the logit of a line end for each word beyond that.
const BIAS: f32 = 0.9;
/// Words of a line at which it ends whatever its last word is: one more would be glued to the last one.
const MOST_TITLE_WORDS: usize = 11;
const MOST_STEP_WORDS: usize = 21;
const END_NOW: f32 = 50.0;
/// Added to the logit of the scenario's end for each line beyond its first outcome.
const ENOUGH_BIAS: f32 = 1.5;
/// Tag, title, Given, When, Then.
const ENOUGH_LINES: usize = 5;
/// Added while the line's last word calls for another one.
const DANGLING_BIAS: f32 = -8.0;

/// Words of refusals that also tell what is kept.
const KEEPING: &[&str] = &["stays", "remains"];

/// Words that no sentence ends with.
const DANGLING: &[&str] = &[
    "a",
    "an",
    "the",
    "and",
    "or",
    "but",
    "nor",
    "of",
    "to",
    "in",
    "on",
    "at",
    "by",
    "for",
    "from",
    "with",
    "without",
    "into",
    "than",
    "that",
    "which",
    "who",
    "whose",
    "when",
    "while",
    "if",
    "because",
    "so",
    "as",
    "is",
    "are",
    "was",
    "were",
    "be",
    "been",
    "being",
    "has",
    "have",
    "had",
    "can",
    "cannot",
    "could",
    "will",
    "would",
    "may",
    "might",
    "must",
    "its",
    "their",
    "his",
    "her",
    "this",
    "these",
    "those",
    "each",
    "every",
    "any",
    "some",
    "no",
    "not",
    "more",
    "most",
    "very",
    "between",
    "before",
    "after",
    "until",
    "within",
    "per",
    "via",
    "only",
    "also",
    "there",
    "it's",
    "someone's",
    "does",
    "do",
    "did",
];

/// What to add to the logits of tokens that end the line.
pub(super) fn end_bias(line: &str) -> f32 {
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some(last) = words.last() else { return 0.0 };
    let title = line.starts_with("Scenario");
    if words.len() >= if title { MOST_TITLE_WORDS } else { MOST_STEP_WORDS } {
        return END_NOW;
    }
    let last = last.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'').to_lowercase();
    if DANGLING.contains(&last.as_str()) {
        return DANGLING_BIAS;
    }
    let enough = if title { TITLE_WORDS } else { STEP_WORDS };
    words.len().saturating_sub(enough) as f32 * BIAS
}

/// What to add to the logit of the token that ends a scenario, given the scenario so far.
pub(super) fn scenario_end_bias(scenario: &str) -> f32 {
    (scenario.lines().count() + 1).saturating_sub(ENOUGH_LINES) as f32 * ENOUGH_BIAS
}

/// Whether the outcome of a scenario has begun.
pub(super) fn is_in_outcome(scenario: &str) -> bool {
    scenario.contains("\n  Then")
}

/// Words that say that something is refused or does not happen.
pub(super) fn is_refusing(token: &[u8]) -> bool {
    let text = std::str::from_utf8(token).unwrap_or_default();
    text.strip_prefix(' ').is_some_and(|word| speaks_of_refusal(word) && !KEEPING.contains(&word))
}

/// Words of the first and second person, which criteria do without.
pub(super) fn is_personal(token: &[u8]) -> bool {
    const PERSONAL: &[&str] = &["i", "me", "my", "we", "us", "our", "you", "your", "yours"];
    let text = std::str::from_utf8(token).unwrap_or_default();
    text.strip_prefix(' ').is_some_and(|word| PERSONAL.contains(&word.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_refusal_are_known_where_they_begin() {
        for token in [" not", " refused", " cannot", " nothing"] {
            assert!(is_refusing(token.as_bytes()), "{token}");
        }
        for token in ["not", " note", " stays", " shown", "\u{ff}"] {
            assert!(!is_refusing(token.as_bytes()), "{token}");
        }
        assert!(!is_refusing(b" \xff") && is_in_outcome("Scenario: A\n  Given b\n  When c\n  Then"));
        assert!(!is_in_outcome("Scenario: Then\n  Given b\n  When c\n"));
    }

    #[test]
    fn long_lines_are_nudged_to_end_and_unfinished_phrases_are_not() {
        assert_eq!(end_bias("  Given a locked card"), 0.0);
        assert!(end_bias("  Given a locked card that the holder has not used for several long years") > 2.0);
        assert!(end_bias("Scenario: Third wrong PIN locks the gift card") > 0.0);
        assert!(end_bias("  Given a gift card that the") < 0.0);
        let most = format!("  Given{} that", " word".repeat(19));
        assert!(end_bias(&most) > 10.0, "a line that is full ends even so");
    }
}
