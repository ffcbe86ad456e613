//! The feed-forward half of a layer as one operation: y = x + down(silu(gate(norm(x))) · up(norm(x))).

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::attend::Frame;
use super::frozen::Precision;
use super::linear::Given;
use super::pool::Buffer;
use super::product::Write;
use super::slice::{slice, values};
use super::{composed, gate, norm};
use crate::tune::layer::Layer;

/// x [n, width] and the layer's second list of parameters to y [n, width].
///
/// # Errors
/// When the arithmetic fails.
pub(crate) fn feed(x: &Tensor, parameters: &Tensor, layer: &Arc<Layer>, frame: &Frame) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::feed(x, parameters, layer, &frame.plan);
    }
    let tracked = x.track_op() || parameters.track_op();
    x.apply_op2(parameters, Feed { layer: layer.clone(), frame: frame.clone(), tracked, kept: Mutex::new(None) })
}

struct Feed {
    layer: Arc<Layer>,
    frame: Frame,
    /// Whether there will be a way back.
    tracked: bool,
    kept: Mutex<Option<Kept>>,
}

/// From the way forth for the way back.
struct Kept {
    /// Gate and up, [n, 2 · inner width], or both in half the room (see `gate`), [n, inner width].
    both: Buffer,
}

impl CustomOp2 for Feed {
    fn name(&self) -> &'static str {
        "feed"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, p) = (values(s1, l1)?, values(s2, l2)?);
        let Frame { plan, pool, .. } = &self.frame;
        let n = x.len() / plan.gate_up.width;
        let (for_gate_up, for_down) = p.split_at(plan.gate_up.parameters());

        let normed = self.normed(x)?;
        let mut both = pool.take(n * plan.gate_up.outputs());
        let given = Given { x: &normed, weight: &self.layer.gate_up, parameters: for_gate_up };
        plan.gate_up.forward(given, &mut both, Write::Set, pool)?;
        drop(normed);
        let gated = self.gated(&both);
        let mut y = x.to_vec();
        let given = Given { x: &gated, weight: &self.layer.down, parameters: for_down };
        plan.down.forward(given, &mut y, Write::Add, pool)?;
        if self.tracked {
            let both = match self.layer.gate_up.precision() {
                Precision::Full => both,
                Precision::Half => {
                    let mut half = pool.take(both.len() / 2);
                    gate::halve(&both, plan.inner_width, &mut half);
                    half
                }
            };
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept { both });
        }
        Ok((CpuStorage::F32(y), Shape::from((n, plan.gate_up.width))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        parameters: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            candle_core::bail!("feed: there is no way back");
        };
        let Frame { plan, pool, .. } = &self.frame;
        let (x_values, p, dy) = (slice(x)?, slice(parameters)?, slice(dy)?);
        let (for_gate_up, for_down) = p.split_at(plan.gate_up.parameters());
        let mut d_parameters = vec![0.0; p.len()];
        let (d_gate_up_parameters, d_down_parameters) = d_parameters.split_at_mut(plan.gate_up.parameters());

        let mut both = match self.layer.gate_up.precision() {
            Precision::Full => kept.both,
            Precision::Half => {
                let mut both = pool.take(2 * kept.both.len());
                gate::restore(&kept.both, plan.inner_width, &mut both);
                both
            }
        };
        let gated = self.gated(&both);
        let mut d_gated = pool.take(gated.len());
        let given = Given { x: &gated, weight: &self.layer.down, parameters: for_down };
        plan.down.backward(given, &dy, d_down_parameters, Some(&mut d_gated), pool)?;
        drop(gated);
        gate::backward(&mut both, plan.inner_width, &d_gated);
        drop(d_gated);
        let (normed, mut d_normed) = (self.normed(&x_values)?, pool.take(x_values.len()));
        let given = Given { x: &normed, weight: &self.layer.gate_up, parameters: for_gate_up };
        plan.gate_up.backward(given, &both, d_gate_up_parameters, Some(&mut d_normed), pool)?;
        let mut dx = dy.to_vec();
        norm::backward(&x_values, &slice(&self.layer.feed_norm)?, plan.epsilon, &d_normed, &mut dx);
        let dx = Tensor::from_vec(dx, x.shape(), x.device())?;
        Ok((Some(dx), Some(Tensor::from_vec(d_parameters, parameters.shape(), x.device())?)))
    }
}

impl Feed {
    fn normed(&self, x: &[f32]) -> Result<Buffer> {
        let mut normed = self.frame.pool.take(x.len());
        norm::forward(x, &slice(&self.layer.feed_norm)?, self.frame.plan.epsilon, &mut normed);
        Ok(normed)
    }

    fn gated(&self, both: &[f32]) -> Buffer {
        let mut gated = self.frame.pool.take(both.len() / 2);
        gate::forward(both, self.frame.plan.inner_width, &mut gated);
        gated
    }
}
