//! Products of eight rows of weights with any number of lines of activations.
//!
//! Everything is inlined into functions that are compiled for one set of instructions each. All sums of a line are made in
//! the same order however many lines there are, and exactly within a block, so its result has the same bits.

use std::arch::x86_64::*;
use std::ops::Range;

use super::activations::{Activations, BLOCK, Side};
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

/// A format of weights: how a block of 32 columns gets into registers, and how its products are weighed.
#[allow(unsafe_code)]
trait Format {
    const KIND: Kind;
    /// What a unit's blocks share.
    type Scales;
    type Block;
    unsafe fn scales(at: *const u8) -> Self::Scales;
    unsafe fn block(at: *const u8, number: usize, scales: &Self::Scales) -> Self::Block;
    /// `sum` and the products with a line's 32 values.
    unsafe fn add<D: Dot>(
        scales: &Self::Scales,
        block: &Self::Block,
        values: *const i8,
        side: &Side,
        sum: __m256,
    ) -> __m256;
}

/// Sums of products of eight vectors, each of four columns of eight rows, with 32 values; exact.
#[allow(unsafe_code)]
trait Dot {
    /// Weights from 0 to 15, multiplied with `scale`: each row's, twice in 16 bits.
    unsafe fn four(weights: &[__m256i; 8], values: *const i8, scale: __m256i) -> __m256i;
    /// Weights from 0 to 31.
    unsafe fn five(weights: &[__m256i; 8], values: *const i8) -> __m256i;
    /// Weights from 0 to 63, each half multiplied with a scale.
    unsafe fn six(weights: &[__m256i; 8], values: *const i8, scales: &[__m256i; 2]) -> __m256i;
    /// Weights and values from -127 to 127.
    unsafe fn eight(weights: &[__m256i; 8], sizes: &[__m256i; 8], values: *const i8) -> __m256i;
}

struct Avx2;
struct Vnni;

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
            for (vector, weights) in weights.iter().enumerate().skip(1) {
                sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(*weights, four_of(values, vector)));
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

#[inline(always)]
#[allow(unsafe_code)]
unsafe fn vector(at: *const u8, offset: usize) -> __m256i {
    unsafe { _mm256_loadu_si256(at.add(offset).cast()) }
}

/// Eight numbers of half precision.
#[inline(always)]
#[allow(unsafe_code)]
unsafe fn halves(at: *const u8, offset: usize) -> __m256 {
    unsafe { _mm256_cvtph_ps(_mm_loadu_si128(at.add(offset).cast())) }
}

/// 32 columns of eight rows out of 4 × 32 bytes of nibbles.
#[inline(always)]
#[allow(unsafe_code)]
unsafe fn nibbles(at: *const u8) -> [__m256i; 8] {
    unsafe {
        let low = _mm256_set1_epi8(15);
        let mut weights = [_mm256_setzero_si256(); 8];
        for pair in 0..4 {
            let both = vector(at, pair * 32);
            weights[pair] = _mm256_and_si256(both, low);
            weights[pair + 4] = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
        }
        weights
    }
}

struct FourK;

struct FourBlock {
    weights: [__m256i; 8],
    scale: __m256i,
    minimum: __m256,
}

#[allow(unsafe_code)]
impl Format for FourK {
    const KIND: Kind = Kind::FourK;
    /// Of the scales, and of the minima.
    type Scales = [__m256; 2];
    type Block = FourBlock;

    #[inline(always)]
    unsafe fn scales(at: *const u8) -> Self::Scales {
        unsafe { [halves(at, 1152), halves(at, 1168)] }
    }

    #[inline(always)]
    unsafe fn block(at: *const u8, number: usize, scales: &Self::Scales) -> FourBlock {
        unsafe {
            let bytes = |offset: usize| _mm256_cvtepu8_epi32(_mm_loadl_epi64(at.add(offset + 8 * number).cast()));
            let scale = bytes(1024);
            FourBlock {
                weights: nibbles(at.add(128 * number)),
                scale: _mm256_or_si256(scale, _mm256_slli_epi32(scale, 16)),
                minimum: _mm256_mul_ps(_mm256_cvtepi32_ps(bytes(1088)), scales[1]),
            }
        }
    }

    #[inline(always)]
    unsafe fn add<D: Dot>(
        scales: &Self::Scales,
        block: &FourBlock,
        values: *const i8,
        side: &Side,
        sum: __m256,
    ) -> __m256 {
        unsafe {
            let dot = _mm256_cvtepi32_ps(D::four(&block.weights, values, block.scale));
            let sum = _mm256_fmadd_ps(_mm256_mul_ps(dot, _mm256_set1_ps(side.scale)), scales[0], sum);
            _mm256_fnmadd_ps(block.minimum, _mm256_set1_ps(side.sum), sum)
        }
    }
}

struct Five;

#[allow(unsafe_code)]
impl Format for Five {
    const KIND: Kind = Kind::Five;
    type Scales = __m256;
    type Block = [__m256i; 8];

    #[inline(always)]
    unsafe fn scales(at: *const u8) -> __m256 {
        unsafe { halves(at, 160) }
    }

    #[inline(always)]
    unsafe fn block(at: *const u8, _: usize, _: &__m256) -> [__m256i; 8] {
        unsafe {
            let (mut weights, fifth) = (nibbles(at), vector(at, 128));
            let shifted = [
                _mm256_slli_epi16(fifth, 4),
                _mm256_slli_epi16(fifth, 3),
                _mm256_slli_epi16(fifth, 2),
                _mm256_slli_epi16(fifth, 1),
                fifth,
                _mm256_srli_epi16(fifth, 1),
                _mm256_srli_epi16(fifth, 2),
                _mm256_srli_epi16(fifth, 3),
            ];
            for (weights, shifted) in weights.iter_mut().zip(shifted) {
                *weights = _mm256_or_si256(*weights, _mm256_and_si256(shifted, _mm256_set1_epi8(16)));
            }
            weights
        }
    }

    #[inline(always)]
    unsafe fn add<D: Dot>(
        scale: &__m256,
        weights: &[__m256i; 8],
        values: *const i8,
        side: &Side,
        sum: __m256,
    ) -> __m256 {
        unsafe {
            // Weights are stored 16 too large.
            let dot = _mm256_sub_epi32(D::five(weights, values), _mm256_set1_epi32(side.sixteenfold));
            let dot = _mm256_mul_ps(_mm256_cvtepi32_ps(dot), _mm256_set1_ps(side.scale));
            _mm256_fmadd_ps(dot, *scale, sum)
        }
    }
}

struct SixK;

struct SixBlock {
    weights: [__m256i; 8],
    /// Of each half, for each row twice in 16 bits.
    scales: [__m256i; 2],
    /// Both, in 16 bits each.
    pair: __m256i,
}

#[allow(unsafe_code)]
impl Format for SixK {
    const KIND: Kind = Kind::SixK;
    type Scales = __m256;
    type Block = SixBlock;

    #[inline(always)]
    unsafe fn scales(at: *const u8) -> __m256 {
        unsafe { halves(at, 1664) }
    }

    #[inline(always)]
    unsafe fn block(at: *const u8, number: usize, _: &__m256) -> SixBlock {
        unsafe {
            let part = at.add(192 * number);
            let mut weights = nibbles(part);
            for half in 0..2 {
                let upper = vector(part, 128 + 32 * half);
                let shifted =
                    [_mm256_slli_epi16(upper, 4), _mm256_slli_epi16(upper, 2), upper, _mm256_srli_epi16(upper, 2)];
                for (weights, shifted) in weights[4 * half..].iter_mut().zip(shifted) {
                    *weights = _mm256_or_si256(*weights, _mm256_and_si256(shifted, _mm256_set1_epi8(0x30)));
                }
            }
            let scale =
                |half: usize| _mm256_cvtepi8_epi32(_mm_loadl_epi64(at.add(1536 + 16 * number + 8 * half).cast()));
            let twice = |low: __m256i, high: __m256i| _mm256_blend_epi16(low, _mm256_slli_epi32(high, 16), 0b1010_1010);
            let (first, second) = (scale(0), scale(1));
            let scales = [twice(first, first), twice(second, second)];
            SixBlock { weights, scales, pair: twice(first, second) }
        }
    }

    #[inline(always)]
    unsafe fn add<D: Dot>(scale: &__m256, block: &SixBlock, values: *const i8, side: &Side, sum: __m256) -> __m256 {
        unsafe {
            // Weights are stored 32 too large.
            let halves = _mm256_set1_epi32(side.halves.as_ptr().cast::<i32>().read_unaligned());
            let excess = _mm256_slli_epi32(_mm256_madd_epi16(block.pair, halves), 5);
            let dot = _mm256_sub_epi32(D::six(&block.weights, values, &block.scales), excess);
            let dot = _mm256_mul_ps(_mm256_cvtepi32_ps(dot), _mm256_set1_ps(side.scale));
            _mm256_fmadd_ps(dot, *scale, sum)
        }
    }
}

struct Eight;

#[allow(unsafe_code)]
impl Format for Eight {
    const KIND: Kind = Kind::Eight;
    type Scales = __m256;
    /// The weights, and without their signs.
    type Block = [[__m256i; 8]; 2];

    #[inline(always)]
    unsafe fn scales(at: *const u8) -> __m256 {
        unsafe { halves(at, 256) }
    }

    #[inline(always)]
    unsafe fn block(at: *const u8, _: usize, _: &__m256) -> Self::Block {
        unsafe {
            let (mut weights, mut sizes) = ([_mm256_setzero_si256(); 8], [_mm256_setzero_si256(); 8]);
            for place in 0..8 {
                weights[place] = vector(at, 32 * place);
                sizes[place] = _mm256_abs_epi8(weights[place]);
            }
            [weights, sizes]
        }
    }

    #[inline(always)]
    unsafe fn add<D: Dot>(
        scale: &__m256,
        [weights, sizes]: &Self::Block,
        values: *const i8,
        side: &Side,
        sum: __m256,
    ) -> __m256 {
        unsafe {
            let dot = _mm256_cvtepi32_ps(D::eight(weights, sizes, values));
            _mm256_fmadd_ps(_mm256_mul_ps(dot, _mm256_set1_ps(side.scale)), *scale, sum)
        }
    }
}

#[cfg(test)]
#[path = "kernel_tests.rs"]
mod tests;
