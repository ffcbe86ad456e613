//! Keeping a story within the tokens that the prompt has for it: whole sentences from the start but for endless ones, never a
//! part of a word.

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

/// A sentence that takes more than this part of the budget is no rule but a log, sample data or a picture in letters: what
/// stands behind it is worth more.
const LARGEST: usize = 4;

/// Keeps sentences from the start while they fit into `tokens`, as counted by `count`; those that would take a quarter of
/// them alone are left out. When nothing else is there, the first words are kept.
pub fn fit(description: &str, tokens: usize, count: impl Fn(&str) -> usize) -> Fitted {
    let sentences: Vec<&str> =
        description.split_inclusive('\n').flat_map(|line| line.split_sentence_bounds()).collect();
    let sizes: Vec<usize> = sentences.iter().map(|sentence| count(sentence)).collect();
    if sizes.iter().sum::<usize>() <= tokens {
        return Fitted { text: description.to_owned(), note: None };
    }
    let mut text = String::new();
    let (mut spent, mut read) = (0, 0);
    for (sentence, size) in sentences.iter().zip(&sizes) {
        if size * LARGEST > tokens {
            // Its line ends all the same.
            if sentence.ends_with('\n') && !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            continue;
        }
        spent += size;
        if spent > tokens {
            break;
        }
        text.push_str(sentence);
        read += usize::from(says_something(sentence));
    }
    let of = sentences.iter().filter(|sentence| says_something(sentence)).count();
    let note = Some(Note::Trimmed { read, of });
    match sentences.first() {
        Some(first) if read == 0 => Fitted { text: first_words(first, tokens, count), note },
        _ => Fitted { text: text.trim_end().to_owned(), note },
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
        let text = "One two. Three four. Five six. Seven eight. Nine ten. Eleven twelve.";
        let fitted = fit(text, 9, words);
        assert_eq!(fitted.text, "One two. Three four. Five six. Seven eight.");
        assert_eq!(fitted.note, Some(Note::Trimmed { read: 4, of: 6 }));
    }

    #[test]
    fn an_endless_line_is_left_out_and_what_stands_behind_it_is_read() {
        let log = format!("{}\n", "at com.example ".repeat(300));
        let fitted = fit(&format!("The job fails at night.\n{log}It must be tried again once."), 40, words);
        assert_eq!(fitted.text, "The job fails at night.\nIt must be tried again once.");
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
        fn what_is_kept_fits_and_is_whole_sentences_in_their_order(text in "([a-zA-Zéא🙂.!? \n-]{0,12}){0,40}", tokens in 0usize..40) {
            let fitted = fit(&text, tokens, words);
            prop_assert!(fitted.note.is_some() || fitted.text == text);
            prop_assert!(fitted.note.is_none() || words(&fitted.text) <= tokens);
            let runs = |text: &str| -> Vec<String> {
                let runs = text.split(|character: char| !character.is_alphanumeric()).filter(|run| !run.is_empty());
                runs.map(str::to_owned).collect()
            };
            let mut rest = runs(&text).into_iter();
            for word in runs(&fitted.text) {
                prop_assert!(rest.any(|other| other == word), "{word:?} of {:?} is no word of {text:?}", fitted.text);
            }
        }
    }
}
