//! Splitting a story into its sentences and bullets.

use unicode_segmentation::UnicodeSegmentation;

/// One sentence, bullet or table row of a story; index 0 is the summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Place in the story.
    pub index: usize,
    /// The words, without a bullet's mark.
    pub text: String,
    /// It stood in a list.
    pub bullet: bool,
}

pub(super) fn sentences(summary: &str, description: &str) -> Vec<Sentence> {
    let mut found = vec![Sentence { index: 0, text: summary.to_owned(), bullet: false }];
    for line in description.lines() {
        let line = line.trim();
        let (bullet, body) = match strip_bullet(line) {
            Some(body) => (true, body),
            None => (false, line),
        };
        for text in body.unicode_sentences() {
            let text = text.trim();
            if text.chars().any(char::is_alphanumeric) {
                found.push(Sentence { index: found.len(), text: text.to_owned(), bullet });
            }
        }
    }
    found
}

/// The text after "- ", "* ", "• ", "1. ", "2) ".
fn strip_bullet(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix(['-', '*', '•', '–', '·', '+']) {
        return rest.starts_with(' ').then(|| rest.trim_start());
    }
    let digits = line.find(|c: char| !c.is_ascii_digit())?;
    if digits == 0 || digits > 3 {
        return None;
    }
    let rest = line[digits..].strip_prefix(['.', ')'])?;
    rest.starts_with(' ').then(|| rest.trim_start())
}
