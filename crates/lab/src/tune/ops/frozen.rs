//! A matrix that training does not change, in the form that is fastest to multiply with.

use brine_model::Sizes;
use candle_core::{Device, Result, Tensor};

use super::packed::Packed;
use super::product::{Matrix, Target, Threads, Write, product};
use super::slice::slice;

/// How exact the arithmetic with frozen weights is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    /// f32 throughout.
    Full,
    /// Weights in 16 bits, and what is kept for the way back too; on the CPU.
    Half,
}

/// W [outputs, inputs].
pub(crate) enum Frozen {
    /// f32.
    Plain(Tensor),
    /// 16 bits.
    Packed(Packed),
}

impl Precision {
    /// Half where it is faster: on processors with the instructions, for models that are not very small.
    pub(crate) fn best(sizes: &Sizes, device: &Device) -> Self {
        if device.is_cpu() && Packed::fast() && sizes.width >= 256 { Self::Half } else { Self::Full }
    }
}

impl Frozen {
    /// # Errors
    /// When the weights can't be read.
    pub(crate) fn new(weight: Tensor, precision: Precision) -> Result<Self> {
        match precision {
            Precision::Full => Ok(Self::Plain(weight)),
            Precision::Half => Ok(Self::Packed(Packed::new(&slice(&weight)?, weight.dim(1)?))),
        }
    }

    /// In f32.
    ///
    /// # Errors
    /// When it is packed.
    pub(crate) fn plain(&self) -> Result<&Tensor> {
        match self {
            Self::Plain(weight) => Ok(weight),
            Self::Packed(_) => candle_core::bail!("the weights are packed for the CPU"),
        }
    }

    pub(crate) fn precision(&self) -> Precision {
        match self {
            Self::Plain(_) => Precision::Full,
            Self::Packed(_) => Precision::Half,
        }
    }

    /// Of the result.
    ///
    /// # Errors
    /// When it is no matrix.
    pub(crate) fn outputs(&self) -> Result<usize> {
        match self {
            Self::Plain(weight) => weight.dim(0),
            Self::Packed(packed) => Ok(packed.rows()),
        }
    }

    /// x Wᵀ of x [n, inputs] into `y` [n, outputs].
    ///
    /// # Errors
    /// When the weights are not on the CPU.
    pub(crate) fn forward(&self, x: &[f32], y: &mut [f32], write: Write) -> Result<()> {
        match self {
            Self::Plain(weight) => {
                let (outputs, inputs) = weight.dims2()?;
                let weight = slice(weight)?;
                let weight = Matrix::new(&weight, inputs).t();
                product(Target::new(y, outputs), write, 1.0, Matrix::new(x, inputs), weight, Threads::All);
            }
            Self::Packed(packed) => packed.forward(x, y, write),
        }
        Ok(())
    }

    /// dy W of dy [n, outputs] into `dx` [n, inputs].
    ///
    /// # Errors
    /// When the weights are not on the CPU.
    pub(crate) fn backward(&self, dy: &[f32], dx: &mut [f32], write: Write) -> Result<()> {
        match self {
            Self::Plain(weight) => {
                let (outputs, inputs) = weight.dims2()?;
                let weight = slice(weight)?;
                let weight = Matrix::new(&weight, inputs);
                product(Target::new(dx, inputs), write, 1.0, Matrix::new(dy, outputs), weight, Threads::All);
            }
            Self::Packed(packed) => packed.backward(dy, dx, write),
        }
        Ok(())
    }
}
