//! The languages that criteria are written in, each with a dialect of Gherkin of its own.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language that criteria can be written in. Stored and shown as the code that `# language:` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English; what a text without a language is in.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Portuguese.
    Pt,
    /// Dutch.
    Nl,
    /// Italian.
    It,
    /// Polish.
    Pl,
}

impl Language {
    /// Every language, English first.
    pub const ALL: [Language; 8] = [
        Language::En,
        Language::De,
        Language::Fr,
        Language::Es,
        Language::Pt,
        Language::Nl,
        Language::It,
        Language::Pl,
    ];

    /// The code of its dialect (ISO 639-1): "de".
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::De => "de",
            Language::Fr => "fr",
            Language::Es => "es",
            Language::Pt => "pt",
            Language::Nl => "nl",
            Language::It => "it",
            Language::Pl => "pl",
        }
    }

    /// Its name in English: "German".
    pub fn name(self) -> &'static str {
        match self {
            Language::En => "English",
            Language::De => "German",
            Language::Fr => "French",
            Language::Es => "Spanish",
            Language::Pt => "Portuguese",
            Language::Nl => "Dutch",
            Language::It => "Italian",
            Language::Pl => "Polish",
        }
    }

    /// The language with this code, whatever its case.
    pub fn from_code(code: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(code))
    }

    /// Whether it is the one that a text is in that does not say.
    pub fn is_default(&self) -> bool {
        *self == Language::default()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
