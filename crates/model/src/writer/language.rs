//! Noticing a story in a language that the model does not know.

use brine_core::story::{Note, Story};

/// Shorter texts are not judged. Letters.
const ENOUGH: usize = 40;

pub(super) fn note(story: &Story) -> Option<Note> {
    let text = story.text();
    if text.chars().filter(|c| c.is_alphabetic()).count() < ENOUGH {
        return None;
    }
    let found = whatlang::detect(&text)?;
    let foreign = found.is_reliable() && found.lang() != whatlang::Lang::Eng;
    foreign.then(|| Note::NotEnglish { language: found.lang().eng_name().to_owned() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn foreign_stories_are_noticed_and_english_ones_are_not() {
        let of = |text: &str| note(&Story::from_text(text.as_bytes()).unwrap());
        let german = "Als Kundin möchte ich meine Bestellung stornieren, damit ich mein Geld zurückbekomme.";
        assert_eq!(of(german), Some(Note::NotEnglish { language: "German".to_owned() }));
        assert_eq!(of("As a shopper, I want to cancel my order, so that I get my money back."), None);
        assert_eq!(of("Fix bug"), None);
    }
}
