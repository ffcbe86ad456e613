//! The LoRA parameters: their start values, and their form in PEFT's files.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use brine_model::Rotary;
use candle_core::{DType, Device, Tensor};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::error::TuneError;
use super::files;
use super::layer::Plan;
use super::ops::linear::Adapted;
use super::settings::{Linear, Settings};

pub(crate) const WEIGHTS: &str = "adapter_model.safetensors";
pub(crate) const CONFIG: &str = "adapter_config.json";

/// What `adapter_config.json` says besides the settings.
pub(crate) struct Origin<'a> {
    pub(crate) base_sha256: &'a str,
    pub(crate) steps: usize,
    pub(crate) examples: usize,
}

/// Two lists a layer. A is uniform within ±1/√width, B is zero: at first, LoRA adds nothing.
pub(crate) fn start(plan: &Plan, layers: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut list = |linears: [&Adapted; 2]| {
        let mut values = Vec::new();
        for linear in linears {
            let bound = 1.0 / (linear.width as f32).sqrt();
            let start = values.len();
            values.extend((0..linear.inner() * linear.width).map(|_| random.random_range(-bound..bound)));
            values.resize(start + linear.parameters(), 0.0);
        }
        values
    };
    (0..layers).flat_map(|_| [list([&plan.qkv, &plan.output]), list([&plan.gate_up, &plan.down])]).collect()
}

/// Where the two matrices of one adapted layer lie.
pub(crate) struct Spot {
    /// PEFT's name, without the part that says which of the two.
    pub(crate) path: String,
    pub(crate) list: usize,
    /// A [rank, inputs] in the list.
    pub(crate) a: Range<usize>,
    /// B [outputs, rank] in the list.
    pub(crate) b: Range<usize>,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// How many heads B's rows are of, where GGUF has the halves of a head interleaved.
    pub(crate) interleaved: Option<usize>,
}

/// All of them.
pub(crate) fn spots(plan: &Plan, layers: usize, rotary: Rotary) -> Vec<Spot> {
    let linears: [(usize, usize, &Adapted, &[Linear]); 4] = [
        (0, 0, &plan.qkv, &[Linear::Q, Linear::K, Linear::V]),
        (0, plan.qkv.parameters(), &plan.output, &[Linear::O]),
        (1, 0, &plan.gate_up, &[Linear::Gate, Linear::Up]),
        (1, plan.gate_up.parameters(), &plan.down, &[Linear::Down]),
    ];
    let mut spots = Vec::new();
    for layer in 0..layers {
        for (list, start, linear, names) in linears {
            let adapted = names.iter().zip(&linear.parts).filter(|(_, part)| part.adapted);
            for ((name, _), place) in adapted.zip(linear.places()) {
                let a = start + place.inner * linear.width;
                let permuted = rotary == Rotary::Interleaved && matches!(name, Linear::Q | Linear::K);
                spots.push(Spot {
                    path: format!("base_model.model.model.layers.{layer}.{}", name.peft()),
                    list: 2 * layer + list,
                    a: a..a + linear.rank * linear.width,
                    b: start + place.b.start..start + place.b.end,
                    inputs: linear.width,
                    outputs: place.width,
                    interleaved: permuted.then_some(place.width / plan.heads.width),
                });
            }
        }
    }
    spots
}

/// Writes `adapter_model.safetensors` (f16) and `adapter_config.json` as PEFT reads them.
///
/// # Errors
/// When a file can't be written.
pub(crate) fn write(
    folder: &Path,
    plan: &Plan,
    rotary: Rotary,
    lists: &[Vec<f32>],
    settings: &Settings,
    origin: &Origin,
) -> Result<(), TuneError> {
    let mut tensors = HashMap::new();
    for spot in spots(plan, lists.len() / 2, rotary) {
        let list = &lists[spot.list];
        let a = Tensor::from_slice(&list[spot.a], (plan.qkv.rank, spot.inputs), &Device::Cpu)?;
        let b = Tensor::from_slice(&list[spot.b], (spot.outputs, plan.qkv.rank), &Device::Cpu)?;
        let b = spot.interleaved.map_or(Ok(b.clone()), |heads| part_halves(&b, heads))?;
        tensors.insert(format!("{}.lora_A.weight", spot.path), a.to_dtype(DType::F16)?);
        tensors.insert(format!("{}.lora_B.weight", spot.path), b.to_dtype(DType::F16)?);
    }
    let bytes = safetensors::serialize(&tensors, Some(HashMap::from([("format".to_owned(), "pt".to_owned())])))
        .map_err(candle_core::Error::from)?;
    files::replace(&folder.join(WEIGHTS), &bytes)?;
    let targets: Vec<&str> = settings.targets.iter().map(|target| target.module()).collect();
    let config = serde_json::json!({
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": settings.rank,
        "lora_alpha": settings.alpha,
        "lora_dropout": 0.0,
        "target_modules": targets,
        "bias": "none",
        "fan_in_fan_out": false,
        "inference_mode": true,
        "base_model_name_or_path": settings.base,
        "brine": {
            "name": settings.adapter,
            "base_sha256": origin.base_sha256,
            "prompt": crate::data::PROMPT,
            "steps": origin.steps,
            "examples": origin.examples,
            "seed": settings.seed,
        },
    });
    let text = serde_json::to_string_pretty(&config).unwrap_or_default() + "\n";
    files::replace(&folder.join(CONFIG), text.as_bytes())
}

/// Rows of q or k from the order of GGUF files of the Llama family (the halves of a head interleaved) to that of Hugging
/// Face (one after the other).
fn part_halves(rows: &Tensor, heads: usize) -> candle_core::Result<Tensor> {
    let (count, columns) = rows.dims2()?;
    rows.reshape((heads, count / heads / 2, 2, columns))?.transpose(1, 2)?.contiguous()?.reshape((count, columns))
}

/// The other way.
pub(crate) fn interleave_halves(rows: &Tensor, heads: usize) -> candle_core::Result<Tensor> {
    let (count, columns) = rows.dims2()?;
    rows.reshape((heads, 2, count / heads / 2, columns))?.transpose(1, 2)?.contiguous()?.reshape((count, columns))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn rows_of_a_head_come_apart_into_halves() {
        let rows = Tensor::from_slice(&[0f32, 2., 1., 3., 10., 12., 11., 13.], (8, 1), &Device::Cpu).unwrap();
        let parted = part_halves(&rows, 2).unwrap();
        let values = |rows: &Tensor| rows.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(values(&parted), [0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0]);
        assert_eq!(values(&interleave_halves(&parted, 2).unwrap()), values(&rows));
    }
}
