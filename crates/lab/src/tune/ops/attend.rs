//! The attention half of a layer as one operation: y = x + output(attention(qkv(norm(x)))).

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::attention::{Attended, Given, Rotation};
use super::linear::Given as Linear;
use super::pool::{Buffer, Pool};
use super::product::Write;
use super::slice::{slice, values};
use super::{composed, norm};
use crate::tune::layer::{Layer, Plan};
use crate::tune::tree;

/// What an operation knows besides its inputs.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) plan: Arc<Plan>,
    pub(crate) rotation: Arc<Rotation>,
    pub(crate) shape: Arc<tree::Shape>,
    /// Of each row in its text.
    pub(crate) positions: Arc<Vec<u32>>,
    pub(crate) pool: Pool,
}

/// x [n, width] and the layer's first list of parameters to y [n, width]; of these rows only, when some are given.
///
/// # Errors
/// When the arithmetic fails.
pub(crate) fn attend(
    x: &Tensor,
    parameters: &Tensor,
    layer: &Arc<Layer>,
    frame: &Frame,
    rows: Option<&[u32]>,
) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::attend(x, parameters, layer, frame, rows);
    }
    let tracked = x.track_op() || parameters.track_op();
    let (layer, frame, rows) = (layer.clone(), frame.clone(), rows.map(<[u32]>::to_vec));
    x.apply_op2(parameters, Attend { layer, frame, rows, tracked, kept: Mutex::new(None) })
}

struct Attend {
    layer: Arc<Layer>,
    frame: Frame,
    rows: Option<Vec<u32>>,
    /// Whether there will be a way back.
    tracked: bool,
    kept: Mutex<Option<Kept>>,
}

/// From the way forth for the way back.
struct Kept {
    /// Rotated.
    qkv: Buffer,
    attended: Attended,
}

impl CustomOp2 for Attend {
    fn name(&self) -> &'static str {
        "attend"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, p) = (values(s1, l1)?, values(s2, l2)?);
        let Frame { plan, rotation, shape, positions, pool } = &self.frame;
        let (n, heads) = (shape.len(), plan.heads);
        let (for_qkv, for_output) = p.split_at(plan.qkv.parameters());

        let normed = self.normed(x)?;
        let mut qkv = pool.take(n * heads.row());
        let write = match &self.layer.qkv_bias {
            Some(bias) => {
                let bias = slice(bias)?;
                qkv.chunks_exact_mut(bias.len()).for_each(|row| row.copy_from_slice(&bias));
                Write::Add
            }
            None => Write::Set,
        };
        let given = Linear { x: &normed, weight: &self.layer.qkv, parameters: for_qkv };
        plan.qkv.forward(given, &mut qkv, write, pool)?;
        drop(normed);
        rotation.apply(heads, positions, &mut qkv);
        let attended = heads.forward(shape, &qkv, pool);

        let mut y = self.gather(x, plan.qkv.width).map_or_else(|| x.to_vec(), |rows| rows.to_vec());
        let gathered = self.gather(&attended.result, heads.result());
        let result = gathered.as_ref().unwrap_or(&attended.result);
        let given = Linear { x: result, weight: &self.layer.output, parameters: for_output };
        plan.output.forward(given, &mut y, Write::Add, pool)?;
        if self.tracked {
            let kept = Kept { qkv, attended };
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        }
        let rows = y.len() / plan.qkv.width;
        Ok((CpuStorage::F32(y), Shape::from((rows, plan.qkv.width))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        parameters: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            candle_core::bail!("attend: there is no way back");
        };
        let Frame { plan, rotation, shape, positions, pool } = &self.frame;
        let (n, heads) = (shape.len(), plan.heads);
        let (x_values, p, dy) = (slice(x)?, slice(parameters)?, slice(dy)?);
        let (for_qkv, for_output) = p.split_at(plan.qkv.parameters());
        let mut d_parameters = vec![0.0; p.len()];
        let (d_qkv_parameters, d_output_parameters) = d_parameters.split_at_mut(plan.qkv.parameters());

        let gathered = self.gather(&kept.attended.result, heads.result());
        let result = gathered.as_ref().unwrap_or(&kept.attended.result);
        let mut d_result = pool.take(result.len());
        let given = Linear { x: result, weight: &self.layer.output, parameters: for_output };
        plan.output.backward(given, &dy, d_output_parameters, Some(&mut d_result), pool)?;
        let d_result = self.scatter(d_result, n, heads.result());
        let given = Given {
            shape,
            positions,
            qkv: &kept.qkv,
            result: &kept.attended.result,
            log_sums: &kept.attended.log_sums,
            d_result: &d_result,
        };
        let d_qkv = heads.backward(&given, rotation, pool);

        let normed = self.normed(&x_values)?;
        let given = Linear { x: &normed, weight: &self.layer.qkv, parameters: for_qkv };
        // The first layer reads the embedding, which is frozen.
        let mut d_normed = x.track_op().then(|| pool.take(x_values.len()));
        plan.qkv.backward(given, &d_qkv, d_qkv_parameters, d_normed.as_deref_mut(), pool)?;
        let dx = match d_normed {
            Some(d_normed) => {
                let mut dx = self.scatter_slice(&dy, n, plan.qkv.width);
                let gain = slice(&self.layer.attention_norm)?;
                norm::backward(&x_values, &gain, plan.epsilon, &d_normed, &mut dx);
                Some(Tensor::from_vec(dx, x.shape(), x.device())?)
            }
            None => None,
        };
        Ok((dx, Some(Tensor::from_vec(d_parameters, parameters.shape(), x.device())?)))
    }
}

impl Attend {
    fn normed(&self, x: &[f32]) -> Result<Buffer> {
        let mut normed = self.frame.pool.take(x.len());
        norm::forward(x, &slice(&self.layer.attention_norm)?, self.frame.plan.epsilon, &mut normed);
        Ok(normed)
    }

    /// The wanted rows; none when all are.
    fn gather(&self, values: &[f32], width: usize) -> Option<Buffer> {
        let rows = self.rows.as_ref()?;
        let mut gathered = self.frame.pool.take(rows.len() * width);
        for (to, row) in gathered.chunks_exact_mut(width).zip(rows) {
            to.copy_from_slice(&values[*row as usize * width..(*row as usize + 1) * width]);
        }
        Some(gathered)
    }

    /// The wanted rows in their places among `n`, zeros in the others.
    fn scatter(&self, values: Buffer, n: usize, width: usize) -> Buffer {
        if self.rows.is_none() {
            return values;
        }
        let mut all = self.frame.pool.take(n * width);
        all.copy_from_slice(&self.scatter_slice(&values, n, width));
        all
    }

    fn scatter_slice(&self, values: &[f32], n: usize, width: usize) -> Vec<f32> {
        let Some(rows) = &self.rows else { return values.to_vec() };
        let mut all = vec![0.0; n * width];
        for (from, row) in values.chunks_exact(width).zip(rows) {
            let to = &mut all[*row as usize * width..(*row as usize + 1) * width];
            // A row may be wanted twice.
            to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        }
        all
    }
}
