//! Evaluation: stories in, the criteria of several arms (model × adapter × prompt, and controls) out, measured against the
//! story and never against the generator's own findings.

mod answer;
mod arm;
mod baseline;
pub mod bootstrap;
mod case;
mod control;
mod dialect;
mod error;
mod keywords;
mod ledger;
mod makers;
pub mod measures;
mod mutate;
mod quantities;
mod repair;
pub mod report;
mod run;
mod set;
mod table;

pub use answer::{Answer, Cost};
pub use arm::{Arm, Kind, ModelArm};
pub use baseline::Baseline;
pub use case::Case;
pub use control::Verdict;
pub use error::EvalError;
pub(crate) use run::spread;
pub use run::{Options, Outputs, Progress, run};
pub use table::{Column, Difference, Table};

/// The stories of a file, at most `limit` of them, taken from all over it so that every domain keeps its share.
///
/// # Errors
/// When the file can't be read, or a story's facts make no sense.
pub fn stories(path: &std::path::Path, limit: Option<usize>) -> Result<Vec<Case>, EvalError> {
    let pairs = crate::data::read(path)?;
    let kept: Vec<_> = run::spread(&pairs, limit.unwrap_or(pairs.len())).into_iter().cloned().collect();
    kept.into_iter().map(Case::new).collect()
}
