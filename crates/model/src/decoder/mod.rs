//! The decoder-only transformer (Llama and Qwen2 families) over quantised weights: a trunk that texts begin with alike, and
//! branches that are written side by side behind it.
//!
//! Sources: "LLaMA: Open and Efficient Foundation Language Models" (RMSNorm, SwiGLU, rotary embedding) and "GQA" (grouped
//! query attention).

mod branch;
mod config;
mod file;
#[cfg(target_arch = "x86_64")]
mod packed;
mod tensors;

use std::path::Path;

use candle_core::{Device, Result};

pub(crate) use self::branch::Branch;
pub(crate) use self::config::Config;
pub use self::config::Rotary;
pub(crate) use self::file::GgufFile;
#[cfg(target_arch = "x86_64")]
use self::packed::Packed;
use self::tensors::Tensors;
use crate::adapter::Adapter;
use crate::error::ModelError;

/// A loaded model with room for one trunk.
pub(crate) struct Decoder {
    body: Body,
    layers: usize,
    kv_heads: usize,
    room: usize,
}

/// Who does the arithmetic.
enum Body {
    /// Kernels of our own.
    #[cfg(target_arch = "x86_64")]
    Packed(Box<Packed>),
    /// Candle, on any device.
    Tensors(Box<Tensors>),
}

impl Decoder {
    /// Loads the weights and the adapter; `room` is the longest text in tokens (prompt and answer).
    pub(crate) fn load(
        file: &GgufFile,
        path: &Path,
        adapter: Option<&Adapter>,
        room: usize,
        device: &Device,
    ) -> std::result::Result<Self, ModelError> {
        let config = Config::from_gguf(&file.content).map_err(|reason| ModelError::unusable(path, reason))?;
        let room = room.min(config.context);
        let (layers, kv_heads) = (config.layers, config.kv_heads);
        let whole = |body: Body| Self { body, layers, kv_heads, room };
        #[cfg(target_arch = "x86_64")]
        if device.is_cpu() && Packed::fits(file, &config) {
            let packed = Packed::load(file, path, adapter, config, room)?;
            return Ok(whole(Body::Packed(Box::new(packed))));
        }
        Ok(whole(Body::Tensors(Box::new(Tensors::load(file, path, adapter, config, room, device)?))))
    }

    /// The longest text in tokens.
    pub(crate) fn room(&self) -> usize {
        self.room
    }

    /// Whether results are the same bits however a text is cut into pieces.
    pub(crate) fn exact(&self) -> bool {
        match &self.body {
            #[cfg(target_arch = "x86_64")]
            Body::Packed(_) => true,
            Body::Tensors(_) => false,
        }
    }

    /// A branch with nothing in it.
    pub(crate) fn branch(&self) -> Branch {
        Branch::new(self.layers, self.kv_heads)
    }

    /// Reads `tokens` into the trunk at positions `at` …; what stood from `at` on is overwritten.
    pub(crate) fn read(&mut self, tokens: &[u32], at: usize) -> Result<()> {
        match &mut self.body {
            #[cfg(target_arch = "x86_64")]
            Body::Packed(packed) => packed.read(tokens, at),
            Body::Tensors(tensors) => tensors.read(tokens, at),
        }
    }

    /// Reads each branch's `tokens` behind a trunk of `trunk` tokens and what the branch holds already; gives the logits
    /// [vocabulary] after the last token of each. What one branch gets does not depend on the others (with candle's
    /// arithmetic: up to rounding).
    pub(crate) fn extend(&self, trunk: usize, pieces: &mut [(&mut Branch, &[u32])]) -> Result<Vec<Vec<f32>>> {
        match &self.body {
            #[cfg(target_arch = "x86_64")]
            Body::Packed(packed) => packed.extend(trunk, pieces),
            Body::Tensors(tensors) => tensors.extend(trunk, pieces),
        }
    }
}

#[cfg(test)]
mod tests;
