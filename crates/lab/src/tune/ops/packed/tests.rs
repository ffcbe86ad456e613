//! Products against exact ones; all versions against each other.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::super::product::{Matrix, Target, Threads, Write, product};
use super::{Kind, Packed};

/// About normal, with an outlier here and there as activations have them.
fn random(count: usize, seed: u64, outliers: bool) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut value = || (0..6).map(|_| random.random_range(-1.0f32..1.0)).sum::<f32>();
    (0..count).map(|place| value() * if outliers && place % 411 == 7 { 25.0 } else { 1.0 }).collect()
}

/// The difference's length in lengths of the wanted.
fn off(found: &[f32], wanted: &[f32]) -> f64 {
    let square = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>();
    let far = square(&mut found.iter().zip(wanted).map(|(found, wanted)| f64::from(found - wanted)));
    (far / square(&mut wanted.iter().map(|value| f64::from(*value)))).sqrt()
}

#[test]
fn products_are_near_exact_ones() {
    for (lines, rows, columns) in [(7, 48, 272), (13, 300, 896), (1, 17, 33), (40, 520, 64)] {
        let weights = random(rows * columns, 1, false);
        let packed = Packed::new(&weights, columns);
        let (x, dy) = (random(lines * columns, 2, true), random(lines * rows, 3, true));
        let (mut y, mut dx) = (vec![1.0; lines * rows], vec![1.0; lines * columns]);
        let (mut exact_y, mut exact_dx) = (y.clone(), dx.clone());
        for write in [Write::Set, Write::Add] {
            packed.forward(&x, &mut y, write);
            packed.backward(&dy, &mut dx, write);
            let weight = Matrix::new(&weights, columns);
            let (x, dy) = (Matrix::new(&x, columns), Matrix::new(&dy, rows));
            product(Target::new(&mut exact_y, rows), write, 1.0, x, weight.t(), Threads::All);
            product(Target::new(&mut exact_dx, columns), write, 1.0, dy, weight, Threads::All);
            let found = (off(&y, &exact_y), off(&dx, &exact_dx));
            assert!(found.0 < 2e-3 && found.1 < 2e-3, "{lines} {rows} {columns}: {found:?}");
        }
    }
}

#[test]
fn all_versions_give_the_same_bits() {
    let (lines, rows, columns) = (11, 150, 600);
    let packed = Packed::new(&random(rows * columns, 1, true), columns);
    let (x, dy) = (random(lines * columns, 2, true), random(lines * rows, 3, false));
    let run = |kind| {
        let (mut y, mut dx) = (vec![0.5; lines * rows], vec![0.0; lines * columns]);
        packed.forward_as(kind, &x, &mut y, Write::Add);
        packed.backward_as(kind, &dy, &mut dx, Write::Set);
        (y, dx)
    };
    let plain = run(Kind::Plain);
    for kind in Kind::all() {
        assert!(run(kind) == plain, "{kind:?}");
    }
}

/// The highest sums that there can be, and the smallest numbers.
#[test]
fn nothing_runs_over() {
    let packed = Packed::new(&vec![1e-40; 16 * 32], 32);
    let mut y = vec![1.0; 16];
    packed.forward_as(Kind::Plain, &[1e-40; 32], &mut y, Write::Set);
    assert!(y.iter().all(|value| *value == 0.0), "{y:?}");
    let packed = Packed::new(&vec![-3.0; 16 * 512], 512);
    let mut y = vec![0.0; 6 * 16];
    packed.forward(&vec![2.0; 6 * 512], &mut y, Write::Set);
    assert!(y.iter().all(|value| (value + 3072.0).abs() < 1.0), "{y:?}");
}

#[test]
fn what_is_no_number_stays_none() {
    let packed = Packed::new(&random(32 * 64, 1, false), 64);
    for bad in [f32::NAN, f32::INFINITY] {
        let mut x = random(2 * 64, 2, false);
        x[70] = bad;
        let mut y = vec![0.0; 2 * 32];
        packed.forward(&x, &mut y, Write::Set);
        assert!(y[..32].iter().all(|value| value.is_finite()) && y[32..].iter().all(|value| !value.is_finite()));
    }
}

/// How fast: `cargo test -p brine-lab --lib rates -- --ignored --nocapture`.
#[test]
#[ignore = "prints rates"]
fn rates() {
    let lines = 700;
    for (rows, columns) in [(1536, 1536), (17920, 1536), (1536, 8960)] {
        let weights = random(rows * columns, 1, false);
        let packed = Packed::new(&weights, columns);
        let (x, dy) = (random(lines * columns, 2, true), random(lines * rows, 3, true));
        let (mut y, mut dx) = (vec![0.0; lines * rows], vec![0.0; lines * columns]);
        let weight = Matrix::new(&weights, columns);
        let mut rate = |work: &mut dyn FnMut(&mut [f32], &mut [f32])| {
            let mut best = f64::INFINITY;
            for _ in 0..5 {
                let began = std::time::Instant::now();
                work(&mut y, &mut dx);
                best = best.min(began.elapsed().as_secs_f64());
            }
            (lines * rows * columns) as f64 / best / 1e9
        };
        let rates = [
            (
                "f32 forward",
                rate(&mut |y, _| {
                    product(Target::new(y, rows), Write::Set, 1.0, Matrix::new(&x, columns), weight.t(), Threads::All);
                }),
            ),
            (
                "f32 backward",
                rate(&mut |_, dx| {
                    product(Target::new(dx, columns), Write::Set, 1.0, Matrix::new(&dy, rows), weight, Threads::All);
                }),
            ),
            ("16 bits forward", rate(&mut |y, _| packed.forward(&x, y, Write::Set))),
            ("16 bits backward", rate(&mut |_, dx| packed.backward(&dy, dx, Write::Set))),
        ];
        for (name, rate) in rates {
            println!("{columns} -> {rows}, {lines} lines, {name}: {rate:.0} GMAC/s");
        }
    }
}
