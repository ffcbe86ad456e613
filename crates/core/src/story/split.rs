//! Where a sentence ends. The rules and abbreviations are sentencex's, which knows some thirty languages; the story's own
//! language is chosen once, from all of its words.

use unicode_segmentation::UnicodeSegmentation;
use whatlang::Lang;

use super::kind::{Line, LineKind};

/// So many bytes are enough to tell a language.
const SAMPLE: usize = 4096;
/// A longer line is cut by Unicode's rules alone: sentencex takes time with the square of its sentences.
const LONGEST: usize = 4096;

pub(super) struct Splitter {
    /// ISO 639-1.
    language: &'static str,
}

impl Splitter {
    pub(super) fn of(summary: &str, lines: &[Line]) -> Self {
        let mut sample = summary.to_owned();
        for line in lines.iter().filter(|line| line.kind.is_some_and(LineKind::can_be_rule)) {
            if sample.len() > SAMPLE {
                break;
            }
            sample.push('\n');
            sample.push_str(&line.text);
        }
        sample.truncate(sample.floor_char_boundary(SAMPLE));
        let found = whatlang::detect(&sample).filter(whatlang::Info::is_reliable);
        Self { language: found.map_or("en", |found| code(found.lang())) }
    }

    /// The sentences of one line, in order; put together they are the line.
    pub(super) fn split<'a>(&self, line: &'a str) -> Vec<&'a str> {
        if line.len() > LONGEST {
            return line.split_sentence_bounds().collect();
        }
        let mut sentences = Vec::new();
        let mut start = 0;
        let mut end = 0;
        let by_unicode: Vec<usize> = line.split_sentence_bound_indices().map(|(at, _)| at).collect();
        for part in sentencex::segment(self.language, line) {
            end += part.len();
            if end < line.len() && ends(&line[start..end], &line[end..], by_unicode.binary_search(&end).is_ok()) {
                sentences.push(&line[start..end]);
                start = end;
            }
        }
        sentences.push(&line[start..]);
        sentences
    }
}

/// Whether a place where sentencex cuts is one. A lone letter with a full stop is an initial or half of an abbreviation
/// ("z. B."), and before a figure Unicode's rules have to agree ("n. 5").
fn ends(sentence: &str, rest: &str, by_unicode: bool) -> bool {
    let last = sentence.split_whitespace().next_back().unwrap_or_default();
    let letter = last.strip_suffix('.').is_some_and(|word| {
        let mut letters = word.trim_start_matches(|c: char| !c.is_alphanumeric()).chars();
        letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
    });
    let figure = rest.trim_start().starts_with(|c: char| c.is_numeric());
    !letter && (by_unicode || !figure)
}

/// The code by which sentencex knows a language; it takes its English rules for those that it does not know.
fn code(language: Lang) -> &'static str {
    match language {
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Pol => "pl",
        Lang::Dan => "da",
        Lang::Fin => "fi",
        Lang::Cat => "ca",
        Lang::Slk => "sk",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Bul => "bg",
        Lang::Ell => "el",
        Lang::Hye => "hy",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Ben => "bn",
        Lang::Jpn => "ja",
        _ => "en",
    }
}
