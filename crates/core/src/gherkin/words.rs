//! What two texts have in common: content words, numbers, quoted parts.

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

/// Words that say nothing about which sentence is meant.
const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been", "before", "but", "by",
    "can", "could", "do", "does", "each", "for", "from", "get", "given", "had", "has", "have", "i", "if", "in", "into",
    "is", "it", "its", "just", "me", "must", "my", "no", "not", "of", "on", "one", "only", "or", "our", "out", "same",
    "shall", "she", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "they",
    "this", "to", "up", "want", "was", "we", "were", "what", "when", "which", "while", "who", "will", "with", "would",
    "you", "your",
];

/// Digits of the largest number that is taken for a limit.
const LONGEST_LIMIT: usize = 6;

/// The content words of a text, lower case, without common English endings.
pub fn content_words(text: &str) -> HashSet<String> {
    text.unicode_words()
        .map(str::to_lowercase)
        .filter(|word| !STOP_WORDS.contains(&word.as_str()))
        .map(|word| stem(&word).to_owned())
        .collect()
}

/// Cuts the commonest endings, so that "refunds", "refunded" and "refunding" meet. Coarse on purpose: it only compares.
fn stem(word: &str) -> &str {
    for ending in ["ing", "ed", "es", "s"] {
        if let Some(root) = word.strip_suffix(ending) {
            let long_enough = root.chars().count() >= 3;
            if long_enough && !(ending == "s" && root.ends_with('s')) {
                return root.strip_suffix('e').filter(|root| root.chars().count() >= 3).unwrap_or(root);
            }
        }
    }
    word.strip_suffix('e').filter(|root| root.chars().count() >= 3).unwrap_or(word)
}

/// Numbers as they are written ("60", "1,000", "9:30", "2.5"), each once, in order.
pub fn numbers(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let tail = &rest[start..];
        let end = tail.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | ':'))).unwrap_or(tail.len());
        let number = tail[..end].trim_end_matches(['.', ',', ':']).to_owned();
        if !found.contains(&number) {
            found.push(number);
        }
        rest = &tail[end..];
    }
    found
}

/// Limits are tested on both sides: the whole numbers just below and just above those of a text, as far as it does not say
/// them itself. Of numbers up to six digits, each once, in order.
pub(super) fn neighbours(text: &str) -> Vec<String> {
    let said = numbers(text);
    let mut found: Vec<String> = Vec::new();
    for number in said.iter().filter(|number| number.len() <= LONGEST_LIMIT && !number.starts_with('0')) {
        let Ok(number) = number.parse::<u32>() else { continue };
        for neighbour in [number - 1, number + 1].map(|neighbour| neighbour.to_string()) {
            if !said.contains(&neighbour) && !found.contains(&neighbour) {
                found.push(neighbour);
            }
        }
    }
    found
}

/// The parts in straight or typographic double quotes, without the quotes.
pub fn quotes(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    for (at, c) in text.char_indices() {
        match (c, open) {
            ('"' | '\u{201c}' | '\u{201d}' | '\u{201e}', None) => open = Some(at + c.len_utf8()),
            ('"' | '\u{201c}' | '\u{201d}', Some(start)) => {
                found.push(text[start..at].to_owned());
                open = None;
            }
            _ => {}
        }
    }
    found
}

/// Share of content words that two texts have in common, of all that either has (Jaccard index, 0 to 1).
pub fn similarity(a: &str, b: &str) -> f64 {
    let (a, b) = (content_words(a), content_words(b));
    let all = a.union(&b).count();
    if all == 0 {
        return 0.0;
    }
    a.intersection(&b).count() as f64 / all as f64
}
