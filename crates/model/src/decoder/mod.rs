//! The decoder-only transformer (Llama and Qwen2 families) over quantised weights, one sequence at a time.
//!
//! Sources: "LLaMA: Open and Efficient Foundation Language Models" (RMSNorm, SwiGLU, rotary embedding) and "GQA" (grouped
//! query attention).

mod attention;
mod cache;
mod config;
#[cfg(target_arch = "x86_64")]
mod int8;
mod matrix;
mod weights;

use std::fs::File;
use std::io::Cursor;
use std::path::Path;

use candle_core::quantized::gguf_file::Content;
use candle_core::{D, Device, Result, Tensor};
use candle_nn::ops::{rms_norm, silu, softmax_last_dim};
use candle_nn::rotary_emb::{rope, rope_i};

use self::cache::Cache;
pub(crate) use self::config::Config;
pub use self::config::Rotary;
use self::weights::{Layer, Source, Weights};
use crate::adapter::Adapter;
use crate::error::ModelError;

/// A loaded model with room for one text.
pub(crate) struct Decoder {
    config: Config,
    weights: Weights,
    cache: Cache,
    /// [room, head_width / 2] each.
    cos: Tensor,
    sin: Tensor,
    room: usize,
    device: Device,
}

/// A GGUF file's table of contents, and its bytes in mapped memory.
pub(crate) struct GgufFile {
    pub(crate) content: Content,
    bytes: memmap2::Mmap,
}

impl GgufFile {
    pub(crate) fn open(path: &Path) -> std::result::Result<Self, ModelError> {
        let file = File::open(path).map_err(|cause| ModelError::io(path, cause))?;
        // SAFETY: the file is only read, and model files are replaced by renaming, never written in place.
        #[allow(unsafe_code)]
        let bytes = unsafe { memmap2::Mmap::map(&file) }.map_err(|cause| ModelError::io(path, cause))?;
        let content = Content::read(&mut Cursor::new(&bytes[..]))
            .map_err(|_| ModelError::unusable(path, "it is no GGUF file, or a broken one"))?;
        Ok(Self { content, bytes })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Decoder {
    /// Loads the weights, the adapter's added to them; `room` is the longest text in tokens (prompt and answer).
    pub(crate) fn load(
        file: &GgufFile,
        path: &Path,
        adapter: Option<&Adapter>,
        room: usize,
        device: &Device,
    ) -> std::result::Result<Self, ModelError> {
        let config = Config::from_gguf(&file.content).map_err(|reason| ModelError::unusable(path, reason))?;
        let room = room.min(config.context);
        let source = Source { path, bytes: &file.bytes, content: &file.content, adapter };
        let weights = Weights::load(&source, &config, device)?;
        let cache = Cache::new(&config, room, device)?;
        let (cos, sin) = rotation(&config, room, device)?;
        Ok(Self { config, weights, cache, cos, sin, room, device: device.clone() })
    }

    /// The longest text in tokens.
    pub(crate) fn room(&self) -> usize {
        self.room
    }

    /// Reads `tokens` at positions `at` … and gives the logits [vocabulary] after the last one.
    /// Positions before `at` must have been read already; those from `at` on are overwritten.
    pub(crate) fn forward(&self, tokens: &[u32], at: usize) -> Result<Vec<f32>> {
        let count = tokens.len();
        let epsilon = self.config.norm_epsilon;
        let mut x = self.weights.embedding.rows(tokens)?;
        let cos = self.cos.narrow(0, at, count)?;
        let sin = self.sin.narrow(0, at, count)?;
        let mask = if count > 1 { Some(causal_mask(count, at, &self.device)?) } else { None };
        for (index, layer) in self.weights.layers.iter().enumerate() {
            let h = rms_norm(&x, &layer.attention_norm, epsilon)?;
            x = (x + self.attention(layer, index, &h, at, (&cos, &sin), mask.as_ref())?)?;
            let h = rms_norm(&x, &layer.feed_forward_norm, epsilon)?;
            x = (x + feed_forward(layer, &h)?)?;
        }
        let last = rms_norm(&x.narrow(0, count - 1, 1)?.contiguous()?, &self.weights.norm, epsilon)?;
        self.weights.head.forward(&last)?.flatten_all()?.to_vec1()
    }

    fn attention(
        &self,
        layer: &Layer,
        index: usize,
        h: &Tensor,
        at: usize,
        (cos, sin): (&Tensor, &Tensor),
        mask: Option<&Tensor>,
    ) -> Result<Tensor> {
        let Config { heads, kv_heads, head_width, rotary, .. } = self.config;
        let count = h.dim(0)?;
        let mut qkv = layer.qkv.forward(h)?;
        if let Some(bias) = &layer.qkv_bias {
            qkv = qkv.broadcast_add(bias)?;
        }
        let by_head = |from: usize, heads: usize| {
            let part = qkv.narrow(D::Minus1, from * head_width, heads * head_width)?;
            part.reshape((count, heads, head_width))?.transpose(0, 1)?.contiguous()
        };
        let rotate = |x: Tensor| {
            let x = x.unsqueeze(0)?;
            let rotated = match rotary {
                Rotary::Interleaved => rope_i(&x, cos, sin)?,
                Rotary::Halves => rope(&x, cos, sin)?,
            };
            rotated.squeeze(0)
        };
        let q = rotate(by_head(0, heads)?)?;
        let k = rotate(by_head(heads, kv_heads)?)?;
        let v = by_head(heads + kv_heads, kv_heads)?;
        let (keys, values) = self.cache.extend(index, at, &k, &v)?;

        let q = (q * (1.0 / (head_width as f64).sqrt()))?;
        if self.device.is_cpu() && count <= attention::FEW {
            return layer.output.forward(&attention::few(&q, &keys, &values, at)?);
        }
        let group = heads / kv_heads;
        let q = q.reshape((kv_heads, group * count, head_width))?;
        let mut scores = q.matmul(&keys.transpose(1, 2)?)?;
        if let Some(mask) = mask {
            let total = at + count;
            scores = scores.reshape((kv_heads * group, count, total))?.broadcast_add(mask)?;
            scores = scores.reshape((kv_heads, group * count, total))?;
        }
        let mixed = softmax_last_dim(&scores)?.matmul(&values)?;
        let mixed = mixed.reshape((heads, count, head_width))?.transpose(0, 1)?.reshape((count, heads * head_width))?;
        layer.output.forward(&mixed)
    }
}

fn feed_forward(layer: &Layer, h: &Tensor) -> Result<Tensor> {
    let both = layer.gate_up.forward(h)?;
    let gate = silu(&both.narrow(D::Minus1, 0, layer.inner_width)?)?;
    let up = both.narrow(D::Minus1, layer.inner_width, layer.inner_width)?;
    layer.down.forward(&(gate * up)?)
}

/// cos and sin of every position's angles, [room, head_width / 2] each.
fn rotation(config: &Config, room: usize, device: &Device) -> Result<(Tensor, Tensor)> {
    let half = config.head_width / 2;
    let frequency = |pair: usize| config.rotary_base.powf(-2.0 * pair as f32 / config.head_width as f32);
    let angles: Vec<f32> =
        (0..room).flat_map(|position| (0..half).map(move |pair| position as f32 * frequency(pair))).collect();
    let angles = Tensor::from_vec(angles, (room, half), device)?;
    Ok((angles.cos()?, angles.sin()?))
}

/// [count, at + count]: 0 where a token may look, minus infinity where it may not.
fn causal_mask(count: usize, at: usize, device: &Device) -> Result<Tensor> {
    let total = at + count;
    let row = |from: usize| (0..total).map(move |to| if to <= at + from { 0.0 } else { f32::NEG_INFINITY });
    let mask: Vec<f32> = (0..count).flat_map(row).collect();
    Tensor::from_vec(mask, (count, total), device)
}
