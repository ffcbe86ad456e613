//! The same operations out of candle's own: slower, for every device, and the measure that ours are tested by.

use brine_model::Rotary;
use candle_core::{D, Device, Result, Tensor};
use candle_nn::ops::{log_softmax, rms_norm_slow, softmax};

use super::attend::Frame;
use super::entropy::Head;
use super::linear::Adapted;
use crate::tune::layer::{Layer, Plan};
use crate::tune::tree;

/// See [`super::attend::attend`].
pub(crate) fn attend(
    x: &Tensor,
    parameters: &Tensor,
    layer: &Layer,
    frame: &Frame,
    rows: Option<&[u32]>,
) -> Result<Tensor> {
    let Frame { plan, shape, .. } = frame;
    let (n, heads, width) = (shape.len(), plan.heads, plan.heads.width);
    let normed = rms_norm_slow(x, &layer.attention_norm, plan.epsilon)?;
    let split = plan.qkv.parameters();
    let mut qkv = linear(&normed, layer.qkv.plain()?, &plan.qkv, &parameters.narrow(0, 0, split)?)?;
    if let Some(bias) = &layer.qkv_bias {
        qkv = qkv.broadcast_add(bias)?;
    }
    let part = |from: usize, count: usize| {
        qkv.narrow(1, from * width, count * width)?.reshape((n, count, width))?.transpose(0, 1)?.contiguous()
    };
    let q = rotate(&part(0, heads.queries)?, frame)?;
    let k = rotate(&part(heads.queries, heads.keys)?, frame)?;
    let v = part(heads.queries + heads.keys, heads.keys)?;
    let group = heads.queries / heads.keys;
    let q = (q.reshape((heads.keys, group * n, width))? * (1.0 / (width as f64).sqrt()))?;
    let scores = q.matmul(&k.transpose(1, 2)?.contiguous()?)?.reshape((heads.queries, n, n))?;
    let scores = scores.broadcast_add(&mask(shape, x.device())?)?;
    let mixed = softmax(&scores, D::Minus1)?.reshape((heads.keys, group * n, n))?.matmul(&v)?;
    let mixed = mixed.reshape((heads.queries, n, width))?.transpose(0, 1)?.reshape((n, heads.result()))?;
    let (mixed, x) = match rows {
        Some(rows) => {
            let rows = Tensor::new(rows, x.device())?;
            (mixed.contiguous()?.index_select(&rows, 0)?, x.index_select(&rows, 0)?)
        }
        None => (mixed, x.clone()),
    };
    let rest = parameters.narrow(0, split, plan.output.parameters())?;
    x + linear(&mixed, layer.output.plain()?, &plan.output, &rest)?
}

/// See [`super::feed::feed`].
pub(crate) fn feed(x: &Tensor, parameters: &Tensor, layer: &Layer, plan: &Plan) -> Result<Tensor> {
    let normed = rms_norm_slow(x, &layer.feed_norm, plan.epsilon)?;
    let split = plan.gate_up.parameters();
    let both = linear(&normed, layer.gate_up.plain()?, &plan.gate_up, &parameters.narrow(0, 0, split)?)?;
    let gate = both.narrow(1, 0, plan.inner_width)?.silu()?;
    let gated = (gate * both.narrow(1, plan.inner_width, plan.inner_width)?)?;
    let rest = parameters.narrow(0, split, plan.down.parameters())?;
    x + linear(&gated, layer.down.plain()?, &plan.down, &rest)?
}

/// See [`super::entropy::entropy`].
pub(crate) fn entropy(x: &Tensor, targets: &[u32], head: &Head) -> Result<Tensor> {
    let logits = logits(x, head)?;
    let targets = Tensor::new(targets, x.device())?.unsqueeze(1)?;
    log_softmax(&logits, D::Minus1)?.gather(&targets, 1)?.sum_all()?.neg()
}

/// x [n, width] to [n, vocabulary].
pub(crate) fn logits(x: &Tensor, head: &Head) -> Result<Tensor> {
    rms_norm_slow(x, &head.norm, head.epsilon)?.matmul(&head.weight.plain()?.t()?)
}

fn linear(x: &Tensor, weight: &Tensor, plan: &Adapted, parameters: &Tensor) -> Result<Tensor> {
    let y = x.matmul(&weight.t()?)?;
    if plan.inner() == 0 {
        return Ok(y);
    }
    let a = parameters.narrow(0, 0, plan.inner() * plan.width)?.reshape((plan.inner(), plan.width))?;
    let h = x.matmul(&a.t()?)?;
    let (mut parts, mut places) = (Vec::new(), plan.places().into_iter());
    for part in &plan.parts {
        let place = if part.adapted { places.next() } else { None };
        parts.push(match place {
            Some(place) => {
                let b = parameters.narrow(0, place.b.start, place.b.len())?.reshape((place.width, plan.rank))?;
                (h.narrow(1, place.inner, plan.rank)?.contiguous()?.matmul(&b.t()?)? * f64::from(plan.scale))?
            }
            None => Tensor::zeros((x.dim(0)?, part.width), x.dtype(), x.device())?,
        });
    }
    y + Tensor::cat(&parts, 1)?
}

/// `heads` [heads, n, width] turned to their positions.
fn rotate(heads: &Tensor, frame: &Frame) -> Result<Tensor> {
    let (count, n, width) = heads.dims3()?;
    let (cos, sin) = frame.rotation.tables(&frame.positions);
    let interleaved = frame.rotation.rotary() == Rotary::Interleaved;
    // The two of a pair lie in the last dimension, or in the one before.
    let (shape, at) = if interleaved { ((count, n, width / 2, 2), 3) } else { ((count, n, 2, width / 2), 2) };
    let table = |values: Vec<f32>| Tensor::from_vec(values, (1, n, width / 2), heads.device())?.unsqueeze(at);
    let (cos, sin) = (table(cos)?, table(sin)?);
    let pairs = heads.reshape(shape)?;
    let (a, b) = (pairs.narrow(at, 0, 1)?, pairs.narrow(at, 1, 1)?);
    let first = (a.broadcast_mul(&cos)? - b.broadcast_mul(&sin)?)?;
    let second = (a.broadcast_mul(&sin)? + b.broadcast_mul(&cos)?)?;
    Tensor::cat(&[first, second], at)?.reshape((count, n, width))
}

/// [n, n]: 0 where a row may look, minus infinity where it may not.
fn mask(shape: &tree::Shape, device: &Device) -> Result<Tensor> {
    let n = shape.len();
    let mut mask = vec![f32::NEG_INFINITY; n * n];
    let ranges = std::iter::once(0..shape.prefix).chain(shape.branches.iter().cloned());
    for (row, start) in ranges.flat_map(|range| range.clone().map(move |row| (row, range.start))) {
        let shared = shape.prefix.min(start);
        for column in (0..shared).chain(start..=row) {
            mask[row * n + column] = 0.0;
        }
    }
    Tensor::from_vec(mask, (n, n), device)
}
