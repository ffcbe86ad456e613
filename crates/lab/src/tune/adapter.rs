//! The LoRA parameters: their start values, and their form in PEFT's files.

use std::collections::HashMap;
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
    for (layer, lists) in lists.chunks_exact(2).enumerate() {
        let (qkv, output) = lists[0].split_at(plan.qkv.parameters());
        let (gate_up, down) = lists[1].split_at(plan.gate_up.parameters());
        let linears: [(&Adapted, &[f32], &[Linear]); 4] = [
            (&plan.qkv, qkv, &[Linear::Q, Linear::K, Linear::V]),
            (&plan.output, output, &[Linear::O]),
            (&plan.gate_up, gate_up, &[Linear::Gate, Linear::Up]),
            (&plan.down, down, &[Linear::Down]),
        ];
        for (linear, values, names) in linears {
            let adapted = names.iter().zip(&linear.parts).filter(|(_, part)| part.adapted);
            for ((name, _), place) in adapted.zip(linear.places()) {
                let path = format!("base_model.model.model.layers.{layer}.{}", name.peft());
                let a = &values[place.inner * linear.width..(place.inner + linear.rank) * linear.width];
                let a = Tensor::from_slice(a, (linear.rank, linear.width), &Device::Cpu)?;
                let b = Tensor::from_slice(&values[place.b], (place.width, linear.rank), &Device::Cpu)?;
                let permuted = rotary == Rotary::Interleaved && matches!(name, Linear::Q | Linear::K);
                let b = if permuted { part_halves(&b, place.width / plan.heads.width)? } else { b };
                tensors.insert(format!("{path}.lora_A.weight"), a.to_dtype(DType::F16)?);
                tensors.insert(format!("{path}.lora_B.weight"), b.to_dtype(DType::F16)?);
            }
        }
    }
    let bytes = safetensors::serialize(&tensors, Some(HashMap::from([("format".to_owned(), "pt".to_owned())])))
        .map_err(candle_core::Error::from)?;
    files::replace(&folder.join("adapter_model.safetensors"), &bytes)?;
    let targets: Vec<&str> =
        settings.targets.iter().map(|target| target.peft().rsplit('.').next().unwrap_or_default()).collect();
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
    files::replace(&folder.join("adapter_config.json"), text.as_bytes())
}

/// Rows of q or k from the order of GGUF files of the Llama family (the halves of a head interleaved) to that of Hugging
/// Face (one after the other).
fn part_halves(rows: &Tensor, heads: usize) -> candle_core::Result<Tensor> {
    let (count, columns) = rows.dims2()?;
    rows.reshape((heads, count / heads / 2, 2, columns))?.transpose(1, 2)?.contiguous()?.reshape((count, columns))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn rows_of_a_head_come_apart_into_halves() {
        let rows = Tensor::from_slice(&[0f32, 2., 1., 3., 10., 12., 11., 13.], (8, 1), &Device::Cpu).unwrap();
        let found = part_halves(&rows, 2).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(found, [0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0]);
    }
}
