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
pub mod reading;
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
    stories_of(&[path.to_owned()], None, limit)
}

/// The stories of several files, and of these only the ones that a list names, one name a line (`#` begins a remark).
///
/// # Errors
/// When a file can't be read, a story's facts make no sense, or a named story is not there.
pub fn stories_of(
    paths: &[std::path::PathBuf],
    only: Option<&std::path::Path>,
    limit: Option<usize>,
) -> Result<Vec<Case>, EvalError> {
    let mut pairs = Vec::new();
    for path in paths {
        pairs.extend(crate::data::read(path)?);
    }
    if let Some(list) = only {
        let text = std::fs::read_to_string(list).map_err(EvalError::file(list))?;
        let names: Vec<&str> =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        if let Some(unknown) = names.iter().find(|name| !pairs.iter().any(|pair| pair.id == **name)) {
            return Err(EvalError::file(list)(format!("no story is called {unknown:?}")));
        }
        pairs.retain(|pair| names.contains(&pair.id.as_str()));
    }
    let kept: Vec<_> = run::spread(&pairs, limit.unwrap_or(pairs.len())).into_iter().cloned().collect();
    kept.into_iter().map(Case::new).collect()
}
