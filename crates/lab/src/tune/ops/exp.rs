//! The exponential function in a form that compilers turn into vector instructions, and functions that are compiled
//! once for every processor and once for those with AVX2.

/// Below this, e^x is taken for 0 (it is less than 1e-37).
const LOWEST: f32 = -87.0;

/// e^x for x ≤ 88, with a relative error below 2e-7; 0 for x below -87.
///
/// Source: Cephes' `expf` (range reduction to 2^n · e^r and a polynomial of degree 5).
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let clamped = if x < LOWEST { LOWEST } else { x };
    // Adding 1.5 · 2^23 rounds to a whole number, which then stands in the lowest bits: no conversion (which would have to
    // mind numbers that are too large) and no call of `round`.
    const MAGIC: f32 = 12_582_912.0;
    let shifted = clamped * std::f32::consts::LOG2_E + MAGIC;
    let n = shifted - MAGIC;
    let r = (clamped - n * 0.693_359_4) - n * -2.121_944_4e-4;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let e = p * (r * r) + r + 1.0;
    let power = f32::from_bits(shifted.to_bits().wrapping_sub(MAGIC.to_bits()).wrapping_add(127) << 23);
    if x < LOWEST { 0.0 } else { e * power }
}

/// Calls a function of slices and numbers, whose body must be `#[inline(always)]`, in the version for this processor.
macro_rules! dispatch {
    ($body:ident ( $($name:ident : $kind:ty = $value:expr),* $(,)? )) => {
        $crate::tune::ops::exp::dispatch!($body($($name: $kind = $value),*) -> ())
    };
    ($body:ident ( $($name:ident : $kind:ty = $value:expr),* $(,)? ) -> $result:ty) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn fast($($name: $kind),*) -> $result {
            $body($($name),*)
        }
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                // SAFETY: the processor has the instructions.
                #[allow(unsafe_code)]
                unsafe {
                    fast($($value),*)
                }
            } else {
                $body($($value),*)
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        $body($($value),*)
    }};
}
pub(crate) use dispatch;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_exponential_function() {
        for step in -8700..8800 {
            let x = step as f32 * 0.01;
            let wanted = f64::from(x).exp();
            assert!((f64::from(exp(x)) - wanted).abs() <= 2.5e-7 * wanted, "{x}: {} instead of {wanted}", exp(x));
        }
        assert_eq!((exp(-90.0), exp(f32::NEG_INFINITY), exp(0.0)), (0.0, 0.0, 1.0));
        assert!(exp(f32::NAN).is_nan());
    }
}
