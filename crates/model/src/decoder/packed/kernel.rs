//! Products of eight rows of weights with any number of lines of activations.
//!
//! Everything is inlined into functions that are compiled for one set of instructions each. All sums of a line are made in
//! the same order however many lines there are, and exactly within a block, so its result has the same bits.

use std::arch::x86_64::*;
use std::ops::Range;

use super::activations::{Activations, BLOCK};
use super::dot::{Avx2, Dot, Vnni};
use super::formats::{Eight, Five, Format, FourK, SixK};
use super::layout::Kind;

/// Adds, for eight rows, the products of their weights at `weights` with some columns of each line to `sums`. The columns
/// must begin and end with units of the format.
pub(super) type Kernel =
    unsafe fn(kind: Kind, weights: &[u8], input: &Activations, columns: Range<usize>, sums: &mut [__m256]);

/// Whether this processor has what the kernels need at least.
pub(super) fn supported() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c")
}

/// The fastest one for this processor, which must be `supported`.
pub(super) fn fastest() -> Kernel {
    if is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512vl") { vnni } else { avx2 }
}

#[target_feature(enable = "avx2,fma,f16c")]
#[allow(unsafe_code)]
pub(super) unsafe fn avx2(kind: Kind, weights: &[u8], input: &Activations, columns: Range<usize>, sums: &mut [__m256]) {
    // SAFETY: the caller's.
    unsafe { dispatch::<Avx2>(kind, weights, input, columns, sums) }
}

#[target_feature(enable = "avx2,fma,f16c,avx512vnni,avx512vl")]
#[allow(unsafe_code)]
unsafe fn vnni(kind: Kind, weights: &[u8], input: &Activations, columns: Range<usize>, sums: &mut [__m256]) {
    // SAFETY: the caller's.
    unsafe { dispatch::<Vnni>(kind, weights, input, columns, sums) }
}

#[inline(always)]
#[allow(unsafe_code)]
unsafe fn dispatch<D: Dot>(
    kind: Kind,
    weights: &[u8],
    input: &Activations,
    columns: Range<usize>,
    sums: &mut [__m256],
) {
    assert!(
        weights.len() >= kind.group_bytes(columns.end) && columns.end <= input.columns() && sums.len() == input.lines()
    );
    // SAFETY: the weights and sums are as long as was just made sure of.
    unsafe {
        match kind {
            Kind::FourK => group::<FourK, D>(weights, input, columns, sums),
            Kind::Five => group::<Five, D>(weights, input, columns, sums),
            Kind::SixK => group::<SixK, D>(weights, input, columns, sums),
            Kind::Eight => group::<Eight, D>(weights, input, columns, sums),
        }
    }
}

/// Weights are called for so many bytes before they are needed: what the processor guesses by itself comes too late.
const AHEAD: usize = 1024;

#[inline(always)]
#[allow(unsafe_code)]
unsafe fn group<F: Format, D: Dot>(weights: &[u8], input: &Activations, columns: Range<usize>, sums: &mut [__m256]) {
    let (width, bytes) = F::KIND.unit();
    let per_unit = width / BLOCK;
    for unit in columns.start / width..columns.end / width {
        // SAFETY: `weights` holds so many units.
        unsafe {
            let at = weights.as_ptr().add(unit * bytes);
            let scales = F::scales(at);
            for number in 0..per_unit {
                let ahead = at.wrapping_add(AHEAD + number * (bytes / per_unit));
                for line in 0..(bytes / per_unit).div_ceil(64) {
                    _mm_prefetch::<_MM_HINT_T0>(ahead.wrapping_add(64 * line).cast());
                }
                let block = F::block(at, number, &scales);
                let (values, sides) = input.block(unit * per_unit + number);
                let mut values = values.as_ptr();
                if let ([sum], [side]) = (&mut *sums, sides) {
                    *sum = F::add::<D>(&scales, &block, values, side, *sum);
                    continue;
                }
                for (sum, side) in sums.iter_mut().zip(sides) {
                    *sum = F::add::<D>(&scales, &block, values, side, *sum);
                    values = values.add(BLOCK);
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "kernel_tests.rs"]
mod tests;
