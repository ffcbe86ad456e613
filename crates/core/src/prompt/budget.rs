//! Keeping a story within the tokens that the prompt has for it: whole sentences from the start, never a part of a word.

use unicode_segmentation::UnicodeSegmentation;

use crate::story::Note;

/// What is left of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// The kept text.
    pub text: String,
    /// Present when something was left out.
    pub note: Option<Note>,
}

/// Keeps sentences from the start while they fit into `tokens`, as counted by `count`. When not even the first one fits,
/// its first words are kept.
pub fn fit(description: &str, tokens: usize, count: impl Fn(&str) -> usize) -> Fitted {
    let sentences: Vec<&str> =
        description.split_inclusive('\n').flat_map(|line| line.split_sentence_bounds()).collect();
    let mut end = 0;
    let mut spent = 0;
    let mut read = 0;
    for sentence in &sentences {
        spent += count(sentence);
        if spent > tokens {
            break;
        }
        end += sentence.len();
        read += usize::from(says_something(sentence));
    }
    if end == description.len() {
        return Fitted { text: description.to_owned(), note: None };
    }
    let of = sentences.iter().filter(|sentence| says_something(sentence)).count();
    let note = Some(Note::Trimmed { read, of });
    match sentences.first() {
        Some(first) if end == 0 => Fitted { text: first_words(first, tokens, count), note },
        _ => Fitted { text: description[..end].trim_end().to_owned(), note },
    }
}

fn says_something(sentence: &str) -> bool {
    sentence.contains(char::is_alphanumeric)
}

fn first_words(sentence: &str, tokens: usize, count: impl Fn(&str) -> usize) -> String {
    let mut end = 0;
    let mut spent = 0;
    for word in sentence.split_inclusive(char::is_whitespace) {
        spent += count(word);
        if spent > tokens {
            break;
        }
        end += word.len();
    }
    sentence[..end].trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> usize {
        text.split_whitespace().count()
    }

    #[test]
    fn a_short_description_stays_as_it_is() {
        let text = "One rule.\n- Another one.\n";
        assert_eq!(fit(text, 50, words), Fitted { text: text.to_owned(), note: None });
    }

    #[test]
    fn whole_sentences_are_kept_and_counted() {
        let fitted = fit("One two three. Four five six. Seven eight nine.", 7, words);
        assert_eq!(fitted.text, "One two three. Four five six.");
        assert_eq!(fitted.note, Some(Note::Trimmed { read: 2, of: 3 }));
    }

    #[test]
    fn one_endless_sentence_is_cut_between_words() {
        let fitted = fit("alpha beta gamma delta", 3, words);
        assert_eq!(fitted.text, "alpha beta gamma");
        assert_eq!(fitted.note, Some(Note::Trimmed { read: 0, of: 1 }));
    }

    proptest! {
        #[test]
        fn what_is_kept_is_a_start_that_fits_and_ends_with_a_word(text in "([a-zA-Zéא🙂.!? \n-]{0,12}){0,40}", tokens in 0usize..40) {
            let fitted = fit(&text, tokens, words);
            prop_assert!(text.starts_with(&fitted.text));
            prop_assert!(fitted.note.is_none() || words(&fitted.text) <= tokens);
            let rest = &text[fitted.text.len()..];
            let cut_word = fitted.text.ends_with(|c: char| !c.is_whitespace())
                && rest.starts_with(char::is_alphanumeric) && fitted.text.ends_with(char::is_alphanumeric);
            prop_assert!(!cut_word, "{:?} | {rest:?}", fitted.text);
        }
    }
}
