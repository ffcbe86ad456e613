//! Splitting a story into its sentences, items and rows.

use unicode_segmentation::UnicodeSegmentation;

use super::kind::LineKind;
use super::lines::lines;

/// One sentence of a line, or a whole table row or line of code; index 0 is the summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Place in the story.
    pub index: usize,
    /// The words, without a list's mark. A table's row says its columns' names: "Plan: Free | Files a day: 10".
    pub text: String,
    /// What the line is that it stands in.
    pub kind: LineKind,
}

impl Sentence {
    /// Whether it can say how the product behaves (`LineKind::can_be_rule`).
    pub fn can_be_rule(&self) -> bool {
        self.kind.can_be_rule()
    }
}

pub(super) fn sentences(summary: &str, description: &str) -> Vec<Sentence> {
    let mut found = vec![Sentence { index: 0, text: summary.to_owned(), kind: LineKind::Summary }];
    for line in lines(description) {
        let parts: Vec<&str> = match line.kind {
            LineKind::Prose | LineKind::Bullet | LineKind::Task { .. } => line.text.unicode_sentences().collect(),
            _ => vec![&line.text],
        };
        for text in parts {
            let text = text.trim();
            if text.chars().any(char::is_alphanumeric) {
                found.push(Sentence { index: found.len(), text: text.to_owned(), kind: line.kind });
            }
        }
    }
    found
}
