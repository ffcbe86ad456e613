//! The loss: last norm, output head and cross entropy in one operation. The gradient is computed on the way forth, so
//! that the logits (one for each token of the vocabulary) live for some rows at a time and never for all.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::exp::{dispatch, exp};
use super::frozen::Frozen;
use super::pool::Pool;
use super::product::Write;
use super::slice::{slice, values};
use super::{composed, norm};

/// Rows whose logits are in memory at once.
const ROWS: usize = 256;

/// The end of the model; frozen.
pub(crate) struct Head {
    /// [width]
    pub(crate) norm: Tensor,
    pub(crate) epsilon: f32,
    /// [vocabulary, width]
    pub(crate) weight: Frozen,
}

/// The sum over all rows of x [n, width] of -log p(target), in nats.
///
/// # Errors
/// When the arithmetic fails.
pub(crate) fn entropy(x: &Tensor, targets: &[u32], head: &Arc<Head>, pool: &Pool) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::entropy(x, targets, head);
    }
    let (head, targets, pool) = (head.clone(), targets.to_vec(), pool.clone());
    x.apply_op1(Entropy { head, targets, pool, tracked: x.track_op(), gradient: Mutex::new(None) })
}

struct Entropy {
    head: Arc<Head>,
    targets: Vec<u32>,
    pool: Pool,
    tracked: bool,
    gradient: Mutex<Option<Vec<f32>>>,
}

impl CustomOp1 for Entropy {
    fn name(&self) -> &'static str {
        "entropy"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = values(storage, layout)?;
        let (gain, weight) = (slice(&self.head.norm)?, &self.head.weight);
        let (width, vocabulary) = (gain.len(), weight.outputs()?);
        if x.len() != self.targets.len() * width || self.targets.iter().any(|target| *target as usize >= vocabulary) {
            candle_core::bail!("entropy: the targets do not fit");
        }
        let mut normed = self.pool.take(x.len());
        norm::forward(x, &gain, self.head.epsilon, &mut normed);
        let mut d_normed = self.pool.take(if self.tracked { x.len() } else { 0 });
        let mut loss = 0.0f64;
        for (place, targets) in self.targets.chunks(ROWS).enumerate() {
            let rows = place * ROWS * width..(place * ROWS + targets.len()) * width;
            let mut logits = self.pool.take(targets.len() * vocabulary);
            weight.forward(&normed[rows.clone()], &mut logits, Write::Set)?;
            let losses: Vec<f64> = logits
                .par_chunks_mut(vocabulary)
                .zip(targets)
                .map(|(logits, target)| row_loss(logits, *target))
                .collect();
            loss += losses.iter().sum::<f64>();
            if self.tracked {
                weight.backward(&logits, &mut d_normed[rows], Write::Set)?;
            }
        }
        if self.tracked {
            let mut dx = vec![0.0; x.len()];
            norm::backward(x, &gain, self.head.epsilon, &d_normed, &mut dx);
            *self.gradient.lock().unwrap_or_else(PoisonError::into_inner) = Some(dx);
        }
        Ok((CpuStorage::F32(vec![loss as f32]), Shape::from(())))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, d_loss: &Tensor) -> Result<Option<Tensor>> {
        let Some(mut gradient) = self.gradient.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            candle_core::bail!("entropy: there is no way back");
        };
        let factor = d_loss.to_scalar::<f32>()?;
        gradient.iter_mut().for_each(|value| *value *= factor);
        Ok(Some(Tensor::from_vec(gradient, x.shape(), x.device())?))
    }
}

/// The loss of one row; its logits become their gradient: probabilities, less one at the target.
fn row_loss(logits: &mut [f32], target: u32) -> f64 {
    let at_target = logits[target as usize];
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum = dispatch!(exponentials(logits: &mut [f32] = logits, most: f32 = most) -> f32);
    dispatch!(divide(logits: &mut [f32] = logits, by: f32 = sum));
    logits[target as usize] -= 1.0;
    f64::from(most - at_target) + f64::from(sum).ln()
}

#[inline(always)]
fn exponentials(logits: &mut [f32], most: f32) -> f32 {
    let mut sums = [0.0f32; 8];
    let mut eights = logits.chunks_exact_mut(8);
    for eight in &mut eights {
        for lane in 0..8 {
            eight[lane] = exp(eight[lane] - most);
            sums[lane] += eight[lane];
        }
    }
    let mut sum: f32 = sums.iter().sum();
    for logit in eights.into_remainder() {
        *logit = exp(*logit - most);
        sum += *logit;
    }
    sum
}

#[inline(always)]
fn divide(values: &mut [f32], by: f32) {
    let factor = 1.0 / by;
    values.iter_mut().for_each(|value| *value *= factor);
}
