//! Grouped-query attention of a few tokens over everything before them, in one pass over keys and values: what decoding
//! spends on a product of small matrices is mostly its preparation.

use candle_core::{Device, Result, Storage, Tensor};
use rayon::prelude::*;

/// With more tokens than this, matrix products are faster.
pub(super) const FEW: usize = 4;
/// Values that are added up side by side.
const LANES: usize = 8;

/// `q` [heads, count, width], scaled, at positions `at` …; `keys` and `values` [kv heads, at + count, width].
/// Gives [count, heads × width].
pub(super) fn few(q: &Tensor, keys: &Tensor, values: &Tensor, at: usize) -> Result<Tensor> {
    let (heads, count, width) = q.dims3()?;
    let kv_heads = keys.dim(0)?;
    let q = q.contiguous()?;
    let (q_storage, q_layout) = q.storage_and_layout();
    let (key_storage, key_layout) = keys.storage_and_layout();
    let (value_storage, value_layout) = values.storage_and_layout();
    let (Storage::Cpu(queries), Storage::Cpu(keys), Storage::Cpu(values)) =
        (&*q_storage, &*key_storage, &*value_storage)
    else {
        candle_core::bail!("attention of a few tokens is for the CPU");
    };
    let queries = &queries.as_slice::<f32>()?[q_layout.start_offset()..];
    // Each head's rows follow one another; heads lie as far apart as the cache has room.
    let key_heads =
        Heads { values: keys.as_slice()?, start: key_layout.start_offset(), stride: key_layout.stride()[0] };
    let value_heads =
        Heads { values: values.as_slice()?, start: value_layout.start_offset(), stride: value_layout.stride()[0] };
    let group = heads / kv_heads;
    let mixed: Vec<Vec<f32>> = (0..heads)
        .into_par_iter()
        .with_min_len(heads.div_ceil(rayon::current_num_threads()))
        .map(|head| {
            let (keys, values) = (key_heads.head(head / group), value_heads.head(head / group));
            let mut out = vec![0f32; count * width];
            for (token, out) in out.chunks_exact_mut(width).enumerate() {
                let from = (head * count + token) * width;
                let seen = (at + token + 1) * width;
                mix(&queries[from..from + width], &keys[..seen], &values[..seen], out);
            }
            out
        })
        .collect();
    let mut out = Vec::with_capacity(count * heads * width);
    for token in 0..count {
        for head in &mixed {
            out.extend_from_slice(&head[token * width..(token + 1) * width]);
        }
    }
    Tensor::from_vec(out, (count, heads * width), &Device::Cpu)
}

/// Rows of several heads in one piece of memory.
struct Heads<'a> {
    values: &'a [f32],
    start: usize,
    stride: usize,
}

impl Heads<'_> {
    fn head(&self, head: usize) -> &[f32] {
        &self.values[self.start + head * self.stride..]
    }
}

/// Adds to `out` the values, weighed by the softmax of their keys' products with the query.
fn mix(query: &[f32], keys: &[f32], values: &[f32], out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the processor has the instructions.
        #[allow(unsafe_code)]
        unsafe {
            mix_avx2(query, keys, values, out);
        }
        return;
    }
    mix_plain(query, keys, values, out);
}

/// The same code, compiled for wider instructions.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn mix_avx2(query: &[f32], keys: &[f32], values: &[f32], out: &mut [f32]) {
    mix_plain(query, keys, values, out);
}

// Loops rather than closures: a closure is not compiled for the wider instructions.
#[inline(always)]
fn mix_plain(query: &[f32], keys: &[f32], values: &[f32], out: &mut [f32]) {
    let width = query.len();
    let mut weights = vec![0f32; keys.len() / width];
    let mut largest = f32::NEG_INFINITY;
    for (weight, key) in weights.iter_mut().zip(keys.chunks_exact(width)) {
        *weight = dot(query, key);
        largest = largest.max(*weight);
    }
    let mut total = 0f32;
    for weight in &mut weights {
        *weight = (*weight - largest).exp();
        total += *weight;
    }
    for (weight, value) in weights.iter().zip(values.chunks_exact(width)) {
        let weight = weight / total;
        for (out, value) in out.iter_mut().zip(value) {
            *out += weight * value;
        }
    }
}

#[inline(always)]
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

    use candle_core::D;
    use candle_nn::ops::softmax;

    use super::*;

    #[test]
    fn a_few_tokens_see_what_matrix_products_would_show_them() {
        let (heads, kv_heads, width, at, count) = (6, 2, 20, 9, 3);
        let random = |shape: (usize, usize, usize)| Tensor::randn(0f32, 1.0, shape, &Device::Cpu).unwrap();
        let q = random((heads, count, width));
        // The cache has room for more than is seen.
        let cache = |_| random((kv_heads, 40, width)).narrow(1, 0, at + count).unwrap();
        let (keys, values) = (cache(()), cache(()));
        let found = few(&q, &keys, &values, at).unwrap();
        for head in 0..heads {
            for token in 0..count {
                let of = |tensor: &Tensor| tensor.get(head / 3).unwrap().narrow(0, 0, at + token + 1).unwrap();
                let query = q.get(head).unwrap().narrow(0, token, 1).unwrap();
                let weights = query.matmul(&of(&keys).t().unwrap().contiguous().unwrap()).unwrap();
                let weights = softmax(&weights, D::Minus1).unwrap();
                let expected: Vec<f32> = weights
                    .matmul(&of(&values).contiguous().unwrap())
                    .unwrap()
                    .flatten_all()
                    .unwrap()
                    .to_vec1()
                    .unwrap();
                let found: Vec<f32> =
                    found.get(token).unwrap().narrow(0, head * width, width).unwrap().to_vec1().unwrap();
                for (found, expected) in found.iter().zip(&expected) {
                    assert!((found - expected).abs() < 1e-5, "{found} {expected}");
                }
            }
        }
    }
}
