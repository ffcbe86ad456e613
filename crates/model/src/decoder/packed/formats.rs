//! How a block of each format gets into registers, and how its products are weighed; [`Kind`] tells how it lies in memory.

use std::arch::x86_64::*;

use super::activations::Side;
use super::dot::Dot;
use super::layout::Kind;

/// A format of weights: how a block of 32 columns gets into registers, and how its products are weighed.
#[allow(unsafe_code)]
pub(super) trait Format {
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

pub(super) struct FourK;

pub(super) struct FourBlock {
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

pub(super) struct Five;

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

pub(super) struct SixK;

pub(super) struct SixBlock {
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

pub(super) struct Eight;

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
