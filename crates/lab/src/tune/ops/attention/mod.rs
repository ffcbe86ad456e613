//! Grouped-query attention over a tree of tokens, block by block: no matrix of all tokens against all others is built,
//! and nothing but one number a row and head is kept for the way back.
//!
//! Sources: "GQA" (groups of heads), "FlashAttention" (blocks, and probabilities computed anew from their sums).

mod backward;
mod forward;
mod rotation;

use std::ops::Range;

pub(crate) use self::backward::Given;
pub(crate) use self::forward::Attended;
pub(crate) use self::rotation::Rotation;
use super::super::tree::Shape;
use super::product::Matrix;

/// Rows of queries that are computed at a time.
const ROWS: usize = 64;

/// Sizes of the heads. Rows of `qkv` hold queries, then keys, then values, head by head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads {
    pub(crate) queries: usize,
    /// Of keys, and of values.
    pub(crate) keys: usize,
    /// Values of one head.
    pub(crate) width: usize,
}

/// Rows of queries, and the keys that they see: all before `shared`, and from `own` up to themselves.
#[derive(Clone, Debug)]
struct Block {
    rows: Range<usize>,
    shared: usize,
    own: usize,
}

impl Heads {
    /// Width of a row of queries, keys and values.
    pub(crate) fn row(self) -> usize {
        (self.queries + 2 * self.keys) * self.width
    }

    /// Width of a row of results.
    pub(crate) fn result(self) -> usize {
        self.queries * self.width
    }

    fn scale(self) -> f32 {
        1.0 / (self.width as f32).sqrt()
    }

    fn query(self, qkv: &[f32], head: usize) -> Matrix<'_> {
        Matrix::new(qkv, self.row()).columns(head * self.width, self.width)
    }

    /// The keys that a query head sees.
    fn key(self, qkv: &[f32], head: usize) -> Matrix<'_> {
        let head = self.queries + head / (self.queries / self.keys);
        Matrix::new(qkv, self.row()).columns(head * self.width, self.width)
    }

    fn value(self, qkv: &[f32], head: usize) -> Matrix<'_> {
        let head = self.queries + self.keys + head / (self.queries / self.keys);
        Matrix::new(qkv, self.row()).columns(head * self.width, self.width)
    }
}

impl Block {
    /// How many keys the last row sees.
    fn keys(&self) -> usize {
        self.shared + self.own_keys()
    }

    fn own_keys(&self) -> usize {
        self.rows.end - self.own
    }

    /// How many keys the row at this place of the block sees.
    fn seen(&self, place: usize) -> usize {
        self.shared + self.rows.start - self.own + place + 1
    }
}

/// All rows of a tree in blocks, in order.
fn blocks(shape: &Shape) -> Vec<Block> {
    let cut = |rows: Range<usize>, shared: usize| {
        let own = rows.start;
        rows.clone().step_by(ROWS).map(move |from| Block { rows: from..(from + ROWS).min(rows.end), shared, own })
    };
    let branches = shape.branches.iter().flat_map(|branch| cut(branch.clone(), shape.prefix));
    cut(0..shape.prefix, 0).chain(branches).collect()
}

/// The blocks in so many runs of about the same work; fewer when there are fewer blocks.
fn runs(blocks: &[Block], count: usize) -> Vec<&[Block]> {
    let work = |block: &Block| block.rows.len() * block.keys();
    let all: usize = blocks.iter().map(work).sum();
    let (mut runs, mut start, mut done) = (Vec::new(), 0, 0);
    for (place, block) in blocks.iter().enumerate() {
        done += work(block);
        if done * count >= all * (runs.len() + 1) || place + 1 == blocks.len() {
            runs.push(&blocks[start..=place]);
            start = place + 1;
        }
    }
    runs
}

fn rows_of(run: &[Block]) -> Range<usize> {
    run.first().map_or(0, |block| block.rows.start)..run.last().map_or(0, |block| block.rows.end)
}
