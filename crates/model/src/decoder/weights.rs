//! Weights out of a GGUF file, requantised to Q8_0 and filled up with zeros.
//!
//! The shipped Q4_1 has only a scalar dot product in candle; Q8_0 in rows of a multiple of 256 takes the int8 kernels.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use candle_core::quantized::gguf_file::Content;
use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{Device, Result, Tensor};
use rayon::prelude::*;

use super::config::{Config, pad};
use crate::error::ModelError;

pub(super) struct Layer {
    pub(super) attention_norm: Tensor,
    /// [(heads + 2 kv_heads) × head_width, padded width]
    pub(super) qkv: QMatMul,
    pub(super) qkv_bias: Option<Tensor>,
    /// [padded width, padded heads × head_width]
    pub(super) output: QMatMul,
    pub(super) feed_forward_norm: Tensor,
    /// [2 × padded inner width, padded width]
    pub(super) gate_up: QMatMul,
    /// [padded width, padded inner width]
    pub(super) down: QMatMul,
    pub(super) inner_width: usize,
}

pub(super) struct Weights {
    /// [vocabulary, padded width]; also the output head when the file has none of its own.
    pub(super) embedding: Arc<QTensor>,
    pub(super) layers: Vec<Layer>,
    pub(super) norm: Tensor,
    pub(super) head: QMatMul,
}

/// A file in memory and its table of contents.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) bytes: &'a [u8],
    pub(super) content: &'a Content,
}

impl Source<'_> {
    /// One tensor as f32 on the CPU.
    fn tensor(&self, name: &str) -> std::result::Result<Tensor, ModelError> {
        if !self.content.tensor_infos.contains_key(name) {
            return Err(ModelError::unusable(self.path, format!("it has no tensor {name}")));
        }
        let cpu = Device::Cpu;
        let mut reader = Cursor::new(self.bytes);
        Ok(self.content.tensor(&mut reader, name, &cpu)?.dequantize(&cpu)?)
    }

    fn has(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }
}

impl Weights {
    pub(super) fn load(source: &Source, config: &Config, device: &Device) -> std::result::Result<Self, ModelError> {
        let width = config.padded_width();
        let embedding = Arc::new(quantize(&filled(&source.tensor("token_embd.weight")?, None, width)?, device)?);
        let head = if source.has("output.weight") {
            QMatMul::from_qtensor(quantize(&filled(&source.tensor("output.weight")?, None, width)?, device)?)?
        } else {
            QMatMul::from_arc(embedding.clone())?
        };
        let layers = (0..config.layers)
            .into_par_iter()
            .map(|index| layer(source, config, device, index))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        let norm = norm(source, config, device, "output_norm.weight")?;
        Ok(Self { embedding, layers, norm, head })
    }
}

fn layer(source: &Source, config: &Config, device: &Device, index: usize) -> std::result::Result<Layer, ModelError> {
    let name = |part: &str| format!("blk.{index}.{part}");
    let weight = |part: &str| source.tensor(&name(&format!("{part}.weight")));
    let width = config.padded_width();

    let qkv = Tensor::cat(&[weight("attn_q")?, weight("attn_k")?, weight("attn_v")?], 0)?;
    let qkv_bias = if source.has(&name("attn_q.bias")) {
        let bias = |part: &str| source.tensor(&name(&format!("{part}.bias")));
        Some(Tensor::cat(&[bias("attn_q")?, bias("attn_k")?, bias("attn_v")?], 0)?.to_device(device)?)
    } else {
        None
    };
    let (gate, up) = (weight("ffn_gate")?, weight("ffn_up")?);
    let inner_width = pad(gate.dim(0)?);
    let gate_up = Tensor::cat(&[filled(&gate, Some(inner_width), width)?, filled(&up, Some(inner_width), width)?], 0)?;
    let attention_width = pad(config.heads * config.head_width);
    Ok(Layer {
        attention_norm: norm(source, config, device, &name("attn_norm.weight"))?,
        qkv: matmul(&filled(&qkv, None, width)?, device)?,
        qkv_bias,
        output: matmul(&filled(&weight("attn_output")?, Some(width), attention_width)?, device)?,
        feed_forward_norm: norm(source, config, device, &name("ffn_norm.weight"))?,
        gate_up: matmul(&gate_up, device)?,
        down: matmul(&filled(&weight("ffn_down")?, Some(width), inner_width)?, device)?,
        inner_width,
    })
}

/// A norm's weight, scaled so that a mean over the padded width gives what the mean over the true width would:
/// with P = padded and W = width, x / sqrt(sum/P + e·W/P) · sqrt(W/P) = x / sqrt(sum/W + e).
fn norm(source: &Source, config: &Config, device: &Device, name: &str) -> std::result::Result<Tensor, ModelError> {
    let weight = source.tensor(name)?;
    let scale = (config.width as f64 / config.padded_width() as f64).sqrt();
    let padding = config.padded_width() - weight.dim(0)?;
    Ok((weight * scale)?.pad_with_zeros(0, 0, padding)?.to_device(device)?)
}

/// The matrix with zero rows and columns added.
fn filled(matrix: &Tensor, rows: Option<usize>, columns: usize) -> Result<Tensor> {
    let (n, k) = matrix.dims2()?;
    let rows = rows.unwrap_or(n).max(n);
    matrix.pad_with_zeros(1, 0, columns.saturating_sub(k))?.pad_with_zeros(0, 0, rows - n)?.contiguous()
}

fn quantize(matrix: &Tensor, device: &Device) -> Result<QTensor> {
    QTensor::quantize_onto(matrix, GgmlDType::Q8_0, device)
}

fn matmul(matrix: &Tensor, device: &Device) -> Result<QMatMul> {
    QMatMul::from_qtensor(quantize(matrix, device)?)
}
