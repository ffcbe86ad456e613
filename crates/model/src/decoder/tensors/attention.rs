//! Grouped-query attention: by matrix products for the many tokens of a trunk, and in one pass over keys and values for the
//! few that branches grow by, where most of a product of small matrices would be its preparation.

use candle_core::{Device, Result, Storage, Tensor};
use candle_nn::ops::softmax_last_dim;
use rayon::prelude::*;

use crate::decoder::branch::{Branch, Layer};

/// Values that are added up side by side.
const LANES: usize = 8;

/// `q` [heads, count, width], scaled, at positions `at` …; `keys` and `values` [kv heads, at + count, width].
/// Gives [count, heads × width].
pub(super) fn by_products(q: &Tensor, keys: &Tensor, values: &Tensor, at: usize) -> Result<Tensor> {
    let (heads, count, width) = q.dims3()?;
    let kv_heads = keys.dim(0)?;
    let group = heads / kv_heads;
    let total = at + count;
    let q = q.reshape((kv_heads, group * count, width))?;
    let mut scores = q.matmul(&keys.transpose(1, 2)?)?;
    if count > 1 {
        scores = scores.reshape((heads, count, total))?.broadcast_add(&causal_mask(count, at, q.device())?)?;
        scores = scores.reshape((kv_heads, group * count, total))?;
    }
    let mixed = softmax_last_dim(&scores)?.matmul(values)?;
    mixed.reshape((heads, count, width))?.transpose(0, 1)?.reshape((count, heads * width))
}

/// [count, at + count]: 0 where a token may look, minus infinity where it may not.
fn causal_mask(count: usize, at: usize, device: &Device) -> Result<Tensor> {
    let total = at + count;
    let row = |from: usize| (0..total).map(move |to| if to <= at + from { 0.0 } else { f32::NEG_INFINITY });
    let mask: Vec<f32> = (0..count).flat_map(row).collect();
    Tensor::from_vec(mask, (count, total), device)
}

/// `q` [heads, sum of counts, width], scaled: the last `counts` tokens of each branch, which see the trunk's keys and values
/// [kv heads, tokens, width] and their branch's up to themselves. Gives [sum of counts, heads × width].
pub(super) fn of_branches(
    q: &Tensor,
    trunk: (&Tensor, &Tensor),
    layer: usize,
    branches: &[&Branch],
    counts: &[usize],
) -> Result<Tensor> {
    if q.device().is_cpu() {
        in_one_pass(q, trunk, layer, branches, counts)
    } else {
        one_by_one(q, trunk, layer, branches, counts)
    }
}

/// The same on any device.
fn one_by_one(
    q: &Tensor,
    trunk: (&Tensor, &Tensor),
    layer: usize,
    branches: &[&Branch],
    counts: &[usize],
) -> Result<Tensor> {
    let mut from = 0;
    let mut mixed = Vec::with_capacity(branches.len());
    for (branch, count) in branches.iter().zip(counts) {
        let Layer::Device { keys, values } = branch.layer(layer) else {
            candle_core::bail!("a branch in memory, while the model is on another device");
        };
        let keys = Tensor::cat(&[trunk.0, keys], 1)?;
        let values = Tensor::cat(&[trunk.1, values], 1)?;
        let at = keys.dim(1)? - count;
        mixed.push(by_products(&q.narrow(1, from, *count)?.contiguous()?, &keys, &values, at)?);
        from += count;
    }
    Tensor::cat(&mixed, 0)
}

fn in_one_pass(
    q: &Tensor,
    trunk: (&Tensor, &Tensor),
    layer: usize,
    branches: &[&Branch],
    counts: &[usize],
) -> Result<Tensor> {
    let (heads, count, width) = q.dims3()?;
    let group = heads / trunk.0.dim(0)?;
    let q = q.contiguous()?;
    let (q_storage, q_layout) = q.storage_and_layout();
    let (key_storage, key_layout) = trunk.0.storage_and_layout();
    let (value_storage, value_layout) = trunk.1.storage_and_layout();
    let (Storage::Cpu(queries), Storage::Cpu(keys), Storage::Cpu(values)) =
        (&*q_storage, &*key_storage, &*value_storage)
    else {
        candle_core::bail!("attention in one pass is for the CPU");
    };
    let queries = &queries.as_slice::<f32>()?[q_layout.start_offset()..];
    // Each head's rows follow one another; heads lie as far apart as the cache has room.
    let read = trunk.0.dim(1)? * width;
    let keys =
        Heads { values: keys.as_slice()?, start: key_layout.start_offset(), stride: key_layout.stride()[0], read };
    let values = Heads {
        values: values.as_slice()?,
        start: value_layout.start_offset(),
        stride: value_layout.stride()[0],
        read,
    };
    // Each row of the output: where its branch is, and how many of the branch's values it sees.
    let mut rows = Vec::with_capacity(count);
    for (branch, count) in branches.iter().zip(counts) {
        let Layer::Memory { keys, values } = branch.layer(layer) else {
            candle_core::bail!("a branch on another device, while the model is in memory");
        };
        let held = keys.first().map_or(0, Vec::len);
        let before = held - count * width;
        rows.extend((1..=*count).map(|token| (keys, values, before + token * width)));
    }
    let mut out = vec![0f32; count * heads * width];
    out.par_chunks_exact_mut(width)
        .with_min_len((count * heads).div_ceil(2 * rayon::current_num_threads()))
        .enumerate()
        .for_each(|(place, out)| {
            let (row, head) = (place / heads, place % heads);
            let (branch_keys, branch_values, seen) = rows[row];
            let kv_head = head / group;
            let from = (head * count + row) * width;
            let query = &queries[from..from + width];
            mix(
                query,
                [keys.head(kv_head), &branch_keys[kv_head][..seen]],
                [values.head(kv_head), &branch_values[kv_head][..seen]],
                out,
            );
        });
    Tensor::from_vec(out, (count, heads * width), &Device::Cpu)
}

/// Rows of several heads in one piece of memory.
struct Heads<'a> {
    values: &'a [f32],
    start: usize,
    stride: usize,
    /// Values of a head that are read.
    read: usize,
}

impl Heads<'_> {
    fn head(&self, head: usize) -> &[f32] {
        let start = self.start + head * self.stride;
        &self.values[start..start + self.read]
    }
}

/// Adds to `out` the values, weighed by the softmax of their keys' products with the query. Keys and values come in two parts.
fn mix(query: &[f32], keys: [&[f32]; 2], values: [&[f32]; 2], out: &mut [f32]) {
    let width = query.len();
    let mut weights = vec![0f32; (keys[0].len() + keys[1].len()) / width];
    let mut largest = f32::NEG_INFINITY;
    let (first, second) = weights.split_at_mut(keys[0].len() / width);
    for (weights, keys) in [first, second].into_iter().zip(keys) {
        for (weight, key) in weights.iter_mut().zip(keys.chunks_exact(width)) {
            *weight = dot(query, key);
            largest = largest.max(*weight);
        }
    }
    let mut total = 0f32;
    for weight in &mut weights {
        *weight = (*weight - largest).exp();
        total += *weight;
    }
    let (first, second) = weights.split_at(keys[0].len() / width);
    for (weights, values) in [first, second].into_iter().zip(values) {
        for (weight, value) in weights.iter().zip(values.chunks_exact(width)) {
            let weight = weight / total;
            for (out, value) in out.iter_mut().zip(value) {
                *out += weight * value;
            }
        }
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let mut sum = 0f32;
    for (a, b) in a_lanes.remainder().iter().zip(b_lanes.remainder()) {
        sum += a * b;
    }
    for (a, b) in a_lanes.zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    for lane in sums {
        sum += lane;
    }
    sum
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn branches_see_the_trunk_and_themselves_as_matrix_products_would_show_them() {
        let (heads, kv_heads, width, trunk) = (6, 2, 20, 9);
        let random =
            |heads: usize, count: usize| Tensor::randn(0f32, 1.0, (heads, count, width), &Device::Cpu).unwrap();
        // The cache has room for more than is seen.
        let cache = || random(kv_heads, 40).narrow(1, 0, trunk).unwrap();
        let (keys, values) = (cache(), cache());
        // One branch that held 5 tokens and got 3, one that held none and got 1.
        let (held, counts) = ([8, 1], [3, 1]);
        let mut branches = Vec::new();
        let mut parts = Vec::new();
        for held in held {
            let mut branch = Branch::new(1, kv_heads);
            let (keys, values) = (random(kv_heads, held), random(kv_heads, held));
            branch.push(0, &keys, &values).unwrap();
            branches.push(branch);
            parts.push((keys, values));
        }
        let q = random(heads, 4);
        let branches: Vec<&Branch> = branches.iter().collect();
        let found = of_branches(&q, (&keys, &values), 0, &branches, &counts).unwrap();
        let mut from = 0;
        for ((branch_keys, branch_values), count) in parts.iter().zip(counts) {
            let whole = |trunk: &Tensor, branch: &Tensor| Tensor::cat(&[trunk, branch], 1).unwrap();
            let (keys, values) = (whole(&keys, branch_keys), whole(&values, branch_values));
            let at = keys.dim(1).unwrap() - count;
            let query = q.narrow(1, from, count).unwrap().contiguous().unwrap();
            let expected = by_products(&query, &keys, &values, at).unwrap().to_vec2::<f32>().unwrap();
            let found = found.narrow(0, from, count).unwrap().to_vec2::<f32>().unwrap();
            for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
                assert!((found - expected).abs() < 1e-5, "{found} {expected}");
            }
            from += count;
        }
    }
}
