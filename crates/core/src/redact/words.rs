//! A list of words that are always replaced: names of people, customers, products.

use std::path::{Path, PathBuf};

use regex::{Regex, RegexBuilder};

use super::rules::Found;
use super::stand_in::Kind;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Words(Option<Regex>);

/// Why a list can't be used.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// The file can't be read.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's words.
        cause: std::io::Error,
    },
    /// There is too much of it.
    #[error("the list of words is too long")]
    TooLong,
}

impl Words {
    /// A file with one word or phrase a line; lines that begin with # are passed over.
    ///
    /// # Errors
    /// When it can't be read, or is too long.
    pub fn read(path: &Path) -> Result<Self, WordsError> {
        let text = std::fs::read_to_string(path).map_err(|cause| WordsError::Io { path: path.to_owned(), cause })?;
        Self::new(text.lines().filter(|line| !line.trim_start().starts_with('#')))
    }

    /// These words and phrases, in whatever case they stand in a text.
    ///
    /// # Errors
    /// When there are too many.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, WordsError> {
        let mut words: Vec<String> =
            words.into_iter().map(str::trim).filter(|word| !word.is_empty()).map(regex::escape).collect();
        if words.is_empty() {
            return Ok(Self(None));
        }
        // Of two that begin at the same place the longer one counts.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let pattern = RegexBuilder::new(&words.join("|")).case_insensitive(true).size_limit(64 << 20).build();
        Ok(Self(Some(pattern.map_err(|_| WordsError::TooLong)?)))
    }

    /// Whole words alone.
    pub(super) fn find(&self, text: &str) -> Vec<Found> {
        let Some(pattern) = &self.0 else { return Vec::new() };
        let whole = |found: &regex::Match<'_>| {
            let before = text[..found.start()].chars().next_back();
            let after = text[found.end()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        };
        let found = |found: regex::Match<'_>| Found {
            kind: Kind::Word,
            key: found.as_str().to_lowercase(),
            range: found.range(),
        };
        pattern.find_iter(text).filter(whole).map(found).collect()
    }
}
