//! The operations against the same out of candle's own, forwards and backwards; those against finite differences.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use brine_model::{Rotary, Sizes};
use candle_core::{DType, Device, Tensor, Var};

use super::attend::{Frame, attend};
use super::attention::Rotation;
use super::entropy::{Head, entropy};
use super::feed::feed;
use super::frozen::Frozen;
use super::pool::Pool;
use super::{composed, gate, norm};
use crate::tune::layer::{Layer, Plan};
use crate::tune::settings::Linear;
use crate::tune::tree::Shape;

const ALL: [Linear; 7] = [Linear::Q, Linear::K, Linear::V, Linear::O, Linear::Gate, Linear::Up, Linear::Down];

fn random(shape: impl Into<candle_core::Shape>, size: f32) -> Tensor {
    Tensor::randn(0f32, size, shape, &Device::Cpu).unwrap()
}

fn sizes(rotary: Rotary) -> Sizes {
    Sizes {
        layers: 1,
        width: 24,
        inner_width: 40,
        heads: 4,
        kv_heads: 2,
        head_width: 8,
        vocabulary: 50,
        norm_epsilon: 1e-5,
        rotary_base: 1000.0,
        rotary,
        context: 512,
    }
}

fn layer(sizes: &Sizes, bias: bool) -> Arc<Layer> {
    let row = (sizes.heads + 2 * sizes.kv_heads) * sizes.head_width;
    Arc::new(Layer {
        attention_norm: random(sizes.width, 1.0),
        qkv: Frozen::Plain(random((row, sizes.width), 0.3)),
        qkv_bias: bias.then(|| random(row, 0.5)),
        output: Frozen::Plain(random((sizes.width, sizes.heads * sizes.head_width), 0.3)),
        feed_norm: random(sizes.width, 1.0),
        gate_up: Frozen::Plain(random((2 * sizes.inner_width, sizes.width), 0.3)),
        down: Frozen::Plain(random((sizes.width, sizes.inner_width), 0.3)),
    })
}

fn frame(sizes: &Sizes, targets: &[Linear], shape: Shape) -> Frame {
    Frame {
        plan: Arc::new(Plan::new(sizes, targets, 3, 2.0)),
        rotation: Arc::new(Rotation::new(sizes.rotary, sizes.rotary_base, sizes.head_width, 512)),
        positions: Arc::new(shape.positions()),
        shape: Arc::new(shape),
        pool: Pool::default(),
    }
}

/// Result and gradients of both inputs, for the same random gradient of the result.
fn run(x: &Var, parameters: &Var, operation: impl Fn(&Tensor, &Tensor) -> candle_core::Result<Tensor>) -> [Tensor; 3] {
    let y = operation(x, parameters).unwrap();
    let count = y.elem_count();
    let slope: Vec<f32> = (0..count).map(|place| ((place * 37 % 101) as f32 / 50.0) - 1.0).collect();
    let slope = Tensor::from_vec(slope, y.shape(), &Device::Cpu).unwrap();
    let gradients = (&y * slope).unwrap().sum_all().unwrap().backward().unwrap();
    [y, gradients.get(x).unwrap().clone(), gradients.get(parameters).unwrap().clone()]
}

fn assert_near(found: &[Tensor; 3], wanted: &[Tensor; 3], what: &str) {
    for (name, (found, wanted)) in ["result", "input", "parameters"].iter().zip(found.iter().zip(wanted)) {
        let far = (found - wanted).unwrap().abs().unwrap().flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>();
        let size = wanted.abs().unwrap().flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
        let far = far.unwrap();
        assert!(far <= 2e-5 * size.max(1.0), "{what}, {name}: {far} off, of {size}");
    }
}

/// Some with blocks of several sizes, without prefix, and of one row.
fn shapes() -> Vec<Shape> {
    vec![
        Shape { prefix: 70, branches: vec![70..75, 75..150, 150..151] },
        Shape { prefix: 3, branches: std::iter::once(3..5).collect() },
        Shape { prefix: 0, branches: vec![0..66, 66..70] },
        Shape { prefix: 130, branches: vec![130..200, 200..260] },
    ]
}

#[test]
fn attention_is_what_candle_computes() {
    for (rotary, bias) in [(Rotary::Interleaved, false), (Rotary::Halves, true)] {
        let sizes = sizes(rotary);
        let layer = layer(&sizes, bias);
        for shape in shapes() {
            for targets in [&ALL[..], &[Linear::Q, Linear::V], &[Linear::O]] {
                let n = shape.len();
                let frame = frame(&sizes, targets, shape.clone());
                let x = Var::from_tensor(&random((n, sizes.width), 1.0)).unwrap();
                let count = frame.plan.qkv.parameters() + frame.plan.output.parameters();
                let parameters = Var::from_tensor(&random(count, 0.3)).unwrap();
                let some: Vec<u32> = (0..n as u32).filter(|row| row % 3 == 1).collect();
                for rows in [None, Some(some.as_slice())] {
                    let ours = run(&x, &parameters, |x, p| attend(x, p, &layer, &frame, rows));
                    let theirs = run(&x, &parameters, |x, p| composed::attend(x, p, &layer, &frame, rows));
                    assert_near(&ours, &theirs, &format!("{shape:?} {targets:?} {rotary:?} {}", rows.is_some()));
                }
            }
        }
    }
}

#[test]
fn feed_forward_is_what_candle_computes() {
    let sizes = sizes(Rotary::Halves);
    let layer = layer(&sizes, false);
    for targets in [&ALL[..], &[Linear::Up], &[Linear::Gate, Linear::Down]] {
        let frame = frame(&sizes, targets, Shape { prefix: 33, branches: std::iter::once(33..37).collect() });
        let x = Var::from_tensor(&random((37, sizes.width), 1.0)).unwrap();
        let count = frame.plan.gate_up.parameters() + frame.plan.down.parameters();
        let parameters = Var::from_tensor(&random(count, 0.3)).unwrap();
        let ours = run(&x, &parameters, |x, p| feed(x, p, &layer, &frame));
        let theirs = run(&x, &parameters, |x, p| composed::feed(x, p, &layer, &frame.plan));
        assert_near(&ours, &theirs, &format!("{targets:?}"));
    }
}

#[test]
fn the_loss_is_what_candle_computes() {
    let head = Arc::new(Head { norm: random(24, 1.0), epsilon: 1e-5, weight: Frozen::Plain(random((50, 24), 0.5)) });
    let targets: Vec<u32> = (0..300).map(|row| row * 7 % 50).collect();
    let x = Var::from_tensor(&random((300, 24), 1.0)).unwrap();
    let unused = Var::zeros(1, DType::F32, &Device::Cpu).unwrap();
    let plus = |loss: Tensor, p: &Tensor| loss + p.sum_all()?;
    let ours = run(&x, &unused, |x, p| plus(entropy(x, &targets, &head, &Pool::default())?, p));
    let theirs = run(&x, &unused, |x, p| plus(composed::entropy(x, &targets, &head)?, p));
    assert_near(&ours, &theirs, "loss");
    let wrong = entropy(&x, &[50; 300], &head, &Pool::default());
    assert!(wrong.unwrap_err().to_string().contains("targets do not fit"));
}

/// Central differences of `value` against `gradient`.
fn assert_slope(x: &[f32], gradient: &[f32], value: impl Fn(&[f32]) -> f64) {
    for place in 0..x.len() {
        let at = |step: f32| {
            let mut moved = x.to_vec();
            moved[place] += step;
            value(&moved)
        };
        let wanted = (at(1e-2) - at(-1e-2)) / 2e-2;
        assert!((wanted - f64::from(gradient[place])).abs() < 2e-3, "{place}: {} for {wanted}", gradient[place]);
    }
}

#[test]
fn norm_and_gate_have_the_slopes_of_finite_differences() {
    let values = |count: usize, size: f32| random(count, size).to_vec1::<f32>().unwrap();
    let weighed = |y: &[f32], slope: &[f32]| y.iter().zip(slope).map(|(y, s)| f64::from(y * s)).sum::<f64>();
    let (x, gain, slope) = (values(33, 1.0), values(11, 1.0), values(33, 1.0));
    let mut dx = vec![0.0; 33];
    norm::backward(&x, &gain, 1e-5, &slope, &mut dx);
    assert_slope(&x, &dx, |x| {
        let mut y = vec![0.0; 33];
        norm::forward(x, &gain, 1e-5, &mut y);
        weighed(&y, &slope)
    });
    let (both, slope) = (values(40, 2.0), values(20, 1.0));
    let mut d_both = both.clone();
    gate::backward(&mut d_both, 10, &slope);
    assert_slope(&both, &d_both, |both| {
        let mut y = vec![0.0; 20];
        gate::forward(both, 10, &mut y);
        weighed(&y, &slope)
    });
}
