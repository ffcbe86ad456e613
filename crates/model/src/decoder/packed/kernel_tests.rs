#![allow(clippy::unwrap_used, unsafe_code)]

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use proptest::prelude::*;

use super::*;
use crate::decoder::packed::layout::{self, ROWS};

/// Each format of a file, and by how much at most a product may differ from that in floating point, in parts of the root
/// of the number of columns: what activations in eight bits cost, and weights where they are requantised.
const FORMATS: [(GgmlDType, f32); 7] = [
    (GgmlDType::Q4K, 0.01),
    (GgmlDType::Q5_0, 0.01),
    (GgmlDType::Q6K, 0.01),
    (GgmlDType::Q8_0, 0.01),
    (GgmlDType::Q4_1, 0.02),
    (GgmlDType::Q5K, 0.02),
    (GgmlDType::F32, 0.02),
];

fn random(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(next).collect()
}

/// Eight rows in memory, and their values in floating point.
fn rows(dtype: GgmlDType, columns: usize, seed: u32) -> (Kind, Vec<u8>, Vec<f32>) {
    let weights = Tensor::from_vec(random(ROWS * columns, seed), (ROWS, columns), &Device::Cpu).unwrap();
    let quantised = QTensor::quantize(&weights, dtype).unwrap();
    let bytes = quantised.data().unwrap().into_owned();
    let tensor = layout::Tensor { dtype, columns, bytes: &bytes };
    let kind = Kind::of(dtype, columns).unwrap();
    let mut packed = vec![0; kind.group_bytes(columns)];
    layout::pack(kind, &tensor, 0, &mut packed).unwrap();
    let values = quantised.dequantize(&Device::Cpu).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    (kind, packed, values)
}

/// [lines, 8]
fn product(kernel: Kernel, kind: Kind, weights: &[u8], input: &[f32], columns: usize, piece: usize) -> Vec<[f32; 8]> {
    let mut quantised = Activations::default();
    let mut sums = vec![[0f32; 8]; input.len() / columns];
    // SAFETY: the tests ask whether the instructions are there.
    unsafe {
        quantised.quantise(input, columns);
        let mut vectors: Vec<__m256> = sums.iter().map(|_| _mm256_setzero_ps()).collect();
        for from in (0..columns).step_by(piece) {
            kernel(kind, weights, &quantised, from..(from + piece).min(columns), &mut vectors);
        }
        for (sum, vector) in sums.iter_mut().zip(vectors) {
            _mm256_storeu_ps(sum.as_mut_ptr(), vector);
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn products_are_near_those_in_floating_point_and_alike_for_each_number_of_lines(
        lines in 1usize..7, units in 1usize..4, seed in any::<u32>()
    ) {
        prop_assume!(supported());
        let columns = 256 * units;
        let input = random(lines * columns, seed ^ 77);
        for (dtype, tolerance) in FORMATS {
            let (kind, weights, values) = rows(dtype, columns, seed);
            let found = product(fastest(), kind, &weights, &input, columns, columns);
            for (line, found) in found.iter().enumerate() {
                let input = &input[line * columns..(line + 1) * columns];
                // One line alone, in pieces of columns, and with the instructions that all have.
                prop_assert_eq!(&product(fastest(), kind, &weights, input, columns, 256)[0], found);
                prop_assert_eq!(&product(avx2, kind, &weights, input, columns, columns)[0], found);
                for (row, found) in found.iter().enumerate() {
                    let exact: f32 = input.iter().zip(&values[row * columns..]).map(|(a, b)| a * b).sum();
                    let error = (found - exact).abs();
                    prop_assert!(error < tolerance * (columns as f32).sqrt(), "{:?}: {} of {}", dtype, error, exact);
                }
            }
        }
    }
}

#[test]
fn the_largest_values_do_not_overflow() {
    if !supported() {
        return;
    }
    // In each format the largest weights there are, beside the largest activations.
    for byte in [0xff, 0x80, 0x7f] {
        for (dtype, size) in
            [(GgmlDType::Q4K, 144), (GgmlDType::Q5_0, 176), (GgmlDType::Q6K, 210), (GgmlDType::Q8_0, 272)]
        {
            let mut bytes = vec![byte; ROWS * size];
            let one = 0x3c00u16.to_le_bytes();
            for unit in bytes.chunks_exact_mut(dtype.type_size()) {
                let at = if dtype == GgmlDType::Q6K { 208 } else { 0 };
                unit[at..at + 2].copy_from_slice(&one);
                if dtype == GgmlDType::Q4K {
                    unit[2..4].copy_from_slice(&one);
                }
                if dtype == GgmlDType::Q8_0 {
                    // -128 is no weight of this format.
                    unit[2..].iter_mut().for_each(|byte| *byte = (*byte).max(0x81));
                }
            }
            let tensor = layout::Tensor { dtype, columns: 256, bytes: &bytes };
            let kind = Kind::of(dtype, 256).unwrap();
            let mut packed = vec![0; kind.group_bytes(256)];
            layout::pack(kind, &tensor, 0, &mut packed).unwrap();
            let values = tensor.read(0..1).unwrap();
            for sign in [1.0, -1.0] {
                let exact: f32 = values.iter().map(|value| value * sign).sum();
                let found = product(avx2, kind, &packed, &[sign; 256], 256, 256)[0];
                assert!(
                    found.iter().all(|found| (found - exact).abs() <= 1e-5 * exact.abs()),
                    "{dtype:?} {byte:x}: {found:?} {exact}"
                );
            }
        }
    }
}
