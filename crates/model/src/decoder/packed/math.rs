//! Functions of eight values at once.

use std::arch::x86_64::*;

use super::kernel;

/// exp, to about seven digits; source of the coefficients: the Cephes library's expf.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn exp(x: __m256) -> __m256 {
    let x = _mm256_max_ps(_mm256_min_ps(x, _mm256_set1_ps(88.0)), _mm256_set1_ps(-87.0));
    let n = _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(_mm256_mul_ps(
        x,
        _mm256_set1_ps(std::f32::consts::LOG2_E),
    ));
    // The logarithm of 2 in two parts, so that nothing is lost.
    let x = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693_359_4), x);
    let x = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.121_944_4e-4), x);
    let mut series = _mm256_set1_ps(1.987_569_1e-4);
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        series = _mm256_fmadd_ps(series, x, _mm256_set1_ps(coefficient));
    }
    let value = _mm256_add_ps(_mm256_fmadd_ps(series, _mm256_mul_ps(x, x), x), _mm256_set1_ps(1.0));
    let power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    _mm256_mul_ps(value, _mm256_castsi256_ps(power))
}

/// x / (1 + exp(-x))
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn silu(x: __m256) -> __m256 {
    let minus = _mm256_sub_ps(_mm256_setzero_ps(), x);
    _mm256_div_ps(x, _mm256_add_ps(_mm256_set1_ps(1.0), exp(minus)))
}

/// All eight together.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn sum(values: __m256) -> f32 {
    let four = _mm_add_ps(_mm256_extractf128_ps(values, 1), _mm256_castps256_ps128(values));
    let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
}

/// The nearest number of half precision.
pub(super) fn to_half(value: f32) -> u16 {
    assert!(kernel::supported());
    #[target_feature(enable = "f16c")]
    fn convert(value: f32) -> u16 {
        _mm_extract_epi16::<0>(_mm_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(_mm_set_ss(value))) as u16
    }
    // SAFETY: just made sure of.
    #[allow(unsafe_code)]
    unsafe {
        convert(value)
    }
}

/// Back again.
pub(super) fn from_half(half: u16) -> f32 {
    assert!(kernel::supported());
    #[target_feature(enable = "f16c")]
    fn convert(half: u16) -> f32 {
        _mm_cvtss_f32(_mm_cvtph_ps(_mm_set1_epi16(half as i16)))
    }
    // SAFETY: just made sure of.
    #[allow(unsafe_code)]
    unsafe {
        convert(half)
    }
}

/// `x` divided by its root mean square, times `weights`, for each line.
pub(super) fn rms_norm(x: &[f32], weights: &[f32], epsilon: f32, out: &mut [f32]) {
    for (x, out) in x.chunks_exact(weights.len()).zip(out.chunks_exact_mut(weights.len())) {
        let mut squares = [0f32; 16];
        let (lanes, rest) = x.as_chunks::<16>();
        for lanes in lanes {
            for (square, value) in squares.iter_mut().zip(lanes) {
                *square += value * value;
            }
        }
        let sum: f32 = squares.iter().sum::<f32>() + rest.iter().map(|value| value * value).sum::<f32>();
        let factor = 1.0 / (sum / weights.len() as f32 + epsilon).sqrt();
        for ((out, x), weight) in out.iter_mut().zip(x).zip(weights) {
            *out = x * factor * weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_keep_six_digits() {
        if !kernel::supported() {
            return;
        }
        for step in -800..800 {
            let x = step as f32 * 0.1;
            // SAFETY: just asked.
            #[allow(unsafe_code)]
            let (found, silu) =
                unsafe { (_mm256_cvtss_f32(exp(_mm256_set1_ps(x))), _mm256_cvtss_f32(silu(_mm256_set1_ps(x)))) };
            let exact = f64::from(x).exp();
            assert!((f64::from(found) / exact - 1.0).abs() < 1e-6, "exp({x}) is not {found}");
            let exact = f64::from(x) / (1.0 + (-f64::from(x)).exp());
            assert!((f64::from(silu) - exact).abs() <= 1e-6 * exact.abs() + 1e-30, "silu({x}) is not {silu}");
        }
    }

    #[test]
    fn halves_come_back_as_they_were() {
        if kernel::supported() {
            for value in [0.0, 1.0, -0.5, 1.0 / 3.0, 6.1e-5, 65504.0] {
                assert!((from_half(to_half(value)) - value).abs() <= value.abs() / 2048.0);
            }
        }
    }
}
