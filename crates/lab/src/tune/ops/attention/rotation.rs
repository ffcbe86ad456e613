//! Rotary position embedding.
//!
//! Source: "RoFormer: Enhanced Transformer with Rotary Position Embedding".

use brine_model::Rotary;
use rayon::prelude::*;

use super::Heads;

/// The angles of all positions.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    rotary: Rotary,
    /// Pairs of a head.
    pairs: usize,
    /// [positions, pairs]
    cos: Vec<f32>,
    sin: Vec<f32>,
}

impl Rotation {
    /// For positions below `room`.
    pub(crate) fn new(rotary: Rotary, base: f32, head_width: usize, room: usize) -> Self {
        let pairs = head_width / 2;
        let frequency = |pair: usize| base.powf(-2.0 * pair as f32 / head_width as f32);
        let angles: Vec<f32> =
            (0..room).flat_map(|position| (0..pairs).map(move |pair| position as f32 * frequency(pair))).collect();
        let cos = angles.iter().map(|angle| angle.cos()).collect();
        let sin = angles.iter().map(|angle| angle.sin()).collect();
        Self { rotary, pairs, cos, sin }
    }

    /// Rotates queries and keys in rows of `qkv` to their positions.
    pub(crate) fn apply(&self, heads: Heads, positions: &[u32], qkv: &mut [f32]) {
        qkv.par_chunks_mut(heads.row()).zip(positions).for_each(|(row, position)| {
            for head in row[..(heads.queries + heads.keys) * heads.width].chunks_exact_mut(heads.width) {
                self.rotate(head, *position, 1.0);
            }
        });
    }

    /// How far each pair is turned at each of these positions: cos and sin, [positions, pairs].
    pub(crate) fn tables(&self, positions: &[u32]) -> (Vec<f32>, Vec<f32>) {
        let at = |table: &[f32]| {
            positions.iter().flat_map(|position| self.range(*position).map(|place| table[place])).collect()
        };
        (at(&self.cos), at(&self.sin))
    }

    /// Which values of a head are a pair.
    pub(crate) fn rotary(&self) -> Rotary {
        self.rotary
    }

    fn range(&self, position: u32) -> std::ops::Range<usize> {
        position as usize * self.pairs..(position as usize + 1) * self.pairs
    }

    /// One head's values; `direction` -1 turns them back.
    pub(super) fn rotate(&self, head: &mut [f32], position: u32, direction: f32) {
        let range = self.range(position);
        let angles = self.cos[range.clone()].iter().zip(&self.sin[range]);
        match self.rotary {
            Rotary::Interleaved => {
                for (pair, (cos, sin)) in head.chunks_exact_mut(2).zip(angles) {
                    (pair[0], pair[1]) = turn(pair[0], pair[1], *cos, sin * direction);
                }
            }
            Rotary::Halves => {
                let (first, second) = head.split_at_mut(self.pairs);
                for ((a, b), (cos, sin)) in first.iter_mut().zip(second).zip(angles) {
                    (*a, *b) = turn(*a, *b, *cos, sin * direction);
                }
            }
        }
    }
}

fn turn(a: f32, b: f32, cos: f32, sin: f32) -> (f32, f32) {
    (a * cos - b * sin, a * sin + b * cos)
}
