//! Weights out of a GGUF file with the adapter's added to them, requantised to eight bits, for which candle is fastest.

use std::path::Path;

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use super::matrix::Matrix;
use crate::adapter::Adapter;
use crate::decoder::GgufFile;
use crate::decoder::config::{Config, Rotary};
use crate::error::ModelError;

pub(super) struct Layer {
    pub(super) attention_norm: Tensor,
    /// [(heads + 2 kv_heads) × head_width, width]
    pub(super) qkv: Matrix,
    pub(super) qkv_bias: Option<Tensor>,
    /// [width, heads × head_width]
    pub(super) output: Matrix,
    pub(super) feed_forward_norm: Tensor,
    /// [2 × inner width, width]
    pub(super) gate_up: Matrix,
    /// [width, inner width]
    pub(super) down: Matrix,
    pub(super) inner_width: usize,
}

pub(super) struct Weights {
    /// [vocabulary, width]; also the output head when the file has none of its own.
    pub(super) embedding: Matrix,
    pub(super) layers: Vec<Layer>,
    pub(super) norm: Tensor,
    pub(super) head: Matrix,
}

/// Where weights come from.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) file: &'a GgufFile,
    /// Added to the weights as they are read.
    pub(super) adapter: Option<&'a Adapter>,
}

impl Source<'_> {
    /// One tensor as f32 on the CPU.
    fn tensor(&self, name: &str) -> std::result::Result<Tensor, ModelError> {
        if !self.file.content.tensor_infos.contains_key(name) {
            return Err(ModelError::unusable(self.path, format!("it has no tensor {name}")));
        }
        Ok(self.file.tensor(name)?)
    }

    /// A layer's matrix, with what the adapter adds to it. `heads` is given for q and k, whose rows lie head by head.
    fn matrix(&self, name: &str, heads: Option<usize>, config: &Config) -> std::result::Result<Tensor, ModelError> {
        let weights = self.tensor(name)?;
        let Some(adapter) = self.adapter else { return Ok(weights) };
        adapter.merge(name, weights, heads.filter(|_| config.rotary == Rotary::Interleaved))
    }

    fn has(&self, name: &str) -> bool {
        self.file.content.tensor_infos.contains_key(name)
    }
}

impl Weights {
    pub(super) fn load(source: &Source, config: &Config, device: &Device) -> std::result::Result<Self, ModelError> {
        let (embedding, layers) = rayon::join(
            || Ok::<_, ModelError>(Matrix::quantise(&source.tensor("token_embd.weight")?, device)?),
            || {
                let layers = (0..config.layers).into_par_iter();
                layers.map(|index| layer(source, config, device, index)).collect::<std::result::Result<Vec<_>, _>>()
            },
        );
        let (embedding, layers) = (embedding?, layers?);
        let head = if source.has("output.weight") {
            Matrix::quantise(&source.tensor("output.weight")?, device)?
        } else {
            embedding.clone()
        };
        let norm = source.tensor("output_norm.weight")?.to_device(device)?;
        Ok(Self { embedding, layers, norm, head })
    }
}

fn layer(source: &Source, config: &Config, device: &Device, index: usize) -> std::result::Result<Layer, ModelError> {
    let name = |part: &str| format!("blk.{index}.{part}");
    let weight = |part: &str| source.matrix(&name(&format!("{part}.weight")), None, config);
    let by_head = |part: &str, heads| source.matrix(&name(&format!("{part}.weight")), Some(heads), config);
    let matrix = |weights: &Tensor| Matrix::quantise(weights, device);

    let (q, k) = (by_head("attn_q", config.heads)?, by_head("attn_k", config.kv_heads)?);
    let qkv = Tensor::cat(&[q, k, weight("attn_v")?], 0)?;
    let qkv_bias = if source.has(&name("attn_q.bias")) {
        let bias = |part: &str| source.tensor(&name(&format!("{part}.bias")));
        Some(Tensor::cat(&[bias("attn_q")?, bias("attn_k")?, bias("attn_v")?], 0)?.to_device(device)?)
    } else {
        None
    };
    let gate = weight("ffn_gate")?;
    Ok(Layer {
        attention_norm: weight("attn_norm")?.to_device(device)?,
        qkv: matrix(&qkv)?,
        qkv_bias,
        output: matrix(&weight("attn_output")?)?,
        feed_forward_norm: weight("ffn_norm")?.to_device(device)?,
        gate_up: matrix(&Tensor::cat(&[&gate, &weight("ffn_up")?], 0)?)?,
        down: matrix(&weight("ffn_down")?)?,
        inner_width: gate.dim(0)?,
    })
}
