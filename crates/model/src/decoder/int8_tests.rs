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
