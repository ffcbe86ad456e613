//! A LoRA adapter in the files of Hugging Face's PEFT: what fine-tuning adds to the weights of a base model.
//!
//! Source: "LoRA: Low-Rank Adaptation of Large Language Models". A weight W becomes W + (alpha / r) · B · A.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor, safetensors};
use serde::Deserialize;

use crate::error::ModelError;

const CONFIG: &str = "adapter_config.json";
const WEIGHTS: &str = "adapter_model.safetensors";

/// GGUF's names of a layer's matrices, and Hugging Face's.
const MATRICES: [(&str, &str); 7] = [
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
];

/// A loaded adapter.
pub struct Adapter {
    name: String,
    folder: PathBuf,
    scale: f64,
    base_sha256: String,
    prompt: Option<String>,
    tensors: HashMap<String, Tensor>,
}

/// The part of `adapter_config.json` that matters here.
#[derive(Deserialize)]
struct Config {
    peft_type: String,
    r: usize,
    lora_alpha: f64,
    #[serde(default)]
    use_dora: bool,
    #[serde(default)]
    use_rslora: bool,
    brine: Option<Origin>,
}

/// What `brine tune` notes beside PEFT's own fields.
#[derive(Deserialize)]
struct Origin {
    base_sha256: String,
    prompt: Option<String>,
}

impl Adapter {
    /// Reads the folder of an adapter.
    ///
    /// # Errors
    /// When a file is missing or is no LoRA adapter made for a known base.
    pub fn load(folder: &Path, name: &str) -> Result<Self, ModelError> {
        let wrong = |reason: String| ModelError::unusable_adapter(folder, reason);
        let path = folder.join(CONFIG);
        let text = std::fs::read_to_string(&path).map_err(|cause| ModelError::io(path, cause))?;
        let config: Config = serde_json::from_str(&text).map_err(|error| wrong(format!("{CONFIG}: {error}")))?;
        if config.peft_type != "LORA" || config.use_dora || config.use_rslora || config.r == 0 {
            return Err(wrong("it is not a plain LoRA adapter".to_owned()));
        }
        let Some(origin) = config.brine else {
            return Err(wrong(format!("{CONFIG} does not name its base in brine.base_sha256")));
        };
        let path = folder.join(WEIGHTS);
        let tensors = safetensors::load(&path, &Device::Cpu).map_err(|error| wrong(format!("{WEIGHTS}: {error}")))?;
        Ok(Self {
            name: name.to_owned(),
            folder: folder.to_owned(),
            scale: config.lora_alpha / config.r as f64,
            base_sha256: origin.base_sha256,
            prompt: origin.prompt,
            tensors,
        })
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The prompt that it was trained with.
    pub fn prompt(&self) -> Option<&str> {
        self.prompt.as_deref()
    }

    /// Refuses a base model that the adapter was not made for; `sha256` is that of the base's file, in hex.
    ///
    /// # Errors
    /// When they differ.
    pub fn check_base(&self, base: &str, sha256: &str) -> Result<(), ModelError> {
        if self.base_sha256.eq_ignore_ascii_case(sha256) {
            return Ok(());
        }
        let reason = format!("it was not made for {base} but for the file with the SHA-256 {}", self.base_sha256);
        Err(ModelError::unusable_adapter(&self.folder, reason))
    }

    /// What it adds to the matrix that GGUF calls "blk.3.attn_q.weight": [rows, columns]; none when it leaves it alone.
    ///
    /// # Errors
    /// When its parts do not fit together.
    pub(crate) fn delta(&self, gguf_name: &str) -> Result<Option<Tensor>, ModelError> {
        let Some(path) = peft_path(gguf_name) else { return Ok(None) };
        let part = |part: &str| self.tensors.get(&format!("{path}.{part}.weight"));
        match (part("lora_A"), part("lora_B")) {
            (Some(a), Some(b)) => {
                let product = b.to_dtype(DType::F32)?.matmul(&a.to_dtype(DType::F32)?)?;
                Ok(Some((product * self.scale)?))
            }
            (None, None) => Ok(None),
            _ => Err(ModelError::unusable_adapter(&self.folder, format!("{path} has only one of its two parts"))),
        }
    }
}

/// "base_model.model.model.layers.3.self_attn.q_proj" for "blk.3.attn_q.weight".
fn peft_path(gguf_name: &str) -> Option<String> {
    let (layer, matrix) = gguf_name.strip_prefix("blk.")?.strip_suffix(".weight")?.split_once('.')?;
    let (_, name) = MATRICES.iter().find(|(gguf, _)| *gguf == matrix)?;
    Some(format!("base_model.model.model.layers.{layer}.{name}"))
}

/// Rows of q or k, head by head, from Hugging Face's order (the halves of a head one after the other) to that of GGUF files
/// of the Llama family (the halves interleaved).
pub(crate) fn interleave_halves(rows: &Tensor, heads: usize) -> candle_core::Result<Tensor> {
    let (count, columns) = rows.dims2()?;
    rows.reshape((heads, 2, count / heads / 2, columns))?.transpose(1, 2)?.contiguous()?.reshape((count, columns))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn folder(config: &str, tensors: &[(&str, Tensor)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(CONFIG), config).unwrap();
        let tensors: HashMap<String, Tensor> = tensors.iter().map(|(n, t)| ((*n).to_owned(), t.clone())).collect();
        safetensors::save(&tensors, folder.path().join(WEIGHTS)).unwrap();
        folder
    }

    const GOOD: &str =
        r#"{"peft_type": "LORA", "r": 1, "lora_alpha": 2, "brine": {"base_sha256": "ab", "prompt": "rule@2"}}"#;

    fn matrix(values: &[f32], shape: (usize, usize)) -> Tensor {
        Tensor::from_slice(values, shape, &Device::Cpu).unwrap()
    }

    #[test]
    fn the_two_parts_multiply_to_what_is_added() {
        let path = "base_model.model.model.layers.3.mlp.down_proj";
        let a = (format!("{path}.lora_A.weight"), matrix(&[1.0, 2.0], (1, 2)));
        let b = (format!("{path}.lora_B.weight"), matrix(&[1.0, 0.0, -1.0], (3, 1)));
        let folder = folder(GOOD, &[(&a.0, a.1.clone()), (&b.0, b.1.clone())]);
        let adapter = Adapter::load(folder.path(), "mine").unwrap();
        let delta = adapter.delta("blk.3.ffn_down.weight").unwrap().unwrap();
        assert_eq!(delta.to_vec2::<f32>().unwrap(), [[2.0, 4.0], [0.0, 0.0], [-2.0, -4.0]]);
        assert!(adapter.delta("blk.2.ffn_down.weight").unwrap().is_none());
        assert!(adapter.delta("token_embd.weight").unwrap().is_none());
        assert_eq!((adapter.name(), adapter.prompt()), ("mine", Some("rule@2")));
    }

    #[test]
    fn another_base_is_refused() {
        let folder = folder(GOOD, &[]);
        let adapter = Adapter::load(folder.path(), "mine").unwrap();
        adapter.check_base("small", "AB").unwrap();
        let error = adapter.check_base("small", "cd").err().unwrap().to_string();
        assert!(error.contains("not made for small"), "{error}");
    }

    #[test]
    fn what_is_no_adapter_of_ours_is_refused_with_the_reason() {
        for (config, reason) in [
            (r#"{"peft_type": "LORA", "r": 1, "lora_alpha": 2}"#, "brine.base_sha256"),
            (r#"{"peft_type": "IA3", "r": 1, "lora_alpha": 2}"#, "plain LoRA"),
            ("[]", "adapter_config.json"),
        ] {
            let folder = folder(config, &[]);
            let error = Adapter::load(folder.path(), "x").err().unwrap().to_string();
            assert!(error.contains(reason), "{error}");
        }
        let error = Adapter::load(Path::new("/nowhere"), "x").err().unwrap().to_string();
        assert!(error.contains("adapter_config.json"), "{error}");
    }

    #[test]
    fn halves_of_a_head_are_interleaved() {
        let rows = matrix(&[0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0], (8, 1));
        let found = interleave_halves(&rows, 2).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(found, [0.0, 2.0, 1.0, 3.0, 10.0, 12.0, 11.0, 13.0]);
    }
}
