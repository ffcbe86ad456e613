//! SwiGLU's gate: silu(gate) · up, with gate and up side by side in the rows of one matrix.

use rayon::prelude::*;

use super::exp::{dispatch, exp};

const ROWS: usize = 8;

/// `y` [n, width] from `both` [n, 2 · width].
pub(crate) fn forward(both: &[f32], width: usize, y: &mut [f32]) {
    y.par_chunks_mut(ROWS * width).zip(both.par_chunks(2 * ROWS * width)).for_each(|(y, both)| {
        dispatch!(forward_rows(both: &[f32] = both, width: usize = width, y: &mut [f32] = y));
    });
}

/// The gradient of `both`, in its place, from the gradient `dy` of the result.
pub(crate) fn backward(both: &mut [f32], width: usize, dy: &[f32]) {
    both.par_chunks_mut(2 * ROWS * width).zip(dy.par_chunks(ROWS * width)).for_each(|(both, dy)| {
        dispatch!(backward_rows(both: &mut [f32] = both, width: usize = width, dy: &[f32] = dy));
    });
}

/// Gate and up in half the room: of each, the upper 16 bits (bfloat16), the gate's above those of up.
pub(crate) fn halve(both: &[f32], width: usize, half: &mut [f32]) {
    half.par_chunks_mut(ROWS * width).zip(both.par_chunks(2 * ROWS * width)).for_each(|(half, both)| {
        dispatch!(halve_rows(both: &[f32] = both, width: usize = width, half: &mut [f32] = half));
    });
}

/// Gate and up as [`halve`] left them.
pub(crate) fn restore(half: &[f32], width: usize, both: &mut [f32]) {
    both.par_chunks_mut(2 * ROWS * width).zip(half.par_chunks(ROWS * width)).for_each(|(both, half)| {
        dispatch!(restore_rows(half: &[f32] = half, width: usize = width, both: &mut [f32] = both));
    });
}

#[inline(always)]
fn halve_rows(both: &[f32], width: usize, half: &mut [f32]) {
    // To the nearest, to the even one of two.
    let upper = |value: f32| {
        let bits = value.to_bits();
        bits.wrapping_add(0x7fff + (bits >> 16 & 1)) & 0xffff_0000
    };
    for (both, half) in both.chunks_exact(2 * width).zip(half.chunks_exact_mut(width)) {
        let (gate, up) = both.split_at(width);
        for ((half, gate), up) in half.iter_mut().zip(gate).zip(up) {
            *half = f32::from_bits(upper(*gate) | upper(*up) >> 16);
        }
    }
}

#[inline(always)]
fn restore_rows(half: &[f32], width: usize, both: &mut [f32]) {
    for (half, both) in half.chunks_exact(width).zip(both.chunks_exact_mut(2 * width)) {
        let (gate, up) = both.split_at_mut(width);
        for ((half, gate), up) in half.iter().zip(gate).zip(up) {
            let bits = half.to_bits();
            (*gate, *up) = (f32::from_bits(bits & 0xffff_0000), f32::from_bits(bits << 16));
        }
    }
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    // Beyond 87 the result is 0 or 1 to the last bit, and e^x would not be a number that f32 can hold.
    let x = if x < -87.0 { -87.0 } else { x };
    1.0 / (1.0 + exp(-x))
}

#[inline(always)]
fn forward_rows(both: &[f32], width: usize, y: &mut [f32]) {
    for (both, y) in both.chunks_exact(2 * width).zip(y.chunks_exact_mut(width)) {
        let (gate, up) = both.split_at(width);
        for ((y, gate), up) in y.iter_mut().zip(gate).zip(up) {
            *y = gate * sigmoid(*gate) * up;
        }
    }
}

#[inline(always)]
fn backward_rows(both: &mut [f32], width: usize, dy: &[f32]) {
    for (both, dy) in both.chunks_exact_mut(2 * width).zip(dy.chunks_exact(width)) {
        let (gate, up) = both.split_at_mut(width);
        for ((gate, up), dy) in gate.iter_mut().zip(up.iter_mut()).zip(dy) {
            let sigmoid = sigmoid(*gate);
            let silu = *gate * sigmoid;
            let slope = sigmoid + silu * (1.0 - sigmoid);
            (*gate, *up) = (dy * *up * slope, dy * silu);
        }
    }
}
