//! All that a run needs to go on exactly where it was.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::adam::Adam;
use super::error::TuneError;
use super::files;

const FILE: &str = "checkpoint.safetensors";
/// The key of [`Mark`] among the file's metadata.
const MARK: &str = "brine";

/// Where a run stands, and which run it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// Steps made; epoch and place in it follow from it.
    pub(crate) step: usize,
    /// Of training, all sittings together.
    pub(crate) seconds: f64,
    /// Read, all steps together.
    pub(crate) tokens: usize,
    /// Fingerprints.
    pub(crate) data: String,
    pub(crate) settings: String,
    pub(crate) base: String,
}

/// Parameters and the optimiser's state.
pub(crate) struct State {
    pub(crate) parameters: Vec<Vec<f32>>,
    pub(crate) adam: Adam,
}

/// Where the checkpoint of a run lies.
pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Replaces the checkpoint of the run in `folder`.
///
/// # Errors
/// When it can't be written; the old one is still there then.
pub(crate) fn write(folder: &Path, mark: &Mark, state: &State) -> Result<(), TuneError> {
    let mut tensors = HashMap::new();
    let kinds = [("parameters", &state.parameters), ("means", &state.adam.means), ("squares", &state.adam.squares)];
    for (kind, lists) in kinds {
        for (place, list) in lists.iter().enumerate() {
            let tensor = Tensor::from_slice(list, list.len(), &Device::Cpu)?;
            tensors.insert(format!("{kind}.{place}"), tensor);
        }
    }
    let mark = serde_json::to_string(mark).map_err(|error| TuneError::io(path(folder), error))?;
    let bytes = safetensors::serialize(&tensors, Some(HashMap::from([(MARK.to_owned(), mark)])))
        .map_err(candle_core::Error::from)?;
    files::replace(&path(folder), &bytes)
}

/// The checkpoint of the run in `folder`, when it is of the run that `expected` describes.
///
/// # Errors
/// When there is none, it is broken, or of another run.
pub(crate) fn read(folder: &Path, expected: &Mark, start: &[Vec<f32>]) -> Result<(Mark, State), TuneError> {
    let path = path(folder);
    let broken = |reason: String| TuneError::Checkpoint { path: path.clone(), reason };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(TuneError::NoCheckpoint(folder.to_owned()));
        }
        Err(cause) => return Err(TuneError::io(path, cause)),
    };
    let (_, metadata) = safetensors::SafeTensors::read_metadata(&bytes).map_err(|error| broken(error.to_string()))?;
    let mark = metadata.metadata().as_ref().and_then(|metadata| metadata.get(MARK));
    let mark = mark.ok_or_else(|| broken("it is no checkpoint of brine tune".to_owned()))?;
    let mark: Mark = serde_json::from_str(mark).map_err(|error| broken(error.to_string()))?;
    for (what, found, wanted) in [
        ("base model", &mark.base, &expected.base),
        ("data", &mark.data, &expected.data),
        ("settings", &mark.settings, &expected.settings),
    ] {
        if found != wanted {
            return Err(TuneError::OtherRun { path, what });
        }
    }
    let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)?;
    let lists = |kind: &str| {
        let list = |(place, start): (usize, &Vec<f32>)| {
            let tensor = tensors.get(&format!("{kind}.{place}")).filter(|tensor| tensor.elem_count() == start.len());
            let tensor = tensor.ok_or_else(|| broken(format!("its {kind}.{place} does not fit the model")))?;
            Ok(tensor.to_vec1::<f32>()?)
        };
        start.iter().enumerate().map(list).collect::<Result<Vec<_>, TuneError>>()
    };
    let adam = Adam { means: lists("means")?, squares: lists("squares")?, steps: mark.step };
    let state = State { parameters: lists("parameters")?, adam };
    Ok((mark, state))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn mark() -> Mark {
        Mark { step: 7, seconds: 1.5, tokens: 9, data: "d".into(), settings: "s".into(), base: "b".into() }
    }

    #[test]
    fn what_was_written_is_read_and_other_runs_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let parameters = vec![vec![1.0, f32::MIN_POSITIVE], vec![-0.0]];
        let adam = Adam { means: vec![vec![0.1, 0.2], vec![0.3]], squares: vec![vec![0.4, 0.5], vec![0.6]], steps: 7 };
        let state = State { parameters: parameters.clone(), adam: adam.clone() };
        let missing = read(folder.path(), &mark(), &parameters).err().unwrap();
        assert!(matches!(missing, TuneError::NoCheckpoint(_)));
        write(folder.path(), &mark(), &state).unwrap();
        let (found, read_state) = read(folder.path(), &mark(), &parameters).unwrap();
        assert_eq!((found, read_state.parameters, read_state.adam), (mark(), parameters.clone(), adam));
        let other = Mark { data: "x".into(), ..mark() };
        let error = read(folder.path(), &other, &parameters).err().unwrap().to_string();
        assert!(error.contains("of a run with other data"), "{error}");
        std::fs::write(path(folder.path()), "rubbish of no kind").unwrap();
        assert!(matches!(read(folder.path(), &mark(), &parameters), Err(TuneError::Checkpoint { .. })));
    }
}
