//! Where a distilled pair came from. Never holds a key or an address.

use serde::{Deserialize, Serialize};

/// Stands in each pair, and in each line of the file of rejected answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Name of the model that wrote: that of the catalogue, or the server's.
    pub teacher: String,
    /// Its adapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// What it was asked with.
    pub prompt: String,
    /// Of this sample.
    pub seed: u64,
    /// From 0.
    pub sample: u32,
    /// The program's version.
    pub brine: String,
    /// Day of writing (UTC).
    pub date: String,
    /// Of story, teacher, options and sets for measuring: a further run with the same ones has nothing to do here.
    pub print: String,
    /// Where the story itself came from, as its file has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<serde_json::Value>,
}
