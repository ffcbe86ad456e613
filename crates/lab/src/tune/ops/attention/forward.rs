//! Results of attention.

use rayon::prelude::*;

use super::super::super::tree::Shape;
use super::super::exp::{dispatch, exp};
use super::super::pool::{Buffer, Pool};
use super::super::product::{Matrix, Target, Threads, Write, product};
use super::{Block, Heads, blocks, rows_of, runs};

/// A head's rows are computed in so many pieces, so that all threads have work to the end.
const PIECES: usize = 4;

/// What `backward` wants besides queries, keys and values.
pub(crate) struct Attended {
    /// [n, heads.result()]
    pub(crate) result: Buffer,
    /// [query heads, n]: the logarithm of the sum of e^score over all keys that a row sees.
    pub(crate) log_sums: Buffer,
}

impl Heads {
    /// Attention of `qkv` [n, row] with queries and keys already rotated.
    pub(crate) fn forward(self, shape: &Shape, qkv: &[f32], pool: &Pool) -> Attended {
        let (n, blocks) = (shape.len(), blocks(shape));
        let runs = runs(&blocks, PIECES);
        let tasks: Vec<(usize, &[Block])> =
            (0..self.queries).flat_map(|head| runs.iter().map(move |run| (head, *run))).collect();
        let pieces: Vec<(Buffer, Vec<f32>)> =
            tasks.par_iter().map(|(head, run)| self.run_forward(*head, run, qkv, pool)).collect();
        let mut log_sums = pool.take(self.queries * n);
        for ((head, run), (_, sums)) in tasks.iter().zip(&pieces) {
            let rows = rows_of(run);
            log_sums[head * n + rows.start..head * n + rows.end].copy_from_slice(sums);
        }
        let mut result = pool.take(n * self.result());
        let run_of: Vec<usize> = runs.iter().enumerate().flat_map(|(at, run)| rows_of(run).map(move |_| at)).collect();
        result.par_chunks_mut(self.result()).enumerate().with_min_len(32).for_each(|(row, result)| {
            let run = run_of[row];
            let from = (row - rows_of(runs[run]).start) * self.width;
            for (head, result) in result.chunks_exact_mut(self.width).enumerate() {
                result.copy_from_slice(&pieces[head * runs.len() + run].0[from..from + self.width]);
            }
        });
        Attended { result, log_sums }
    }

    /// One head's results for a run of blocks, [rows, head width], and the logarithms of the sums.
    fn run_forward(self, head: usize, run: &[Block], qkv: &[f32], pool: &Pool) -> (Buffer, Vec<f32>) {
        let start = rows_of(run).start;
        let mut result = pool.take(rows_of(run).len() * self.width);
        let mut log_sums = Vec::with_capacity(rows_of(run).len());
        for block in run {
            let (rows, keys) = (block.rows.len(), block.keys());
            let mut scores = pool.take(rows * keys);
            self.scores(head, block, qkv, &mut scores);
            let own = &mut result[(block.rows.start - start) * self.width..(block.rows.end - start) * self.width];
            let mut sums = [0.0; super::ROWS];
            for (place, row) in scores.chunks_exact_mut(keys).enumerate() {
                let (seen, unseen) = row.split_at_mut(block.seen(place));
                unseen.fill(0.0);
                let (most, sum) = dispatch!(softmax(row: &mut [f32] = seen) -> (f32, f32));
                log_sums.push(most + sum.ln());
                sums[place] = sum;
            }
            let values = self.value(qkv, head);
            let mut write = Write::Set;
            for (from, keys_of, first) in block.key_ranges() {
                let scores = Matrix::new(&scores, keys).columns(first, keys_of);
                let target = Target::new(own, self.width);
                product(target, write, 1.0, scores, values.rows(from, keys_of), Threads::One);
                write = Write::Add;
            }
            for (row, sum) in own.chunks_exact_mut(self.width).zip(sums) {
                row.iter_mut().for_each(|value| *value /= sum);
            }
        }
        (result, log_sums)
    }

    /// Scaled products of the block's queries with its keys, [rows, keys]; also of those that a row does not see.
    pub(super) fn scores(self, head: usize, block: &Block, qkv: &[f32], scores: &mut [f32]) {
        let queries = self.query(qkv, head).rows(block.rows.start, block.rows.len());
        for (from, keys, first) in block.key_ranges() {
            let target = Target::new(scores, block.keys()).columns(first, keys);
            let keys = self.key(qkv, head).rows(from, keys);
            product(target, Write::Set, self.scale(), queries, keys.t(), Threads::One);
        }
    }
}

impl Block {
    /// The keys in runs of rows: first row, number of rows, and the column of the scores where they start.
    pub(super) fn key_ranges(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        // The first branch lies right behind the shared keys: then they are one run.
        let joined = self.own == self.shared;
        let shared = if joined { (0, self.keys(), 0) } else { (0, self.shared, 0) };
        let own = if joined { (0, 0, 0) } else { (self.own, self.own_keys(), self.shared) };
        [shared, own].into_iter().filter(|(_, keys, _)| *keys > 0)
    }
}

/// e^(score - most) in place; gives the highest score and the sum.
#[inline(always)]
fn softmax(row: &mut [f32]) -> (f32, f32) {
    let mut most = [f32::NEG_INFINITY; 8];
    let eights = row.chunks_exact(8);
    let rest = eights.remainder().iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for eight in eights {
        for lane in 0..8 {
            most[lane] = if eight[lane] > most[lane] { eight[lane] } else { most[lane] };
        }
    }
    let most = most.into_iter().fold(rest, f32::max);
    let mut sums = [0.0f32; 8];
    let mut eights = row.chunks_exact_mut(8);
    for eight in &mut eights {
        for lane in 0..8 {
            eight[lane] = exp(eight[lane] - most);
            sums[lane] += eight[lane];
        }
    }
    let mut sum: f32 = sums.iter().sum();
    for score in eights.into_remainder() {
        *score = exp(*score - most);
        sum += *score;
    }
    (most, sum)
}
