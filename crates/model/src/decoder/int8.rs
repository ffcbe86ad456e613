//! Matrix product with eight-bit weights on x86-64: weights and activations in blocks of 32 values that share a scale,
//! as in GGML's Q8_0, but with scales that need no conversion and no filling of rows.
//!
//! A row's result does not depend on how many rows are computed at once, so a text gives the same bits however it is cut.

use std::arch::x86_64::*;

use rayon::prelude::*;

/// Values that share a scale.
pub(super) const BLOCK: usize = 32;
/// Rows of activations that are multiplied with a row of weights while it is in registers.
const TILE: usize = 4;
/// Fewer multiplications than this are not worth a second thread.
const WORTH_SHARING: usize = 1 << 16;

/// [rows, columns] of weights.
pub(super) struct Int8Matrix {
    rows: usize,
    columns: usize,
    values: Vec<i8>,
    scales: Vec<f32>,
}

/// Activations, quantised.
struct Quantised {
    values: Vec<i8>,
    scales: Vec<f32>,
}

/// Whether this processor has the instructions.
pub(super) fn supported() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

fn has_dot_product() -> bool {
    is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512vl")
}

impl Int8Matrix {
    /// Quantises row by row; `columns` must be a multiple of [`BLOCK`].
    pub(super) fn quantise(weights: &[f32], columns: usize) -> Self {
        let Quantised { values, scales } = quantise(weights);
        Self { rows: weights.len() / columns, columns, values, scales }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Appends row `row` as it was before quantising, as near as may be.
    pub(super) fn read_row(&self, row: usize, out: &mut Vec<f32>) {
        let range = row * self.columns..(row + 1) * self.columns;
        let scales = &self.scales[row * self.columns / BLOCK..];
        for (block, scale) in self.values[range].chunks(BLOCK).zip(scales) {
            out.extend(block.iter().map(|value| f32::from(*value) * scale));
        }
    }

    /// `input` [m, columns] times the transposed matrix: [m, rows].
    pub(super) fn product(&self, input: &[f32]) -> Vec<f32> {
        let m = input.len() / self.columns;
        let input = quantise(input);
        let mut out = vec![0f32; m * self.rows];
        let threads = rayon::current_num_threads();
        let work = m * self.rows * self.columns;
        let pieces = if work < WORTH_SHARING { 1 } else { threads * if m == 1 { 1 } else { 4 } };
        let piece = self.rows.div_ceil(pieces).next_multiple_of(4);
        let target = Target { out: out.as_mut_ptr(), width: self.rows };
        let fast = has_dot_product();
        let run = |first: usize| {
            let last = (first + piece).min(self.rows);
            // SAFETY: `supported` was asked before a matrix was made, `has_dot_product` just now; each piece writes the
            // columns from `first` to `last` of the output alone, and `out` outlives the loop.
            #[allow(unsafe_code)]
            unsafe {
                if fast {
                    self.piece_vnni(&input, m, first..last, &target);
                } else {
                    self.piece_avx2(&input, m, first..last, &target);
                }
            }
        };
        if pieces == 1 {
            run(0);
        } else {
            (0..self.rows.div_ceil(piece)).into_par_iter().for_each(|number| run(number * piece));
        }
        out
    }
}

/// Where the pieces write.
struct Target {
    out: *mut f32,
    width: usize,
}

// SAFETY: pieces write to places that differ.
#[allow(unsafe_code)]
unsafe impl Sync for Target {}

/// The same loop for two sets of instructions; `$dot` multiplies 32 pairs and adds them up to 8 sums.
macro_rules! piece {
    ($name:ident, $features:literal, $dot:expr) => {
        #[allow(unsafe_code)]
        #[target_feature(enable = $features)]
        unsafe fn $name(&self, input: &Quantised, m: usize, rows: std::ops::Range<usize>, target: &Target) {
            let blocks = self.columns / BLOCK;
            let mut tile = 0;
            while tile < m {
                let height = TILE.min(m - tile);
                for row in rows.clone() {
                    let mut sums = [_mm256_setzero_ps(); TILE];
                    for block in 0..blocks {
                        // SAFETY: `row` is a row of the weights and `tile + line` one of the input; both hold `blocks`
                        // blocks of 32 values with a scale each.
                        unsafe {
                            let at = row * blocks + block;
                            let weights = _mm256_loadu_si256(self.values.as_ptr().add(at * BLOCK).cast());
                            let scale = _mm256_broadcast_ss(&*self.scales.as_ptr().add(at));
                            let absolute = _mm256_abs_epi8(weights);
                            for line in 0..height {
                                let at = (tile + line) * blocks + block;
                                let values = _mm256_loadu_si256(input.values.as_ptr().add(at * BLOCK).cast());
                                let scales = _mm256_broadcast_ss(&*input.scales.as_ptr().add(at));
                                let signed = _mm256_sign_epi8(values, weights);
                                let dot = _mm256_cvtepi32_ps($dot(absolute, signed));
                                sums[line] = _mm256_fmadd_ps(dot, _mm256_mul_ps(scale, scales), sums[line]);
                            }
                        }
                    }
                    for line in 0..height {
                        // SAFETY: the output has `m` lines of `width` values, and this piece has these columns for itself.
                        unsafe { *target.out.add((tile + line) * target.width + row) = sum(sums[line]) };
                    }
                }
                tile += height;
            }
        }
    };
}

#[allow(unsafe_code)]
impl Int8Matrix {
    // Products of two pairs of values from -127 to 127 fit into 16 bits.
    piece!(piece_avx2, "avx2,fma", |absolute, signed| _mm256_madd_epi16(
        _mm256_maddubs_epi16(absolute, signed),
        _mm256_set1_epi16(1)
    ));
    piece!(piece_vnni, "avx2,fma,avx512vnni,avx512vl", |absolute, signed| _mm256_dpbusd_epi32(
        _mm256_setzero_si256(),
        absolute,
        signed
    ));
}

#[target_feature(enable = "avx2,fma")]
fn sum(values: __m256) -> f32 {
    let four = _mm_add_ps(_mm256_extractf128_ps(values, 1), _mm256_castps256_ps128(values));
    let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
}

fn quantise(values: &[f32]) -> Quantised {
    let mut out = Quantised { values: vec![0; values.len()], scales: vec![0.0; values.len() / BLOCK] };
    let blocks = values.chunks_exact(BLOCK).zip(out.values.chunks_exact_mut(BLOCK)).zip(&mut out.scales);
    for ((block, quantised), scale) in blocks {
        let largest = block.iter().fold(0f32, |largest, value| largest.max(value.abs()));
        *scale = largest / 127.0;
        let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
        for (value, quantised) in block.iter().zip(quantised) {
            *quantised = (value * inverse).round_ties_even() as i8;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn products_are_near_those_in_floating_point_and_independent_of_the_number_of_lines(
            m in 1usize..7, rows in 1usize..40, blocks in 1usize..5, seed in any::<u32>()
        ) {
            prop_assume!(supported());
            let mut state = seed;
            let mut random = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            };
            let columns = blocks * BLOCK;
            let weights: Vec<f32> = (0..rows * columns).map(|_| random()).collect();
            let input: Vec<f32> = (0..m * columns).map(|_| random()).collect();
            let matrix = Int8Matrix::quantise(&weights, columns);
            let product = matrix.product(&input);
            for line in 0..m {
                let values = &input[line * columns..(line + 1) * columns];
                prop_assert_eq!(&matrix.product(values)[..], &product[line * rows..(line + 1) * rows]);
                for row in 0..rows {
                    let exact: f32 = values.iter().zip(&weights[row * columns..]).map(|(a, b)| a * b).sum();
                    let error = (product[line * rows + row] - exact).abs();
                    prop_assert!(error < 0.02 * (columns as f32).sqrt(), "{error} of {exact}");
                }
            }
        }
    }

    #[test]
    fn the_largest_values_do_not_overflow() {
        if supported() {
            let matrix = Int8Matrix::quantise(&[-1.0; 64], 64);
            assert!((matrix.product(&[1.0; 64])[0] + 64.0).abs() < 1e-3);
            let mut row = Vec::new();
            matrix.read_row(0, &mut row);
            assert_eq!(row, [-1.0; 64]);
        }
    }
}
