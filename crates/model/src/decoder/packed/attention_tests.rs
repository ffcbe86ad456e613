#![allow(clippy::unwrap_used)]

use super::*;
use crate::decoder::packed::kernel::supported;

fn random(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(next).collect()
}

/// What attention is, word by word.
fn plainly(query: &[f32], keys: &[f32], values: &[f32]) -> Vec<f32> {
    let width = query.len();
    let products: Vec<f32> =
        keys.chunks(width).map(|key| key.iter().zip(query).map(|(a, b)| a * b).sum::<f32>().exp()).collect();
    let total: f32 = products.iter().sum();
    let column = |column: usize| {
        products.iter().zip(values.chunks(width)).map(|(product, value)| product * value[column]).sum::<f32>() / total
    };
    (0..width).map(column).collect()
}

#[test]
fn heads_see_what_they_may_and_the_same_wherever_the_branch_begins() {
    if !supported() {
        return;
    }
    let (heads, kv_heads, tokens) = (6, 2, 21);
    for width in [64, 80, 128] {
        let shape = Shape { heads, kv_heads, width, room: 32 };
        let (keys, values) = (random(kv_heads * 32 * width, 1), random(kv_heads * 32 * width, 2));
        let queries = random(2 * heads * width, 3);
        let head = |of: &[f32], head: usize, range: std::ops::Range<usize>| {
            of[(head * 32 + range.start) * width..(head * 32 + range.end) * width].to_vec()
        };
        let trunk = Trunk { keys: keys.clone(), values: values.clone() };
        let mut seen_before = None;
        for cut in [0, 5, 8, 20] {
            let branch = |of: &[f32]| (0..kv_heads).map(|kv| head(of, kv, cut..tokens)).collect::<Vec<_>>();
            let (branch_keys, branch_values) = (branch(&keys), branch(&values));
            // The first line sees all but the last token.
            let sight = |last: usize| Sight { trunk: cut, branch: Some((&branch_keys, &branch_values, last - cut)) };
            let mut out = vec![0f32; 2 * heads * width];
            attend(shape, &queries, heads * width, &trunk, &[sight(tokens - 1), sight(tokens)], &mut out);
            for (place, (query, found)) in queries.chunks(width).zip(out.chunks(width)).enumerate() {
                let (line, kv) = (place / heads, place % heads / 3);
                let seen = 0..tokens - 1 + line;
                let expected = plainly(query, &head(&keys, kv, seen.clone()), &head(&values, kv, seen));
                for (found, expected) in found.iter().zip(&expected) {
                    assert!((found - expected).abs() < 1e-5, "{found} {expected}");
                }
            }
            assert_eq!(*seen_before.get_or_insert_with(|| out.clone()), out);
        }
    }
}
