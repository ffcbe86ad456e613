//! Gradients of attention.

use rayon::prelude::*;

use super::super::super::tree::Shape;
use super::super::exp::{dispatch, exp};
use super::super::norm::dot;
use super::super::pool::{Buffer, Pool};
use super::super::product::{Matrix, Target, Threads, Write, product};
use super::{Block, Heads, Rotation, blocks, rows_of, runs};

/// A head's rows are computed in so many pieces. Each has sums for keys and values of its own, so few are better; and the
/// number does not hang on that of the threads, so that a run gives the same result with any.
const PIECES: usize = 2;

/// What the backward pass starts from.
pub(crate) struct Given<'a> {
    pub(crate) shape: &'a Shape,
    pub(crate) positions: &'a [u32],
    /// [n, row], rotated.
    pub(crate) qkv: &'a [f32],
    /// [n, result]
    pub(crate) result: &'a [f32],
    /// As `forward` gave them.
    pub(crate) log_sums: &'a [f32],
    /// Gradient of the result.
    pub(crate) d_result: &'a [f32],
}

/// What one piece adds to the gradients of one head.
struct Piece {
    /// [rows of the piece, width]
    query: Buffer,
    /// [keys before the piece's end, width]
    key: Buffer,
    value: Buffer,
}

impl Heads {
    /// The gradient of queries, keys (both before their rotation) and values, [n, row].
    pub(crate) fn backward(self, given: &Given, rotation: &Rotation, pool: &Pool) -> Buffer {
        let blocks = blocks(given.shape);
        let runs = runs(&blocks, PIECES);
        let tasks: Vec<(usize, &[Block])> =
            (0..self.queries).flat_map(|head| runs.iter().map(move |run| (head, *run))).collect();
        let pieces: Vec<Piece> =
            tasks.par_iter().map(|(head, run)| self.run_backward(*head, run, given, pool)).collect();
        let group = self.queries / self.keys * runs.len();
        let mut gradient = pool.take(given.shape.len() * self.row());
        gradient.par_chunks_mut(self.row()).zip(given.positions).enumerate().with_min_len(32).for_each(
            |(row, (gradient, position))| {
                let (queries, rest) = gradient.split_at_mut(self.result());
                let (keys, values) = rest.split_at_mut(self.keys * self.width);
                for (head, query) in queries.chunks_exact_mut(self.width).enumerate() {
                    for (run, piece) in runs.iter().zip(&pieces[head * runs.len()..]) {
                        if rows_of(run).contains(&row) {
                            query.copy_from_slice(row_of(&piece.query, row - rows_of(run).start, self.width));
                        }
                    }
                    rotation.rotate(query, *position, -1.0);
                }
                let sum = |into: &mut [f32], head: usize, part: fn(&Piece) -> &Buffer| {
                    into.fill(0.0);
                    for piece in &pieces[head * group..(head + 1) * group] {
                        let part = part(piece);
                        if (row + 1) * self.width <= part.len() {
                            let values = row_of(part, row, self.width);
                            into.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                        }
                    }
                };
                for (head, key) in keys.chunks_exact_mut(self.width).enumerate() {
                    sum(key, head, |piece| &piece.key);
                    rotation.rotate(key, *position, -1.0);
                }
                for (head, value) in values.chunks_exact_mut(self.width).enumerate() {
                    sum(value, head, |piece| &piece.value);
                }
            },
        );
        gradient
    }

    fn run_backward(self, head: usize, run: &[Block], given: &Given, pool: &Pool) -> Piece {
        let (width, n, rows) = (self.width, given.shape.len(), rows_of(run));
        let mut query = pool.take(rows.len() * width);
        let (mut key, mut value) = (pool.zeros(rows.end * width), pool.zeros(rows.end * width));
        let of_head = |values| Matrix::new(values, self.result()).columns(head * width, width);
        for block in run {
            let (count, keys) = (block.rows.len(), block.keys());
            let mut scores = pool.take(count * keys);
            let mut d_scores = pool.take(count * keys);
            self.scores(head, block, given.qkv, &mut scores);
            let d_result = of_head(given.d_result).rows(block.rows.start, count);
            for (from, keys_of, first) in block.key_ranges() {
                let target = Target::new(&mut d_scores, keys).columns(first, keys_of);
                let values = self.value(given.qkv, head).rows(from, keys_of);
                product(target, Write::Set, 1.0, d_result, values.t(), Threads::One);
            }
            for place in 0..count {
                let row = block.rows.start + place;
                let part = row * self.result() + head * width..row * self.result() + (head + 1) * width;
                let delta = dot(&given.d_result[part.clone()], &given.result[part]);
                let line = place * keys..(place + 1) * keys;
                let (scores, d_scores) = (&mut scores[line.clone()], &mut d_scores[line]);
                let seen = block.seen(place);
                scores[seen..].fill(0.0);
                d_scores[seen..].fill(0.0);
                dispatch!(softmax_backward(
                    scores: &mut [f32] = &mut scores[..seen],
                    d_scores: &mut [f32] = &mut d_scores[..seen],
                    log_sum: f32 = given.log_sums[head * n + row],
                    delta: f32 = delta,
                    scale: f32 = self.scale(),
                ));
            }
            let start = (block.rows.start - rows.start) * width;
            let own = &mut query[start..start + count * width];
            let mut write = Write::Set;
            for (from, keys_of, first) in block.key_ranges() {
                let d_scores = Matrix::new(&d_scores, keys).columns(first, keys_of);
                let scores = Matrix::new(&scores, keys).columns(first, keys_of);
                let keys = self.key(given.qkv, head).rows(from, keys_of);
                product(Target::new(own, width), write, 1.0, d_scores, keys, Threads::One);
                write = Write::Add;
                let queries = self.query(given.qkv, head).rows(block.rows.start, count);
                let part = from * width..(from + keys_of) * width;
                let target = Target::new(&mut key[part.clone()], width);
                product(target, Write::Add, 1.0, d_scores.t(), queries, Threads::One);
                product(Target::new(&mut value[part], width), Write::Add, 1.0, scores.t(), d_result, Threads::One);
            }
        }
        Piece { query, key, value }
    }
}

fn row_of(values: &[f32], row: usize, width: usize) -> &[f32] {
    &values[row * width..(row + 1) * width]
}

/// Probabilities in the place of scores, and the scores' gradient in the place of that of the probabilities.
#[inline(always)]
fn softmax_backward(scores: &mut [f32], d_scores: &mut [f32], log_sum: f32, delta: f32, scale: f32) {
    for (score, gradient) in scores.iter_mut().zip(d_scores) {
        let probability = exp(*score - log_sum);
        *score = probability;
        *gradient = probability * (*gradient - delta) * scale;
    }
}
