//! Exact sums of products of bytes, for two sets of instructions.

use std::arch::x86_64::*;

/// Sums of products of eight vectors, each of four columns of eight rows, with 32 values; exact.
#[allow(unsafe_code)]
pub(super) trait Dot {
    /// Weights from 0 to 15, multiplied with `scale`: each row's, twice in 16 bits.
    unsafe fn four(weights: &[__m256i; 8], values: *const i8, scale: __m256i) -> __m256i;
    /// Weights from 0 to 31.
    unsafe fn five(weights: &[__m256i; 8], values: *const i8) -> __m256i;
    /// Weights from 0 to 63, each half multiplied with a scale.
    unsafe fn six(weights: &[__m256i; 8], values: *const i8, scales: &[__m256i; 2]) -> __m256i;
    /// Weights and values from -127 to 127.
    unsafe fn eight(weights: &[__m256i; 8], sizes: &[__m256i; 8], values: *const i8) -> __m256i;
}

/// What all have.
pub(super) struct Avx2;
/// Of later processors: a product of bytes in one instruction.
pub(super) struct Vnni;

/// Four values, for each of eight rows.
#[inline(always)]
#[allow(unsafe_code)]
unsafe fn four_of(values: *const i8, vector: usize) -> __m256i {
    unsafe { _mm256_set1_epi32(values.cast::<i32>().add(vector).read_unaligned()) }
}

#[allow(unsafe_code)]
impl Dot for Avx2 {
    // 16 products of 15 × 127 fit into 16 bits, 8 of 31 × 127, 4 of 63 × 127, 2 of 127 × 127.
    #[inline(always)]
    unsafe fn four(weights: &[__m256i; 8], values: *const i8, scale: __m256i) -> __m256i {
        unsafe {
            let mut sum = _mm256_maddubs_epi16(weights[0], four_of(values, 0));
            // An adapter such as `skip` is not inlined in every build, and costs more than the product then.
            for (before, weights) in weights[1..].iter().enumerate() {
                sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(*weights, four_of(values, before + 1)));
            }
            _mm256_madd_epi16(sum, scale)
        }
    }

    #[inline(always)]
    unsafe fn five(weights: &[__m256i; 8], values: *const i8) -> __m256i {
        unsafe {
            let mut sums = [_mm256_setzero_si256(); 2];
            for (vector, weights) in weights.iter().enumerate() {
                let products = _mm256_maddubs_epi16(*weights, four_of(values, vector));
                sums[vector / 4] = _mm256_add_epi16(sums[vector / 4], products);
            }
            let one = _mm256_set1_epi16(1);
            _mm256_add_epi32(_mm256_madd_epi16(sums[0], one), _mm256_madd_epi16(sums[1], one))
        }
    }

    #[inline(always)]
    unsafe fn six(weights: &[__m256i; 8], values: *const i8, scales: &[__m256i; 2]) -> __m256i {
        unsafe {
            let mut sum = _mm256_setzero_si256();
            for pair in 0..4 {
                let first = _mm256_maddubs_epi16(weights[2 * pair], four_of(values, 2 * pair));
                let second = _mm256_maddubs_epi16(weights[2 * pair + 1], four_of(values, 2 * pair + 1));
                let both = _mm256_add_epi16(first, second);
                sum = _mm256_add_epi32(sum, _mm256_madd_epi16(both, scales[pair / 2]));
            }
            sum
        }
    }

    #[inline(always)]
    unsafe fn eight(weights: &[__m256i; 8], sizes: &[__m256i; 8], values: *const i8) -> __m256i {
        unsafe {
            let one = _mm256_set1_epi16(1);
            let mut sum = _mm256_setzero_si256();
            for vector in 0..8 {
                let signed = _mm256_sign_epi8(four_of(values, vector), weights[vector]);
                let pairs = _mm256_maddubs_epi16(sizes[vector], signed);
                sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, one));
            }
            sum
        }
    }
}

#[allow(unsafe_code)]
impl Dot for Vnni {
    #[inline(always)]
    unsafe fn four(weights: &[__m256i; 8], values: *const i8, scale: __m256i) -> __m256i {
        unsafe { _mm256_mullo_epi32(Self::five(weights, values), _mm256_and_si256(scale, _mm256_set1_epi32(0xffff))) }
    }

    #[inline(always)]
    unsafe fn five(weights: &[__m256i; 8], values: *const i8) -> __m256i {
        unsafe {
            let mut sums = [_mm256_setzero_si256(); 2];
            for (vector, weights) in weights.iter().enumerate() {
                sums[vector / 4] = _mm256_dpbusd_epi32(sums[vector / 4], *weights, four_of(values, vector));
            }
            _mm256_add_epi32(sums[0], sums[1])
        }
    }

    #[inline(always)]
    unsafe fn six(weights: &[__m256i; 8], values: *const i8, scales: &[__m256i; 2]) -> __m256i {
        unsafe {
            let mut sums = [_mm256_setzero_si256(); 2];
            for (vector, weights) in weights.iter().enumerate() {
                sums[vector / 4] = _mm256_dpbusd_epi32(sums[vector / 4], *weights, four_of(values, vector));
            }
            // The scales are signed.
            let scale = |half: usize| _mm256_srai_epi32(scales[half], 16);
            _mm256_add_epi32(_mm256_mullo_epi32(sums[0], scale(0)), _mm256_mullo_epi32(sums[1], scale(1)))
        }
    }

    #[inline(always)]
    unsafe fn eight(weights: &[__m256i; 8], sizes: &[__m256i; 8], values: *const i8) -> __m256i {
        unsafe {
            let mut sums = [_mm256_setzero_si256(); 2];
            for vector in 0..8 {
                let signed = _mm256_sign_epi8(four_of(values, vector), weights[vector]);
                sums[vector / 4] = _mm256_dpbusd_epi32(sums[vector / 4], sizes[vector], signed);
            }
            _mm256_add_epi32(sums[0], sums[1])
        }
    }
}
