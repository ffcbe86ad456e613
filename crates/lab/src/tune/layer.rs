//! Frozen weights of one layer, and the plan of its linear layers.

use brine_model::{ModelError, Sizes};
use candle_core::{Device, Tensor};

use super::ops::attention::Heads;
use super::ops::linear::{Adapted, Part};
use super::ops::slice::slice;
use super::settings::Linear;

/// Frozen, or with parameters merged into it.
pub(crate) struct Layer {
    /// [width]
    pub(crate) attention_norm: Tensor,
    /// [heads.row(), width]
    pub(crate) qkv: Tensor,
    /// [heads.row()]
    pub(crate) qkv_bias: Option<Tensor>,
    /// [width, heads.result()]
    pub(crate) output: Tensor,
    /// [width]
    pub(crate) feed_norm: Tensor,
    /// [2 · inner width, width]
    pub(crate) gate_up: Tensor,
    /// [width, inner width]
    pub(crate) down: Tensor,
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
    pub(crate) fn load(weights: &dyn Weights, index: usize, device: &Device) -> Result<Self, ModelError> {
        let optional = |part: &str| weights.tensor(&format!("blk.{index}.{part}"));
        let tensor = |part: &str| {
            let missing = || candle_core::Error::msg(format!("the base has no tensor blk.{index}.{part}"));
            Ok::<_, ModelError>(optional(part)?.ok_or_else(missing)?.to_device(device)?)
        };
        let below = |parts: &[&str]| {
            let parts = parts.iter().map(|part| tensor(part)).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, ModelError>(Tensor::cat(&parts, 0)?)
        };
        let qkv_bias = match optional("attn_q.bias")? {
            Some(_) => Some(below(&["attn_q.bias", "attn_k.bias", "attn_v.bias"])?),
            None => None,
        };
        Ok(Self {
            attention_norm: tensor("attn_norm.weight")?,
            qkv: below(&["attn_q.weight", "attn_k.weight", "attn_v.weight"])?,
            qkv_bias,
            output: tensor("attn_output.weight")?,
            feed_norm: tensor("ffn_norm.weight")?,
            gate_up: below(&["ffn_gate.weight", "ffn_up.weight"])?,
            down: tensor("ffn_down.weight")?,
        })
    }

    /// With both lists of LoRA parameters merged into the weights.
    ///
    /// # Errors
    /// When the weights are not on the CPU.
    pub(crate) fn merged(&self, plan: &Plan, lists: [&[f32]; 2]) -> candle_core::Result<Self> {
        let merge = |adapted: &Adapted, weight: &Tensor, parameters: &[f32]| match adapted.inner() {
            0 => Ok(weight.clone()),
            _ => Tensor::from_vec(adapted.merge(&slice(weight)?, parameters), weight.shape(), weight.device()),
        };
        let (for_qkv, for_output) = lists[0].split_at(plan.qkv.parameters());
        let (for_gate_up, for_down) = lists[1].split_at(plan.gate_up.parameters());
        Ok(Self {
            attention_norm: self.attention_norm.clone(),
            qkv: merge(&plan.qkv, &self.qkv, for_qkv)?,
            qkv_bias: self.qkv_bias.clone(),
            output: merge(&plan.output, &self.output, for_output)?,
            feed_norm: self.feed_norm.clone(),
            gate_up: merge(&plan.gate_up, &self.gate_up, for_gate_up)?,
            down: merge(&plan.down, &self.down, for_down)?,
        })
    }
}
