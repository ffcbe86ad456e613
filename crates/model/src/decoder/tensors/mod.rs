//! The model by candle's arithmetic, for processors without kernels of our own and for other devices.

mod attention;
mod cache;
mod matrix;
mod weights;

use std::path::Path;

use candle_core::{D, Device, Result, Tensor};
use candle_nn::ops::{rms_norm, silu};
use candle_nn::rotary_emb::{rope, rope_i};

use self::cache::Cache;
use self::weights::{Layer, Source, Weights};
use super::GgufFile;
use super::branch::Branch;
use super::config::{Config, Rotary};
use crate::adapter::Adapter;
use crate::error::ModelError;

/// A loaded model with room for one trunk.
pub(super) struct Tensors {
    config: Config,
    weights: Weights,
    cache: Cache,
    /// [room, head_width / 2] each.
    cos: Tensor,
    sin: Tensor,
    device: Device,
}

impl Tensors {
    /// Loads the weights, the adapter's added to them; `room` is the longest text in tokens.
    pub(super) fn load(
        file: &GgufFile,
        path: &Path,
        adapter: Option<&Adapter>,
        config: Config,
        room: usize,
        device: &Device,
    ) -> std::result::Result<Self, ModelError> {
        let weights = Weights::load(&Source { path, file, adapter }, &config, device)?;
        let cache = Cache::new(&config, room, device)?;
        let (cos, sin) = rotation(&config, room, device)?;
        Ok(Self { config, weights, cache, cos, sin, device: device.clone() })
    }

    /// Reads `tokens` into the trunk at positions `at` …; what stood from `at` on is overwritten.
    pub(super) fn read(&self, tokens: &[u32], at: usize) -> Result<()> {
        let count = tokens.len();
        let turns = (self.cos.narrow(0, at, count)?, self.sin.narrow(0, at, count)?);
        self.run(tokens, &turns, |layer, q, k, v| {
            let (keys, values) = self.cache.extend(layer, at, k, v)?;
            attention::by_products(q, &keys, &values, at)
        })?;
        Ok(())
    }

    /// See [`super::Decoder::extend`].
    pub(super) fn extend(&self, trunk: usize, pieces: &mut [(&mut Branch, &[u32])]) -> Result<Vec<Vec<f32>>> {
        let mut tokens = Vec::new();
        let mut positions = Vec::new();
        let mut last = Vec::new();
        for (branch, piece) in &*pieces {
            let start = trunk + branch.tokens();
            positions.extend((start..start + piece.len()).map(|position| position as u32));
            tokens.extend_from_slice(piece);
            last.push(tokens.len() as u32 - 1);
        }
        let positions = Tensor::new(positions, &self.device)?;
        let turns = (self.cos.index_select(&positions, 0)?, self.sin.index_select(&positions, 0)?);
        let x = self.run(&tokens, &turns, |layer, q, k, v| {
            let (keys, values) = self.cache.first(layer, trunk)?;
            let mut counts = Vec::with_capacity(pieces.len());
            let mut at = 0;
            for (branch, piece) in pieces.iter_mut() {
                branch.push(layer, &k.narrow(1, at, piece.len())?, &v.narrow(1, at, piece.len())?)?;
                counts.push(piece.len());
                at += piece.len();
            }
            let branches: Vec<&Branch> = pieces.iter().map(|(branch, _)| &**branch).collect();
            attention::of_branches(q, (&keys, &values), layer, &branches, &counts)
        })?;
        for (branch, piece) in pieces.iter_mut() {
            branch.grow(piece.len());
        }
        let last = x.index_select(&Tensor::new(last, &self.device)?, 0)?;
        self.weights.head.forward(&rms_norm(&last, &self.weights.norm, self.config.norm_epsilon)?)?.to_vec2()
    }

    /// All layers over `tokens`: [tokens, width]. `mix` is attention: it is given the layer, q [heads, tokens, head width],
    /// scaled, and keys and values [kv heads, tokens, head width], and gives [tokens, heads × head width].
    fn run(
        &self,
        tokens: &[u32],
        (cos, sin): &(Tensor, Tensor),
        mut mix: impl FnMut(usize, &Tensor, &Tensor, &Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let Config { heads, kv_heads, head_width, rotary, norm_epsilon: epsilon, .. } = self.config;
        let count = tokens.len();
        let rotate = |x: Tensor| {
            let x = x.unsqueeze(0)?;
            let rotated = match rotary {
                Rotary::Interleaved => rope_i(&x, cos, sin)?,
                Rotary::Halves => rope(&x, cos, sin)?,
            };
            rotated.squeeze(0)
        };
        let mut x = self.weights.embedding.rows(tokens)?;
        for (index, layer) in self.weights.layers.iter().enumerate() {
            let h = rms_norm(&x, &layer.attention_norm, epsilon)?;
            let mut qkv = layer.qkv.forward(&h)?;
            if let Some(bias) = &layer.qkv_bias {
                qkv = qkv.broadcast_add(bias)?;
            }
            let by_head = |from: usize, heads: usize| {
                let part = qkv.narrow(D::Minus1, from * head_width, heads * head_width)?;
                part.reshape((count, heads, head_width))?.transpose(0, 1)?.contiguous()
            };
            let q = (rotate(by_head(0, heads)?)? * (1.0 / (head_width as f64).sqrt()))?;
            let k = rotate(by_head(heads, kv_heads)?)?;
            let v = by_head(heads + kv_heads, kv_heads)?;
            x = (x + layer.output.forward(&mix(index, &q, &k, &v)?)?)?;
            let h = rms_norm(&x, &layer.feed_forward_norm, epsilon)?;
            x = (x + feed_forward(layer, &h)?)?;
        }
        Ok(x)
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
