//! Matrix product with eight-bit weights on x86-64: weights and activations in blocks of 64 values that share a scale,
//! much as in GGML's Q8_0, but with half as many scales, which need no conversion.
//!
//! Four rows of weights lie interleaved, block by block, so that the processor reads memory straight on.
//!
//! A row's result does not depend on how many rows are computed at once, so a text gives the same bits however it is cut.

use std::arch::x86_64::*;

use rayon::prelude::*;

/// Values that share a scale.
pub(super) const BLOCK: usize = 64;
/// Fewer multiplications than this are not worth a second thread.
const WORTH_SHARING: usize = 1 << 16;

/// Rows of weights that lie interleaved.
const ROWS: usize = 4;

/// [rows, columns] of weights.
pub(super) struct Int8Matrix {
    rows: usize,
    columns: usize,
    /// [rows / 4, columns / 64, 4, 64], filled up with rows of zeros.
    values: Vec<i8>,
    /// [rows / 4, columns / 64, 4]
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
        let plain = quantise(weights);
        let (rows, blocks) = (weights.len() / columns, columns / BLOCK);
        let filled = rows.next_multiple_of(ROWS);
        let mut matrix = Self { rows, columns, values: vec![0; filled * columns], scales: vec![0.0; filled * blocks] };
        for row in 0..rows {
            for block in 0..blocks {
                let (from, to) = (row * blocks + block, matrix.place(row, block));
                matrix.scales[to] = plain.scales[from];
                let values = &plain.values[from * BLOCK..(from + 1) * BLOCK];
                matrix.values[to * BLOCK..(to + 1) * BLOCK].copy_from_slice(values);
            }
        }
        matrix
    }

    /// Where a block of a row lies, in blocks.
    fn place(&self, row: usize, block: usize) -> usize {
        (row / ROWS * (self.columns / BLOCK) + block) * ROWS + row % ROWS
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Row `row` as it was before quantising, as near as may be.
    pub(super) fn read_row(&self, row: usize, out: &mut [f32]) {
        for (block, out) in out.chunks_exact_mut(BLOCK).enumerate() {
            let place = self.place(row, block);
            let scale = self.scales[place];
            for (out, value) in out.iter_mut().zip(&self.values[place * BLOCK..(place + 1) * BLOCK]) {
                *out = f32::from(*value) * scale;
            }
        }
    }

    /// All rows as they were before quantising, as near as may be: [rows, columns].
    pub(super) fn read(&self) -> Vec<f32> {
        let mut out = vec![0f32; self.rows * self.columns];
        out.par_chunks_exact_mut(self.columns).enumerate().for_each(|(row, out)| self.read_row(row, out));
        out
    }

    /// `input` [m, columns] times the transposed matrix: [m, rows].
    pub(super) fn product(&self, input: &[f32]) -> Vec<f32> {
        let m = input.len() / self.columns;
        let input = quantise(input);
        let mut out = vec![0f32; m * self.rows];
        let work = m * self.rows * self.columns;
        let pieces = if work < WORTH_SHARING { 1 } else { rayon::current_num_threads() * m.min(4) };
        let piece = self.rows.div_ceil(pieces).next_multiple_of(ROWS);
        let target = Target { out: out.as_mut_ptr(), width: self.rows };
        let fast = has_dot_product();
        let run = |first: usize| {
            let rows = first..(first + piece).min(self.rows);
            // SAFETY: `supported` was asked before a matrix was made, `has_dot_product` just now; each piece writes the
            // columns `rows` of the output alone, and `out` outlives the loop.
            #[allow(unsafe_code)]
            unsafe {
                if fast {
                    self.piece_vnni(&input, m, rows, &target);
                } else {
                    self.piece_avx2(&input, m, rows, &target);
                }
            }
        };
        if pieces == 1 {
            run(0);
        } else {
            (0..self.rows.div_ceil(piece)).into_par_iter().with_max_len(1).for_each(|number| run(number * piece));
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

/// The same loops for two sets of instructions; `$dot` adds 32 products up to 8 sums.
macro_rules! piece {
    ($name:ident, $tile:ident, $features:literal, $dot:ident) => {
        #[target_feature(enable = $features)]
        unsafe fn $name(&self, input: &Quantised, m: usize, rows: std::ops::Range<usize>, target: &Target) {
            let tiles = m / 2 * 2;
            // SAFETY: tiles stay within the filled rows and within the `m` lines.
            unsafe {
                for row in rows.step_by(ROWS) {
                    for line in (0..tiles).step_by(2) {
                        self.$tile::<2>(input, row, line, target);
                    }
                    if tiles < m {
                        self.$tile::<1>(input, row, tiles, target);
                    }
                }
            }
        }

        /// Four rows of weights times `L` lines of input, all sums in registers.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn $tile<const L: usize>(&self, input: &Quantised, row: usize, line: usize, target: &Target) {
            let blocks = self.columns / BLOCK;
            let mut sums = [[_mm256_setzero_ps(); L]; ROWS];
            // SAFETY: `row` is the first of four interleaved rows and `line + l` a line of the input; all hold `blocks`
            // blocks of 64 values with a scale each.
            unsafe {
                let mut weights = self.values.as_ptr().add(row * self.columns);
                let mut scales = self.scales.as_ptr().add(row * blocks);
                let mut values = input.values.as_ptr().add(line * self.columns);
                let mut value_scales = input.scales.as_ptr().add(line * blocks);
                for _ in 0..blocks {
                    for r in 0..ROWS {
                        let first = _mm256_loadu_si256(weights.add(r * BLOCK).cast());
                        let second = _mm256_loadu_si256(weights.add(r * BLOCK + 32).cast());
                        let scale = _mm256_broadcast_ss(&*scales.add(r));
                        for l in 0..L {
                            let values = values.add(l * self.columns);
                            let dot = $dot(_mm256_setzero_si256(), first, _mm256_loadu_si256(values.cast()));
                            let dot = $dot(dot, second, _mm256_loadu_si256(values.add(32).cast()));
                            let dot = _mm256_cvtepi32_ps(dot);
                            let scale = _mm256_mul_ps(scale, _mm256_broadcast_ss(&*value_scales.add(l * blocks)));
                            sums[r][l] = _mm256_fmadd_ps(dot, scale, sums[r][l]);
                        }
                    }
                    weights = weights.add(ROWS * BLOCK);
                    scales = scales.add(ROWS);
                    values = values.add(BLOCK);
                    value_scales = value_scales.add(1);
                }
            }
            for (r, sums) in sums.iter().enumerate().take(self.rows - row) {
                for (l, sums) in sums.iter().enumerate() {
                    // SAFETY: the output has a place for each row at each line, and this tile has these for itself.
                    unsafe { *target.out.add((line + l) * target.width + row + r) = sum(*sums) };
                }
            }
        }
    };
}

#[allow(unsafe_code)]
impl Int8Matrix {
    piece!(piece_avx2, tile_avx2, "avx2,fma", dot_avx2);
    piece!(piece_vnni, tile_vnni, "avx2,fma,avx512vnni,avx512vl", dot_vnni);
}

/// Adds 32 products up to 8 sums. Products of two pairs of values from -127 to 127 fit into 16 bits.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn dot_avx2(sums: __m256i, weights: __m256i, values: __m256i) -> __m256i {
    let signed = _mm256_sign_epi8(values, weights);
    let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(weights), signed);
    _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}

/// The same in fewer instructions.
#[inline]
#[target_feature(enable = "avx2,fma,avx512vnni,avx512vl")]
fn dot_vnni(sums: __m256i, weights: __m256i, values: __m256i) -> __m256i {
    let signed = _mm256_sign_epi8(values, weights);
    _mm256_dpbusd_epi32(sums, _mm256_abs_epi8(weights), signed)
}

#[target_feature(enable = "avx2,fma")]
fn sum(values: __m256) -> f32 {
    let four = _mm_add_ps(_mm256_extractf128_ps(values, 1), _mm256_castps256_ps128(values));
    let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
}

fn quantise(values: &[f32]) -> Quantised {
    let mut out = Quantised { values: vec![0; values.len()], scales: vec![0.0; values.len() / BLOCK] };
    // SAFETY: `supported` was asked before a matrix was made.
    #[allow(unsafe_code)]
    unsafe {
        quantise_blocks(values, &mut out);
    }
    out
}

/// Plain code, compiled for instructions that round eight values at once.
#[target_feature(enable = "avx2,fma")]
fn quantise_blocks(values: &[f32], out: &mut Quantised) {
    let blocks = values.chunks_exact(BLOCK).zip(out.values.chunks_exact_mut(BLOCK)).zip(&mut out.scales);
    for ((block, quantised), scale) in blocks {
        let mut largest = [0f32; 8];
        for eight in block.chunks_exact(8) {
            for (largest, value) in largest.iter_mut().zip(eight) {
                *largest = largest.max(value.abs());
            }
        }
        let largest = largest.into_iter().fold(0f32, f32::max);
        *scale = largest / 127.0;
        let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
        for (value, quantised) in block.iter().zip(quantised) {
            *quantised = (value * inverse).round_ties_even().clamp(-127.0, 127.0) as i32 as i8;
        }
    }
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
            let matrix = Int8Matrix::quantise(&[-1.0; 128], 128);
            assert!((matrix.product(&[1.0; 128])[0] + 128.0).abs() < 1e-3);
            assert_eq!(matrix.read(), [-1.0; 128]);
        }
    }
}
