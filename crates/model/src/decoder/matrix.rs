//! A matrix of weights that inputs are multiplied with: eight-bit kernels of our own on x86-64, candle's elsewhere and on
//! the GPU.

use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{Device, Module, Result, Tensor};

#[cfg(target_arch = "x86_64")]
use super::int8::{self, Int8Matrix};

/// From so many lines of input on, the weights are written out in full: a product in floating point is then faster.
#[cfg(target_arch = "x86_64")]
const MANY: usize = 32;

/// [rows, columns]; clones share the weights.
#[derive(Clone)]
pub(super) enum Matrix {
    /// On the CPU.
    #[cfg(target_arch = "x86_64")]
    Int8(Arc<Int8Matrix>),
    /// On any device.
    Candle { weights: Arc<QTensor>, product: QMatMul },
}

impl Matrix {
    /// Quantises `weights` (f32 on the CPU) for `device`.
    pub(super) fn quantise(weights: &Tensor, device: &Device) -> Result<Self> {
        #[cfg(target_arch = "x86_64")]
        {
            let columns = weights.dim(1)?;
            if device.is_cpu() && columns.is_multiple_of(int8::BLOCK) && int8::supported() {
                let values = weights.flatten_all()?.to_vec1::<f32>()?;
                return Ok(Self::Int8(Arc::new(Int8Matrix::quantise(&values, columns))));
            }
        }
        let weights = Arc::new(QTensor::quantize_onto(weights, GgmlDType::Q8_0, device)?);
        Ok(Self::Candle { product: QMatMul::from_arc(weights.clone())?, weights })
    }

    /// `input` [m, columns] times the transposed matrix: [m, rows].
    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Int8(matrix) => {
                let (m, columns) = input.dims2()?;
                if columns != matrix.columns() {
                    candle_core::bail!("an input of width {columns} for a matrix of {} columns", matrix.columns());
                }
                if m >= MANY {
                    let weights = Tensor::from_vec(matrix.read(), (matrix.rows(), columns), &Device::Cpu)?;
                    return input.matmul(&weights.t()?);
                }
                let input = input.contiguous()?;
                let (storage, layout) = input.storage_and_layout();
                let candle_core::Storage::Cpu(storage) = &*storage else {
                    candle_core::bail!("the input is not on the CPU");
                };
                let values = storage.as_slice::<f32>()?;
                let start = layout.start_offset();
                let product = matrix.product(&values[start..start + m * columns]);
                Tensor::from_vec(product, (m, matrix.rows()), &Device::Cpu)
            }
            Self::Candle { product, .. } => product.forward(input),
        }
    }

    /// The rows of these numbers: [m, columns].
    pub(super) fn rows(&self, numbers: &[u32]) -> Result<Tensor> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Int8(matrix) => {
                let mut values = vec![0f32; numbers.len() * matrix.columns()];
                for (number, out) in numbers.iter().zip(values.chunks_exact_mut(matrix.columns())) {
                    let row = *number as usize;
                    if row >= matrix.rows() {
                        candle_core::bail!("there is no row {row}");
                    }
                    matrix.read_row(row, out);
                }
                Tensor::from_vec(values, (numbers.len(), matrix.columns()), &Device::Cpu)
            }
            Self::Candle { weights, .. } => weights.embedding(&Tensor::new(numbers, &weights.device())?),
        }
    }
}
