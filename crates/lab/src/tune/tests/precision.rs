//! What 16 bits change in losses and gradients of a whole network.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::small::{corpus, network_of, settings};
use crate::tune::ops::frozen::Precision;

#[test]
fn gradients_in_16_bits_are_near_those_in_full_precision() {
    let settings = settings("");
    let mut random = StdRng::seed_from_u64(3);
    let trees = corpus(0).trees;
    let of = |precision: Precision, lists: Option<&Vec<Vec<f32>>>| {
        let network = network_of(&settings, precision);
        let start = crate::tune::adapter::start(network.plan(), network.layers(), 1);
        let lists = lists.unwrap_or(&start);
        let fitted = network.fit(lists).unwrap();
        let mut found = (0.0, Vec::new());
        for tree in &trees {
            let loss = fitted.loss(tree, true).unwrap();
            found.0 += loss.to_scalar::<f32>().unwrap();
            let gradients = loss.backward().unwrap();
            for variable in &fitted.variables {
                found.1.extend(gradients.get(variable).unwrap().to_vec1::<f32>().unwrap());
            }
        }
        (found, start)
    };
    let (_, mut lists) = of(Precision::Full, None);
    // LoRA as it starts has half of its gradients zero.
    lists.iter_mut().flatten().for_each(|value| *value += random.random_range(-0.2..0.2));
    let (exact, half) = (of(Precision::Full, Some(&lists)).0, of(Precision::Half, Some(&lists)).0);
    assert!((exact.0 - half.0).abs() < 2e-3 * exact.0, "{} {}", exact.0, half.0);
    assert!(exact.0 != half.0);
    let length = |values: &mut dyn Iterator<Item = f32>| values.map(|value| value * value).sum::<f32>().sqrt();
    let far = length(&mut exact.1.iter().zip(&half.1).map(|(exact, half)| exact - half));
    let all = length(&mut exact.1.iter().copied());
    assert!(far < 1e-2 * all && all > 0.0, "{far} of {all}");
}
