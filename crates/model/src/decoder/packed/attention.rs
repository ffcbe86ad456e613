//! Grouped-query attention of some lines over a trunk and the branch that each line belongs to.
//!
//! What a line gets does not depend on where its trunk ends and its branch begins, nor on the other lines.

use std::arch::x86_64::*;

use super::math;
use super::share::{Shared, share};

/// Keys and values of a layer's trunk: [kv heads, room, head width] each.
pub(super) struct Trunk {
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
}

/// What a line sees: the first tokens of the trunk, and the first of its branch.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) trunk: usize,
    pub(super) branch: Option<Behind<'a>>,
}

/// Keys and values of each kv head of a branch, and how many tokens of them.
pub(super) type Behind<'a> = (&'a [Vec<f32>], &'a [Vec<f32>], usize);

/// Sizes of a layer's attention.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) heads: usize,
    pub(super) kv_heads: usize,
    pub(super) width: usize,
    /// Tokens that the trunk has room for.
    pub(super) room: usize,
}

impl Shape {
    /// Some tokens of a head.
    fn head<'a>(&self, of: &'a [f32], head: usize, tokens: usize) -> &'a [f32] {
        &of[head * self.room * self.width..][..tokens * self.width]
    }
}

/// `queries` holds [lines, heads × width] in rows of `stride`, scaled already; `out` is [lines, heads × width].
pub(super) fn attend(shape: Shape, queries: &[f32], stride: usize, trunk: &Trunk, sights: &[Sight], out: &mut [f32]) {
    let Shape { heads, kv_heads, width, .. } = shape;
    let seen: usize = sights.iter().map(|sight| sight.trunk + sight.branch.map_or(0, |branch| branch.2)).sum();
    let out = Shared::new(out);
    share(sights.len() * heads, seen * heads * width * 8, |places| {
        let mut weights = Vec::new();
        for place in places {
            let (line, head) = (place / heads, place % heads);
            let (sight, kv_head) = (&sights[line], head * kv_heads / heads);
            let (branch_keys, branch_values): (&[f32], &[f32]) = match sight.branch {
                Some((keys, values, tokens)) => (&keys[kv_head][..tokens * width], &values[kv_head][..tokens * width]),
                None => (&[], &[]),
            };
            let keys = [shape.head(&trunk.keys, kv_head, sight.trunk), branch_keys];
            let values = [shape.head(&trunk.values, kv_head, sight.trunk), branch_values];
            let query = &queries[line * stride + head * width..][..width];
            // SAFETY: this head of this line is nobody else's; the processor has the instructions, or there were no model.
            #[allow(unsafe_code)]
            unsafe {
                mix(query, keys, values, &mut weights, out.part(place * width, width));
            }
        }
    });
}

/// Vectors of eight that are added up side by side.
const AT_ONCE: usize = 8;

/// Writes to `out` the values, weighed by the softmax of their keys' products with the query.
#[target_feature(enable = "avx2,fma")]
fn mix(query: &[f32], keys: [&[f32]; 2], values: [&[f32]; 2], weights: &mut Vec<f32>, out: &mut [f32]) {
    let width = query.len();
    let tokens = (keys[0].len() + keys[1].len()) / width;
    weights.clear();
    weights.resize(tokens.next_multiple_of(8), f32::NEG_INFINITY);
    let (first, second) = weights.split_at_mut(keys[0].len() / width);
    products(query, keys[0], first);
    products(query, keys[1], &mut second[..keys[1].len() / width]);
    let total = exponents(weights);
    out.fill(0.0);
    let (first, second) = weights.split_at(keys[0].len() / width);
    for (values, weights) in values.into_iter().zip([first, second]) {
        let mut at = 0;
        while at + 8 * AT_ONCE <= width {
            add::<AT_ONCE>(values, weights, width, at, out);
            at += 8 * AT_ONCE;
        }
        while at < width {
            add::<1>(values, weights, width, at, out);
            at += 8;
        }
    }
    let factor = 1.0 / total;
    for out in out {
        *out *= factor;
    }
}

/// The products of each key with the query, eight keys at a time.
#[target_feature(enable = "avx2,fma")]
fn products(query: &[f32], keys: &[f32], out: &mut [f32]) {
    let width = query.len();
    for (keys, out) in keys.chunks(AT_ONCE * width).zip(out.chunks_mut(AT_ONCE)) {
        let last = keys.len() / width - 1;
        let mut sums = [_mm256_setzero_ps(); AT_ONCE];
        for at in (0..width).step_by(8) {
            let query = load(query, at);
            for (key, sum) in sums.iter_mut().enumerate() {
                // Where there are fewer keys, the last one is taken again, so that sums are always made alike.
                *sum = _mm256_fmadd_ps(query, load(keys, key.min(last) * width + at), *sum);
            }
        }
        for (sum, out) in sums.into_iter().zip(out) {
            *out = math::sum(sum);
        }
    }
}

/// Each weight becomes the exponential of its distance to the largest; gives their sum.
#[target_feature(enable = "avx2,fma")]
fn exponents(weights: &mut [f32]) -> f32 {
    let largest = weights.iter().fold(f32::NEG_INFINITY, |largest, weight| largest.max(*weight));
    let mut total = _mm256_setzero_ps();
    for at in (0..weights.len()).step_by(8) {
        let weight = math::exp(_mm256_sub_ps(load(weights, at), _mm256_set1_ps(largest)));
        total = _mm256_add_ps(total, weight);
        store(weight, weights, at);
    }
    math::sum(total)
}

/// Adds the weighed values to `N` vectors of `out` from column `at` on.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn add<const N: usize>(values: &[f32], weights: &[f32], width: usize, at: usize, out: &mut [f32]) {
    let mut sums = [_mm256_setzero_ps(); N];
    for (vector, sum) in sums.iter_mut().enumerate() {
        *sum = load(out, at + 8 * vector);
    }
    for (values, weight) in values.chunks_exact(width).zip(weights) {
        let weight = _mm256_set1_ps(*weight);
        for (vector, sum) in sums.iter_mut().enumerate() {
            *sum = _mm256_fmadd_ps(weight, load(values, at + 8 * vector), *sum);
        }
    }
    for (vector, sum) in sums.into_iter().enumerate() {
        store(sum, out, at + 8 * vector);
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load(from: &[f32], at: usize) -> __m256 {
    // SAFETY: the slice has eight values there.
    #[allow(unsafe_code)]
    unsafe {
        _mm256_loadu_ps(from[at..at + 8].as_ptr())
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store(values: __m256, to: &mut [f32], at: usize) {
    // SAFETY: the slice has eight values there.
    #[allow(unsafe_code)]
    unsafe {
        _mm256_storeu_ps(to[at..at + 8].as_mut_ptr(), values);
    }
}

#[cfg(test)]
#[path = "attention_tests.rs"]
mod tests;
