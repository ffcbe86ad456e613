//! RMSNorm with a frozen gain: y = gain · x / sqrt(mean(x²) + epsilon).
//!
//! Source: "Root Mean Square Layer Normalization".

use rayon::prelude::*;

use super::exp::dispatch;

/// Rows that one thread takes at a time.
const ROWS: usize = 16;

/// `y` from `x`, both [n, gain's width].
pub(crate) fn forward(x: &[f32], gain: &[f32], epsilon: f32, y: &mut [f32]) {
    let width = gain.len();
    y.par_chunks_mut(ROWS * width).zip(x.par_chunks(ROWS * width)).for_each(|(y, x)| {
        dispatch!(forward_rows(x: &[f32] = x, gain: &[f32] = gain, epsilon: f32 = epsilon, y: &mut [f32] = y));
    });
}

/// Adds to `dx` what the gradient `dy` of the result means for `x`.
pub(crate) fn backward(x: &[f32], gain: &[f32], epsilon: f32, dy: &[f32], dx: &mut [f32]) {
    let size = ROWS * gain.len();
    dx.par_chunks_mut(size).zip(x.par_chunks(size).zip(dy.par_chunks(size))).for_each(|(dx, (x, dy))| {
        dispatch!(backward_rows(
            x: &[f32] = x, gain: &[f32] = gain, epsilon: f32 = epsilon, dy: &[f32] = dy, dx: &mut [f32] = dx
        ));
    });
}

#[inline(always)]
fn forward_rows(x: &[f32], gain: &[f32], epsilon: f32, y: &mut [f32]) {
    let width = gain.len();
    for (x, y) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)) {
        let scale = 1.0 / (dot(x, x) / width as f32 + epsilon).sqrt();
        for ((y, x), gain) in y.iter_mut().zip(x).zip(gain) {
            *y = x * scale * gain;
        }
    }
}

#[inline(always)]
fn backward_rows(x: &[f32], gain: &[f32], epsilon: f32, dy: &[f32], dx: &mut [f32]) {
    let width = gain.len();
    for ((x, dy), dx) in x.chunks_exact(width).zip(dy.chunks_exact(width)).zip(dx.chunks_exact_mut(width)) {
        let scale = 1.0 / (dot(x, x) / width as f32 + epsilon).sqrt();
        let along = dot3(x, dy, gain) * scale * scale * scale / width as f32;
        for (((dx, x), dy), gain) in dx.iter_mut().zip(x).zip(dy).zip(gain) {
            *dx += dy * gain * scale - x * along;
        }
    }
}

/// Eight sums side by side, which is what vector instructions do.
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[inline(always)]
fn dot3(a: &[f32], b: &[f32], c: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a, b, c) = (a.chunks_exact(8), b.chunks_exact(8), c.chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).zip(c.remainder()).map(|((a, b), c)| a * b * c).sum();
    for ((a, b), c) in a.zip(b).zip(c) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane] * c[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}
