//! A LoRA adapter in the files of Hugging Face's PEFT: what fine-tuning adds to the weights of a base model.
//!
//! Source: "LoRA: Low-Rank Adaptation of Large Language Models". A weight W becomes W + (alpha / r) · B · A.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor, safetensors};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::ModelError;

/// The two files of an adapter.
pub(crate) const CONFIG: &str = "adapter_config.json";
pub(crate) const WEIGHTS: &str = "adapter_model.safetensors";

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
    files: Files,
    scale: f64,
    head: Head,
    tensors: HashMap<String, Tensor>,
}

/// What an adapter adds to a matrix: `scale` × `up` · `down`.
pub(crate) struct Thin {
    pub(crate) rank: usize,
    /// A: [rank, columns]
    pub(crate) down: Vec<f32>,
    /// B: [rows, rank]
    pub(crate) up: Vec<f32>,
    pub(crate) scale: f32,
}

/// Where an adapter's two files are.
enum Files {
    Folder(PathBuf),
    /// In the program.
    BuiltIn([&'static [u8]; 2]),
}

/// What an adapter says of itself, without its weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    base_sha256: String,
    prompt: Option<String>,
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

impl Head {
    /// Reads `adapter_config.json` in this folder.
    ///
    /// # Errors
    /// When it is missing or not that of a LoRA adapter made for a known base.
    pub fn read(folder: &Path) -> Result<Self, ModelError> {
        read(folder, CONFIG).and_then(|config| head(&config, folder)).map(|(head, _)| head)
    }

    /// The same out of the file's bytes.
    pub(crate) fn parse(config: &[u8], place: &Path) -> Result<Self, ModelError> {
        head(config, place).map(|(head, _)| head)
    }

    /// SHA-256 of the base model's file, in hex.
    pub fn base_sha256(&self) -> &str {
        &self.base_sha256
    }

    /// The prompt that it was trained with.
    pub fn prompt(&self) -> Option<&str> {
        self.prompt.as_deref()
    }

    /// Refuses a base model that the adapter was not made for; `sha256` is that of the base's file, in hex, and `place`
    /// says which adapter is meant.
    ///
    /// # Errors
    /// When they differ.
    pub fn check_base(&self, place: &Path, base: &str, sha256: &str) -> Result<(), ModelError> {
        if self.base_sha256.eq_ignore_ascii_case(sha256) {
            return Ok(());
        }
        let reason = format!("it was not made for {base} but for the file with the SHA-256 {}", self.base_sha256);
        Err(ModelError::unusable_adapter(place, reason))
    }
}

/// What the config says, and the factor of the deltas.
fn head(config: &[u8], place: &Path) -> Result<(Head, f64), ModelError> {
    let wrong = |reason: String| ModelError::unusable_adapter(place, reason);
    let config: Config = serde_json::from_slice(config).map_err(|error| wrong(format!("{CONFIG}: {error}")))?;
    if config.peft_type != "LORA" || config.use_dora || config.use_rslora || config.r == 0 {
        return Err(wrong("it is not a plain LoRA adapter".to_owned()));
    }
    let Some(origin) = config.brine else {
        return Err(wrong(format!("{CONFIG} does not name its base in brine.base_sha256")));
    };
    let head = Head { base_sha256: origin.base_sha256, prompt: origin.prompt };
    Ok((head, config.lora_alpha / config.r as f64))
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, ModelError> {
    let path = folder.join(name);
    std::fs::read(&path).map_err(|cause| ModelError::io(path, cause))
}

/// SHA-256 of an adapter's two files, one behind the other, in hex.
pub(crate) fn sha256_of(config: &[u8], weights: &[u8]) -> String {
    hex::encode(Sha256::new().chain_update(config).chain_update(weights).finalize())
}

impl Adapter {
    /// Reads the folder of an adapter.
    ///
    /// # Errors
    /// When a file is missing or is no LoRA adapter made for a known base.
    pub fn load(folder: &Path, name: &str) -> Result<Self, ModelError> {
        let (config, weights) = (read(folder, CONFIG)?, read(folder, WEIGHTS)?);
        Self::new(name, Files::Folder(folder.to_owned()), &config, &weights)
    }

    /// An adapter that is part of the program.
    pub(crate) fn built_in(name: &str, files: [&'static [u8]; 2]) -> Result<Self, ModelError> {
        Self::new(name, Files::BuiltIn(files), files[0], files[1])
    }

    fn new(name: &str, files: Files, config: &[u8], weights: &[u8]) -> Result<Self, ModelError> {
        let place = files.place(name);
        let (head, scale) = head(config, &place)?;
        let tensors = safetensors::load_buffer(weights, &Device::Cpu)
            .map_err(|error| ModelError::unusable_adapter(place, format!("{WEIGHTS}: {error}")))?;
        Ok(Self { name: name.to_owned(), files, scale, head, tensors })
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The prompt that it was trained with.
    pub fn prompt(&self) -> Option<&str> {
        self.head.prompt()
    }

    /// SHA-256 of its two files, in hex: tells whether it is still the same.
    ///
    /// # Errors
    /// When they can't be read any more.
    pub fn sha256(&self) -> Result<String, ModelError> {
        match &self.files {
            Files::Folder(folder) => Ok(sha256_of(&read(folder, CONFIG)?, &read(folder, WEIGHTS)?)),
            Files::BuiltIn([config, weights]) => Ok(sha256_of(config, weights)),
        }
    }

    /// Refuses a base model that the adapter was not made for; `sha256` is that of the base's file, in hex.
    ///
    /// # Errors
    /// When they differ.
    pub fn check_base(&self, base: &str, sha256: &str) -> Result<(), ModelError> {
        self.head.check_base(&self.files.place(&self.name), base, sha256)
    }

    /// The base's matrix of this name with what the adapter adds to it. `interleaved` are the heads of q or k whose rows the
    /// file pairs in its own way.
    ///
    /// # Errors
    /// When its parts do not fit together, or not to the base.
    pub(crate) fn merge(&self, name: &str, base: Tensor, interleaved: Option<usize>) -> Result<Tensor, ModelError> {
        let Some(delta) = self.delta(name)? else { return Ok(base) };
        if delta.dims() != base.dims() {
            let place = self.files.place(&self.name);
            return Err(ModelError::unusable_adapter(place, format!("it does not fit the base's {name}")));
        }
        let delta = match interleaved {
            Some(heads) => interleave_halves(&delta, heads)?,
            None => delta,
        };
        Ok((base + delta)?)
    }

    /// What it adds to the base's matrix of this name and [rows, columns], as two thin matrices; none when it leaves it
    /// alone. `interleaved` as for [`Adapter::merge`].
    ///
    /// # Errors
    /// When its parts do not fit together, or not to the base.
    pub(crate) fn thin(
        &self,
        name: &str,
        (rows, columns): (usize, usize),
        interleaved: Option<usize>,
    ) -> Result<Option<Thin>, ModelError> {
        let Some((down, up)) = self.parts(name)? else { return Ok(None) };
        let (rank, _) = down.dims2()?;
        if down.dims() != [rank, columns] || up.dims() != [rows, rank] {
            let place = self.files.place(&self.name);
            return Err(ModelError::unusable_adapter(place, format!("it does not fit the base's {name}")));
        }
        let up = match interleaved {
            Some(heads) => interleave_halves(&up, heads)?,
            None => up,
        };
        let values = |part: Tensor| part.flatten_all()?.to_vec1::<f32>();
        Ok(Some(Thin { rank, down: values(down)?, up: values(up)?, scale: self.scale as f32 }))
    }

    /// What it adds to the matrix that GGUF calls "blk.3.attn_q.weight": [rows, columns]; none when it leaves it alone.
    ///
    /// # Errors
    /// When its parts do not fit together.
    fn delta(&self, gguf_name: &str) -> Result<Option<Tensor>, ModelError> {
        let Some((down, up)) = self.parts(gguf_name)? else { return Ok(None) };
        Ok(Some((up.matmul(&down)? * self.scale)?))
    }

    /// A and B as f32.
    fn parts(&self, gguf_name: &str) -> Result<Option<(Tensor, Tensor)>, ModelError> {
        let Some(path) = peft_path(gguf_name) else { return Ok(None) };
        let part = |part: &str| self.tensors.get(&format!("{path}.{part}.weight"));
        match (part("lora_A"), part("lora_B")) {
            (Some(a), Some(b)) => Ok(Some((a.to_dtype(DType::F32)?, b.to_dtype(DType::F32)?))),
            (None, None) => Ok(None),
            _ => {
                let place = self.files.place(&self.name);
                Err(ModelError::unusable_adapter(place, format!("{path} has only one of its two parts")))
            }
        }
    }
}

impl Files {
    /// What errors call it.
    fn place(&self, name: &str) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.clone(),
            Self::BuiltIn(_) => PathBuf::from(name),
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
fn interleave_halves(rows: &Tensor, heads: usize) -> candle_core::Result<Tensor> {
    let (count, columns) = rows.dims2()?;
    rows.reshape((heads, 2, count / heads / 2, columns))?.transpose(1, 2)?.contiguous()?.reshape((count, columns))
}

#[cfg(test)]
#[path = "adapter_tests.rs"]
mod tests;
