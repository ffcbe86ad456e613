//! The weights of an adapter as the beginning of a new run.

use std::path::Path;

use brine_model::{Head, Rotary};
use candle_core::{DType, Device, Tensor};
use serde::Deserialize;

use super::adapter::{CONFIG, WEIGHTS, interleave_halves, spots};
use super::error::TuneError;
use super::network::Network;
use super::settings::Settings;

/// What must be the same in adapter and settings.
#[derive(Deserialize)]
struct Config {
    r: usize,
    lora_alpha: f32,
    target_modules: Vec<String>,
}

/// The lists of parameters out of the adapter in `folder`.
///
/// # Errors
/// When it can't be read, is of another base, or has another rank, alpha or other targets than the settings.
pub(crate) fn read(
    folder: &Path,
    network: &Network,
    rotary: Rotary,
    settings: &Settings,
    base_sha256: &str,
) -> Result<Vec<Vec<f32>>, TuneError> {
    let unfit = |reason: String| TuneError::From { folder: folder.to_owned(), reason };
    let bytes = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|cause| TuneError::io(path, cause))
    };
    Head::read(folder)?.check_base(folder, &settings.base, base_sha256)?;
    let config: Config =
        serde_json::from_slice(&bytes(CONFIG)?).map_err(|error| unfit(format!("{CONFIG}: {error}")))?;
    let mut wanted: Vec<&str> = settings.targets.iter().map(|target| target.module()).collect();
    let mut found: Vec<&str> = config.target_modules.iter().map(String::as_str).collect();
    wanted.sort_unstable();
    found.sort_unstable();
    for (what, found, wanted) in [
        ("rank", config.r.to_string(), settings.rank.to_string()),
        ("alpha", config.lora_alpha.to_string(), settings.alpha.to_string()),
        ("targets", found.join(", "), wanted.join(", ")),
    ] {
        if found != wanted {
            return Err(unfit(format!("its {what} is {found}, that of the settings is {wanted}")));
        }
    }
    let tensors = candle_core::safetensors::load_buffer(&bytes(WEIGHTS)?, &Device::Cpu)
        .map_err(|error| unfit(format!("{WEIGHTS}: {error}")))?;
    let tensor = |name: String, rows: usize, columns: usize| -> Result<Tensor, TuneError> {
        let tensor = tensors.get(&name).filter(|tensor| tensor.dims() == [rows, columns]);
        let tensor = tensor.ok_or_else(|| unfit(format!("{name} is not there, or does not fit the base")))?;
        Ok(tensor.to_dtype(DType::F32)?)
    };
    let plan = network.plan();
    let sizes = [plan.qkv.parameters() + plan.output.parameters(), plan.gate_up.parameters() + plan.down.parameters()];
    let mut lists: Vec<Vec<f32>> = (0..2 * network.layers()).map(|list| vec![0.0; sizes[list % 2]]).collect();
    for spot in spots(plan, network.layers(), rotary) {
        let a = tensor(format!("{}.lora_A.weight", spot.path), settings.rank, spot.inputs)?;
        let b = tensor(format!("{}.lora_B.weight", spot.path), spot.outputs, settings.rank)?;
        let b = spot.interleaved.map_or(Ok(b.clone()), |heads| interleave_halves(&b, heads))?;
        lists[spot.list][spot.a].copy_from_slice(&a.flatten_all()?.to_vec1::<f32>()?);
        lists[spot.list][spot.b].copy_from_slice(&b.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(lists)
}
