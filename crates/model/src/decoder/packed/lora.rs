//! What an adapter adds to a matrix, as the two thin products that it is: the matrix stays as it is in the file.

use std::arch::x86_64::*;

use super::layout::ROWS;
use super::math;
use super::share::{Shared, share};

/// y += B · (A · x), both in half precision, the adapter's scale in B.
pub(super) struct Lora {
    rank: usize,
    columns: usize,
    /// [rank, columns]
    down: Vec<u16>,
    /// [rows / 8, rank, 8]
    up: Vec<u16>,
}

impl Lora {
    /// `down` [rank, columns], `up` [rows, rank].
    pub(super) fn new(rank: usize, down: &[f32], up: &[f32], scale: f32) -> Self {
        let rows = up.len() / rank;
        let mut halves = vec![0; rows.next_multiple_of(ROWS) * rank];
        for (place, value) in up.iter().enumerate() {
            let (row, number) = (place / rank, place % rank);
            halves[(row / ROWS * rank + number) * ROWS + row % ROWS] = math::to_half(value * scale);
        }
        let down: Vec<u16> = down.iter().map(|value| math::to_half(*value)).collect();
        Self { rank, columns: down.len() / rank, down, up: halves }
    }

    pub(super) fn rank(&self) -> usize {
        self.rank
    }

    /// A · x for each line of `input` [lines, columns]: `out` [rank, lines].
    pub(super) fn down(&self, input: &[f32], out: &mut [f32]) {
        let lines = input.len() / self.columns;
        let target = Shared::new(out);
        share(self.rank, 2 * self.rank * self.columns * lines, |rows| {
            for row in rows {
                let weights = &self.down[row * self.columns..(row + 1) * self.columns];
                // SAFETY: each row's sums are its own; the processor has what is needed, or no adapter were loaded here.
                #[allow(unsafe_code)]
                unsafe {
                    dots(weights, input, target.part(row * lines, lines));
                }
            }
        });
    }

    /// Adds B · `down` [rank, lines] for the eight rows of a group to their `sums`.
    #[target_feature(enable = "avx2,fma,f16c")]
    pub(super) fn up(&self, group: usize, down: &[f32], sums: &mut [__m256]) {
        let lines = sums.len();
        let weights = &self.up[group * self.rank * ROWS..(group + 1) * self.rank * ROWS];
        for (weights, down) in weights.chunks_exact(ROWS).zip(down.chunks_exact(lines)) {
            let weights = halves(weights);
            for (sum, down) in sums.iter_mut().zip(down) {
                *sum = _mm256_fmadd_ps(weights, _mm256_set1_ps(*down), *sum);
            }
        }
    }
}

/// Eight numbers of half precision.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn halves(from: &[u16]) -> __m256 {
    debug_assert!(from.len() >= ROWS);
    // SAFETY: there are eight.
    #[allow(unsafe_code)]
    unsafe {
        _mm256_cvtph_ps(_mm_loadu_si128(from.as_ptr().cast()))
    }
}

/// The products of one row with each line.
#[target_feature(enable = "avx2,fma,f16c")]
fn dots(weights: &[u16], input: &[f32], out: &mut [f32]) {
    let columns = weights.len();
    let mut pairs = input.chunks_exact(2 * columns);
    let mut out = out.iter_mut();
    for pair in &mut pairs {
        let both = dot::<2>(weights, pair);
        for (sum, out) in both.iter().zip(&mut out) {
            *out = *sum;
        }
    }
    if let ([_, ..], Some(out)) = (pairs.remainder(), out.next()) {
        *out = dot::<1>(weights, pairs.remainder())[0];
    }
}

/// The products with `L` lines; their sums are made in the same order for each `L`.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn dot<const L: usize>(weights: &[u16], lines: &[f32]) -> [f32; L] {
    const AT_ONCE: usize = 4 * ROWS;
    let columns = weights.len();
    let mut sums = [[_mm256_setzero_ps(); 4]; L];
    for (number, weights) in weights.chunks_exact(AT_ONCE).enumerate() {
        for (part, weights) in weights.chunks_exact(ROWS).enumerate() {
            let weights = halves(weights);
            for (line, sums) in sums.iter_mut().enumerate() {
                let from = line * columns + number * AT_ONCE + part * ROWS;
                // SAFETY: there are `L` lines of `columns` values.
                #[allow(unsafe_code)]
                let values = unsafe { _mm256_loadu_ps(lines[from..from + ROWS].as_ptr()) };
                sums[part] = _mm256_fmadd_ps(weights, values, sums[part]);
            }
        }
    }
    let total =
        |sums: &[__m256; 4]| math::sum(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
    let mut totals = [0f32; L];
    for (out, sums) in totals.iter_mut().zip(&sums) {
        *out = total(sums);
    }
    totals
}
