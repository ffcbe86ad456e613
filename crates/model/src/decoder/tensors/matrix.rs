//! A matrix of weights that inputs are multiplied with.

use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{Device, Module, Result, Tensor};

/// [rows, columns]; clones share the weights.
#[derive(Clone)]
pub(super) struct Matrix {
    weights: Arc<QTensor>,
    product: QMatMul,
}

impl Matrix {
    /// Quantises `weights` (f32 on the CPU) for `device`.
    pub(super) fn quantise(weights: &Tensor, device: &Device) -> Result<Self> {
        let weights = Arc::new(QTensor::quantize_onto(weights, GgmlDType::Q8_0, device)?);
        Ok(Self { product: QMatMul::from_arc(weights.clone())?, weights })
    }

    /// `input` [m, columns] times the transposed matrix: [m, rows].
    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        self.product.forward(input)
    }

    /// The rows of these numbers: [m, columns].
    pub(super) fn rows(&self, numbers: &[u32]) -> Result<Tensor> {
        self.weights.embedding(&Tensor::new(numbers, &self.weights.device())?)
    }
}
