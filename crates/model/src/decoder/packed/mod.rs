//! The model on processors of x86-64: weights stay in the file's formats of four to eight bits, rearranged for the kernels,
//! and an adapter is computed beside them.
//!
//! A line's result does not depend on how many lines are computed at once nor on where a trunk ends, so a text gives the
//! same bits however it is cut.

mod activations;
mod attention;
mod dot;
mod formats;
mod kernel;
mod layout;
mod linear;
mod load;
mod lora;
mod math;
mod share;

use std::path::Path;

use self::activations::{Activations, BLOCK};
use self::attention::{Shape, Sight, Trunk};
use self::kernel::Kernel;
use self::linear::{Input, Put};
use self::load::{Layer, Weights};
use super::GgufFile;
use super::branch::{self, Branch};
use super::config::{Config, Rotary};
use crate::adapter::Adapter;
use crate::error::ModelError;

/// A loaded model with room for one trunk.
pub(super) struct Packed {
    config: Config,
    weights: Weights,
    trunk: Vec<Trunk>,
    shape: Shape,
    turns: Turns,
    kernel: Kernel,
}

/// cos and sin of every position's angles, [room, head width / 2] each.
struct Turns {
    cos: Vec<f32>,
    sin: Vec<f32>,
}

/// What is written anew for every product.
#[derive(Default)]
struct Scratch {
    plain: Vec<f32>,
    quantised: Activations,
}

impl Packed {
    /// Whether this processor can run this file here.
    pub(super) fn fits(file: &GgufFile, config: &Config) -> bool {
        load::fits(file, config)
    }

    /// Loads the weights and the adapter; `room` is the longest text in tokens.
    pub(super) fn load(
        file: &GgufFile,
        path: &Path,
        adapter: Option<&Adapter>,
        config: Config,
        room: usize,
    ) -> Result<Self, ModelError> {
        let weights = Weights::load(file, path, adapter, &config)?;
        let (kv_heads, width) = (config.kv_heads, config.head_width);
        // Memory that is zero is not taken before it is written to.
        let empty = || vec![0f32; kv_heads * room * width];
        let trunk = (0..config.layers).map(|_| Trunk { keys: empty(), values: empty() }).collect();
        let shape = Shape { heads: config.heads, kv_heads, width, room };
        let turns = Turns::new(&config, room);
        Ok(Self { config, weights, trunk, shape, turns, kernel: kernel::fastest() })
    }

    /// Whether both use the same memory for their weights.
    #[cfg(test)]
    pub(super) fn shares_weights_with(&self, other: &Self) -> bool {
        std::sync::Arc::ptr_eq(&self.weights.head[0].weights.area, &other.weights.head[0].weights.area)
    }

    /// Reads `tokens` into the trunk at positions `at` …; what stood from `at` on is overwritten.
    pub(super) fn read(&mut self, tokens: &[u32], at: usize) -> candle_core::Result<()> {
        let mut trunk = std::mem::take(&mut self.trunk);
        let positions: Vec<usize> = (at..at + tokens.len()).collect();
        let result = self.run(tokens, &positions, &[], |layer, qkv, out| {
            trunk[layer].write(self.shape, qkv, at);
            let sights: Vec<Sight> =
                positions.iter().map(|position| Sight { trunk: position + 1, branch: None }).collect();
            attention::attend(self.shape, qkv, self.shape.stride(), &trunk[layer], &sights, out);
        });
        self.trunk = trunk;
        result.map(|_| ())
    }

    /// See [`super::Decoder::extend`].
    pub(super) fn extend(
        &self,
        trunk: usize,
        pieces: &mut [(&mut Branch, &[u32])],
    ) -> candle_core::Result<Vec<Vec<f32>>> {
        let (mut tokens, mut positions, mut last) = (Vec::new(), Vec::new(), Vec::new());
        for (branch, piece) in &*pieces {
            let start = trunk + branch.tokens();
            positions.extend(start..start + piece.len());
            tokens.extend_from_slice(piece);
            last.push(tokens.len() - 1);
        }
        let x = self.run(&tokens, &positions, &last, |layer, qkv, out| {
            let stride = self.shape.stride();
            let mut lines = qkv.chunks_exact(stride);
            for (branch, piece) in pieces.iter_mut() {
                for line in lines.by_ref().take(piece.len()) {
                    let (keys, values) = self.shape.keys_and_values(line);
                    branch.append(layer, keys, values, self.shape.width);
                }
            }
            let mut sights = Vec::with_capacity(tokens.len());
            for (branch, piece) in pieces.iter() {
                let branch::Layer::Memory { keys, values } = branch.layer(layer) else { continue };
                let seen = (1..=piece.len()).map(|count| branch.tokens() + count);
                sights.extend(seen.map(|seen| Sight { trunk, branch: Some((keys, values, seen)) }));
            }
            attention::attend(self.shape, qkv, stride, &self.trunk[layer], &sights, out);
        })?;
        for (branch, piece) in pieces.iter_mut() {
            branch.grow(piece.len());
        }
        let mut scratch = Scratch::default();
        let input = scratch.normed(&x, &self.weights.norm, self.config.norm_epsilon, self.kernel);
        let rows = self.weights.head[0].weights.rows;
        let mut logits = vec![0f32; last.len() * rows];
        linear::product(&self.weights.head, &input, &mut logits, Put::Set);
        Ok(logits.chunks_exact(rows).map(<[f32]>::to_vec).collect())
    }

    /// All layers over `tokens`; gives the lines of `wanted`, [wanted, width]. `mix` is attention: it is given the layer,
    /// q (scaled), k and v, [tokens, (heads + 2 kv heads) × head width], and writes [tokens, heads × head width].
    fn run(
        &self,
        tokens: &[u32],
        positions: &[usize],
        wanted: &[usize],
        mut mix: impl FnMut(usize, &[f32], &mut [f32]),
    ) -> candle_core::Result<Vec<f32>> {
        let Config { norm_epsilon: epsilon, .. } = self.config;
        let width = self.weights.embedding.width();
        let stride = self.shape.stride();
        let mut x = self.weights.embedding.rows(tokens)?;
        let mut scratch = Scratch::default();
        let mut qkv = vec![0f32; tokens.len() * stride];
        let mut mixed = vec![0f32; tokens.len() * self.shape.heads * self.shape.width];
        let mut inner = Vec::new();
        for (index, layer) in self.weights.layers.iter().enumerate() {
            let input = scratch.normed(&x, &layer.attention_norm, epsilon, self.kernel);
            linear::product(&layer.qkv, &input, &mut qkv, Put::Set);
            for (qkv, position) in qkv.chunks_exact_mut(stride).zip(positions) {
                self.turn(qkv, *position);
            }
            mix(index, &qkv, &mut mixed);
            if index + 1 == self.weights.layers.len() {
                // What comes now is needed of these lines alone.
                x = pick(&x, width, wanted);
                mixed = pick(&mixed, self.shape.heads * self.shape.width, wanted);
                if wanted.is_empty() {
                    break;
                }
            }
            let input = scratch.plain(&mixed, layer.output[0].weights.columns, self.kernel);
            linear::product(&layer.output, &input, &mut x, Put::Add);
            self.feed_forward(layer, &mut scratch, &mut inner, &mut x);
        }
        Ok(x)
    }

    fn feed_forward(&self, layer: &Layer, scratch: &mut Scratch, inner: &mut Vec<f32>, x: &mut [f32]) {
        let input = scratch.normed(x, &layer.feed_forward_norm, self.config.norm_epsilon, self.kernel);
        let width = layer.gate_up[0].weights.rows;
        inner.resize(input.quantised.lines() * width, 0.0);
        linear::gated(&layer.gate_up, &input, inner);
        let input = scratch.plain(inner, width, self.kernel);
        linear::product(&layer.down, &input, x, Put::Add);
    }

    /// Turns q and k of a line to their position, and scales q.
    fn turn(&self, qkv: &mut [f32], position: usize) {
        let Shape { heads, kv_heads, width, .. } = self.shape;
        let half = width / 2;
        let (cos, sin) = self.turns.of(position, half);
        let scale = 1.0 / (width as f32).sqrt();
        for (number, head) in qkv.chunks_exact_mut(width).take(heads + kv_heads).enumerate() {
            let scale = if number < heads { scale } else { 1.0 };
            let turned =
                |a: f32, b: f32, cos: f32, sin: f32| ((a * cos - b * sin) * scale, (a * sin + b * cos) * scale);
            match self.config.rotary {
                Rotary::Halves => {
                    let (first, second) = head.split_at_mut(half);
                    for (((a, b), cos), sin) in first.iter_mut().zip(second).zip(cos).zip(sin) {
                        (*a, *b) = turned(*a, *b, *cos, *sin);
                    }
                }
                Rotary::Interleaved => {
                    for ((pair, cos), sin) in head.chunks_exact_mut(2).zip(cos).zip(sin) {
                        (pair[0], pair[1]) = turned(pair[0], pair[1], *cos, *sin);
                    }
                }
            }
        }
    }
}

impl Shape {
    /// Values of a line of q, k and v.
    fn stride(&self) -> usize {
        (self.heads + 2 * self.kv_heads) * self.width
    }

    /// k and v of such a line.
    fn keys_and_values<'a>(&self, line: &'a [f32]) -> (&'a [f32], &'a [f32]) {
        line[self.heads * self.width..].split_at(self.kv_heads * self.width)
    }
}

impl Trunk {
    /// Keeps keys and values of new tokens from position `at` on.
    fn write(&mut self, shape: Shape, qkv: &[f32], at: usize) {
        for (token, line) in qkv.chunks_exact(shape.stride()).enumerate() {
            let (keys, values) = shape.keys_and_values(line);
            for (from, to) in [(keys, &mut self.keys), (values, &mut self.values)] {
                for (head, from) in from.chunks_exact(shape.width).enumerate() {
                    let place = (head * shape.room + at + token) * shape.width;
                    to[place..place + shape.width].copy_from_slice(from);
                }
            }
        }
    }
}

impl Scratch {
    /// The normed `x` as input of a product.
    #[allow(unsafe_code)]
    fn normed(&mut self, x: &[f32], weights: &[f32], epsilon: f32, kernel: Kernel) -> Input<'_> {
        self.plain.resize(x.len(), 0.0);
        math::rms_norm(x, weights, epsilon, &mut self.plain);
        // SAFETY: a model is only loaded where the kernels' instructions are.
        unsafe { self.quantised.quantise(&self.plain, weights.len()) };
        Input { plain: &self.plain, quantised: &self.quantised, kernel }
    }

    /// `x` as input of a product.
    #[allow(unsafe_code)]
    fn plain<'a>(&'a mut self, x: &'a [f32], columns: usize, kernel: Kernel) -> Input<'a> {
        // SAFETY: a model is only loaded where the kernels' instructions are.
        unsafe { self.quantised.quantise(x, columns) };
        Input { plain: x, quantised: &self.quantised, kernel }
    }
}

impl Turns {
    fn new(config: &Config, room: usize) -> Self {
        let half = config.head_width / 2;
        let frequency = |pair: usize| config.rotary_base.powf(-2.0 * pair as f32 / config.head_width as f32);
        let frequencies: Vec<f32> = (0..half).map(frequency).collect();
        let angles = (0..room).flat_map(|position| frequencies.iter().map(move |turn| position as f32 * turn));
        let (sin, cos) = angles.map(f32::sin_cos).unzip();
        Self { cos, sin }
    }

    fn of(&self, position: usize, half: usize) -> (&[f32], &[f32]) {
        let at = position * half..(position + 1) * half;
        (&self.cos[at.clone()], &self.sin[at])
    }
}

/// Some lines of `x` [lines, width].
fn pick(x: &[f32], width: usize, lines: &[usize]) -> Vec<f32> {
    lines.iter().flat_map(|line| &x[line * width..(line + 1) * width]).copied().collect()
}
