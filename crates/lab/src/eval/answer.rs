//! What an arm answered to one story, as it is kept in `outputs/ARM.jsonl`.

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::repair::repaired;
use super::set::Set;

/// One answer. A file made elsewhere needs `id` and `criteria` only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The story's.
    pub id: String,
    /// Counts the answers to one story, from 0.
    #[serde(default)]
    pub sample: u32,
    /// As the user would get it; empty when there is none.
    #[serde(default)]
    pub criteria: String,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it took, when a model wrote it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Of arm and story: an answer is used again only when both are still the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub print: Option<String>,
}

/// Seconds and tokens. A failure costs the whole deadline: it must not look fast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Until the first scenario was there.
    pub first_seconds: f64,
    /// Until all were there.
    pub seconds: f64,
    /// Read and written; none for a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_tokens: Option<usize>,
}

impl Answer {
    /// An answer without criteria.
    pub(crate) fn lost(id: &str, reason: impl Into<String>) -> Self {
        Self { id: id.to_owned(), error: Some(reason.into()), ..Self::default() }
    }

    /// The set as the user gets it.
    pub(crate) fn as_given(&self, case: &Case) -> Result<Set, String> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        if self.criteria.trim().is_empty() {
            return Err("the answer is empty".to_owned());
        }
        Set::read(&self.criteria, case.story.summary(), case.pair.language.code())
    }

    /// The set that can be read out of the answer with good will.
    pub(crate) fn repaired(&self, case: &Case) -> Result<Set, String> {
        self.as_given(case).or_else(|first| {
            if self.error.is_some() {
                return Err(first);
            }
            let language = case.pair.language.code();
            Set::read(&repaired(&self.criteria, language), case.story.summary(), language).map_err(|_| first)
        })
    }
}
