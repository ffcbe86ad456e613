//! Frozen weights of one layer, and the plan of its linear layers.

use brine_model::{ModelError, Sizes};
use candle_core::{Device, Tensor};

use super::ops::attention::Heads;
use super::ops::frozen::{Frozen, Precision};
use super::ops::linear::{Adapted, Part};
use super::settings::Linear;

/// Frozen.
pub(crate) struct Layer {
    /// [width]
    pub(crate) attention_norm: Tensor,
    /// [heads.row(), width]
    pub(crate) qkv: Frozen,
    /// [heads.row()]
    pub(crate) qkv_bias: Option<Tensor>,
    /// [width, heads.result()]
    pub(crate) output: Frozen,
    /// [width]
    pub(crate) feed_norm: Tensor,
    /// [2 · inner width, width]
    pub(crate) gate_up: Frozen,
    /// [width, inner width]
    pub(crate) down: Frozen,
}

/// Sizes that all layers share. A layer has two lists of LoRA parameters: those of qkv then output, and those of gate_up
/// then down.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) heads: Heads,
    pub(crate) inner_width: usize,
    pub(crate) epsilon: f32,
    pub(crate) qkv: Adapted,
    pub(crate) output: Adapted,
    pub(crate) gate_up: Adapted,
    pub(crate) down: Adapted,
}

/// Where weights come from: a model's file, or a test.
pub(crate) trait Weights: Sync {
    /// By GGUF's name, f32 on the CPU; none when there is no such tensor.
    ///
    /// # Errors
    /// When it can't be read.
    fn tensor(&self, name: &str) -> Result<Option<Tensor>, ModelError>;
}

impl Weights for brine_model::Base {
    fn tensor(&self, name: &str) -> Result<Option<Tensor>, ModelError> {
        if self.has(name) { self.tensor(name).map(Some) } else { Ok(None) }
    }
}

impl Plan {
    /// LoRA of this rank and scale on these linear layers.
    pub(crate) fn new(sizes: &Sizes, targets: &[Linear], rank: usize, scale: f32) -> Self {
        let heads = Heads { queries: sizes.heads, keys: sizes.kv_heads, width: sizes.head_width };
        let (queries, keys) = (heads.result(), heads.keys * heads.width);
        let adapted = |width: usize, parts: &[(Linear, usize)]| {
            let part = |(linear, width): &(Linear, usize)| Part { width: *width, adapted: targets.contains(linear) };
            Adapted { width, parts: parts.iter().map(part).collect(), rank, scale }
        };
        Self {
            heads,
            inner_width: sizes.inner_width,
            epsilon: sizes.norm_epsilon,
            qkv: adapted(sizes.width, &[(Linear::Q, queries), (Linear::K, keys), (Linear::V, keys)]),
            output: adapted(queries, &[(Linear::O, sizes.width)]),
            gate_up: adapted(sizes.width, &[(Linear::Gate, sizes.inner_width), (Linear::Up, sizes.inner_width)]),
            down: adapted(sizes.inner_width, &[(Linear::Down, sizes.width)]),
        }
    }
}

impl Layer {
    /// # Errors
    /// When a tensor is missing or unreadable.
    pub(crate) fn load(
        weights: &dyn Weights,
        index: usize,
        device: &Device,
        precision: Precision,
    ) -> Result<Self, ModelError> {
        let optional = |part: &str| weights.tensor(&format!("blk.{index}.{part}"));
        let tensor = |part: &str| {
            let missing = || candle_core::Error::msg(format!("the base has no tensor blk.{index}.{part}"));
            Ok::<_, ModelError>(optional(part)?.ok_or_else(missing)?.to_device(device)?)
        };
        let below = |parts: &[&str]| {
            let parts = parts.iter().map(|part| tensor(part)).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, ModelError>(Tensor::cat(&parts, 0)?)
        };
        let frozen = |weight: Tensor| Ok::<_, ModelError>(Frozen::new(weight, precision)?);
        let qkv_bias = match optional("attn_q.bias")? {
            Some(_) => Some(below(&["attn_q.bias", "attn_k.bias", "attn_v.bias"])?),
            None => None,
        };
        Ok(Self {
            attention_norm: tensor("attn_norm.weight")?,
            qkv: frozen(below(&["attn_q.weight", "attn_k.weight", "attn_v.weight"])?)?,
            qkv_bias,
            output: frozen(tensor("attn_output.weight")?)?,
            feed_norm: tensor("ffn_norm.weight")?,
            gate_up: frozen(below(&["ffn_gate.weight", "ffn_up.weight"])?)?,
            down: frozen(tensor("ffn_down.weight")?)?,
        })
    }
}
