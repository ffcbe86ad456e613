//! The stories of a run, which of them leak, and what tells one run from another.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::DistillError;
use crate::data::{self, Leak, Pair};
use crate::eval::{Case, stories};

/// See the module.
#[derive(Debug)]
pub struct Work {
    pub(crate) cases: Vec<Case>,
    /// By the story's id.
    pub(crate) leaks: HashMap<String, Leak>,
    /// Of the sets for measuring.
    against: String,
}

impl Work {
    /// Reads stories, and the sets that they must share no text with.
    ///
    /// # Errors
    /// When a file can't be read, there is no story, or two have the same id.
    pub fn read(path: &Path, against: &[PathBuf]) -> Result<Self, DistillError> {
        let cases = stories(path, None)?;
        let mut seen = HashSet::new();
        if cases.is_empty() {
            return Err(DistillError::Options(format!("there is no story in {}", path.display())));
        }
        if let Some(twice) = cases.iter().find(|case| !seen.insert(&case.pair.id)) {
            return Err(DistillError::Options(format!("two stories are called {:?}", twice.pair.id)));
        }
        let pairs: Vec<Pair> = cases.iter().map(|case| case.pair.clone()).collect();
        let mut leaks = HashMap::new();
        let mut print = Sha256::new();
        for path in against {
            let other = data::read(path)?;
            leaks.extend(data::leaks(&pairs, &other).into_iter().map(|leak| (leak.id.clone(), leak)));
            for pair in &other {
                print.update(format!("{}\0{}\0", pair.summary, pair.description));
            }
        }
        Ok(Self { cases, leaks, against: hex::encode(print.finalize()) })
    }

    /// What the result of each story depends on, in their order: `run` is what all have in common.
    pub(crate) fn prints(&self, run: &str) -> Vec<String> {
        let print = |case: &Case| {
            // Criteria and origin of a story play no part in what the teacher is asked.
            let story = Pair { criteria: String::new(), provenance: None, ..case.pair.clone() };
            let mut hash = Sha256::new();
            hash.update(format!("{run}\0{}\0{story:?}", self.against));
            hex::encode(hash.finalize()).chars().take(24).collect()
        };
        self.cases.iter().map(print).collect()
    }
}
