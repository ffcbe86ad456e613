//! Acceptance criteria as a value: what the model writes, the rules judge, people edit and Jira gets.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Language;

/// What kind of case a scenario is. Every scenario has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tag {
    /// The goal is reached.
    HappyPath,
    /// Refused, invalid, forbidden, failed.
    Negative,
    /// Boundary, empty, concurrent, repeated, large, time.
    EdgeCase,
    /// Only when the story speaks of it.
    Security,
    /// Only when the story speaks of it.
    Performance,
    /// Only when the story speaks of it.
    Accessibility,
}

impl Tag {
    /// Every tag, in the order in which they are offered.
    pub const ALL: [Tag; 6] =
        [Tag::HappyPath, Tag::Negative, Tag::EdgeCase, Tag::Security, Tag::Performance, Tag::Accessibility];

    /// The tag without its `@`.
    pub fn name(self) -> &'static str {
        match self {
            Tag::HappyPath => "happy-path",
            Tag::Negative => "negative",
            Tag::EdgeCase => "edge-case",
            Tag::Security => "security",
            Tag::Performance => "performance",
            Tag::Accessibility => "accessibility",
        }
    }

    /// The tag of this name, with or without `@`.
    pub fn from_name(name: &str) -> Option<Tag> {
        let name = name.strip_prefix('@').unwrap_or(name);
        Tag::ALL.into_iter().find(|tag| tag.name() == name)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.name())
    }
}

/// The five step keywords in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Keyword {
    /// A state that is already true.
    Given,
    /// The one event.
    When,
    /// An observable outcome.
    Then,
    /// More of the same.
    And,
    /// More of the same, in contrast.
    But,
}

impl Keyword {
    /// Every keyword, in the order of a scenario.
    pub const ALL: [Keyword; 5] = [Keyword::Given, Keyword::When, Keyword::Then, Keyword::And, Keyword::But];
}

/// In English, whatever the language of the criteria: see [`super::Dialect::step`].
impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Keyword::Given => "Given",
            Keyword::When => "When",
            Keyword::Then => "Then",
            Keyword::And => "And",
            Keyword::But => "But",
        })
    }
}

/// One step: a keyword and what it says, without a line break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Given, When, Then, And or But, by whatever name in the criteria's language.
    pub keyword: Keyword,
    /// The rest of the line.
    pub text: String,
}

/// The `Examples` table of a scenario outline: column names, and rows of as many cells each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examples {
    /// Column names, used in the steps as `<name>`.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<String>>,
}

/// What a scenario rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Basis {
    /// A sentence of the story: its index in `Story::sentences()` and its words.
    Sentence {
        /// Index into the story's sentences.
        index: usize,
        /// The sentence as the story has it.
        text: String,
    },
    /// No sentence of the story: shown as `@assumption`.
    Assumption,
    /// Not looked for: a person wrote or edited this scenario.
    Unknown,
}

/// One scenario, or one scenario outline when it has examples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// The kind of case.
    pub tag: Tag,
    /// What holds.
    pub title: String,
    /// Given …, one When, Then ….
    pub steps: Vec<Step>,
    /// Present on an outline only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examples: Option<Examples>,
    /// The story sentence behind it.
    pub basis: Basis,
}

/// A whole set, of the size that [`super::form`] gives when the model wrote it, with questions for the product owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criteria {
    /// What it is written in. English is not stored, as in drafts from before there were others.
    #[serde(default, skip_serializing_if = "Language::is_default")]
    pub language: Language,
    /// In the order in which they are shown.
    pub scenarios: Vec<Scenario>,
    /// Each ends with a question mark.
    #[serde(default)]
    pub questions: Vec<String>,
}
