//! The other factor of a product, as whole numbers: six lines lie interleaved, pair by pair, block by block of the
//! contraction; each line has a scale in each block.

use rayon::prelude::*;

use super::super::exp::dispatch;
use super::layout::{BLOCK, LINES, MOST_VALUE, NOTHING, PANEL, block_width, round};

/// See the module.
pub(super) struct Lines {
    /// Numbers in a line, filled up to whole panels.
    filled: usize,
    /// How many lines there are.
    pub(super) count: usize,
    /// [tiles of 6 lines, blocks' pairs, 6, 2]
    values: Vec<i16>,
    /// [tiles, blocks, 6]
    scales: Vec<f32>,
}

impl Lines {
    /// Lines of `width` values, each value times that of `factors` (at least `width`) at its place, if there are any.
    pub(super) fn new(lines: &[f32], width: usize, factors: Option<&[f32]>) -> Self {
        let (count, filled, blocks) = (lines.len() / width, width.next_multiple_of(PANEL), width.div_ceil(BLOCK));
        let tiles = count.div_ceil(LINES);
        let mut values = vec![0; tiles * LINES * filled];
        let mut scales = vec![0.0; tiles * LINES * blocks];
        let to = values.par_chunks_exact_mut(LINES * filled).zip(scales.par_chunks_exact_mut(LINES * blocks));
        lines.par_chunks(LINES * width).zip(to).for_each(|(lines, (values, scales))| {
            dispatch!(tile(
                lines: &[f32] = lines,
                width: usize = width,
                factors: Option<&[f32]> = factors,
                values: &mut [i16] = values,
                scales: &mut [f32] = scales,
            ));
        });
        Self { filled, count, values, scales }
    }

    pub(super) fn tiles(&self) -> usize {
        self.count.div_ceil(LINES)
    }

    /// Six lines' values and scales in the block that begins at `from`.
    pub(super) fn block(&self, tile: usize, from: usize) -> (&[i16], &[f32]) {
        let width = block_width(from, self.filled);
        let blocks = self.filled.div_ceil(BLOCK);
        let (values, scales) = ((tile * self.filled + from) * LINES, (tile * blocks + from / BLOCK) * LINES);
        (&self.values[values..values + width * LINES], &self.scales[scales..scales + LINES])
    }
}

#[inline(always)]
fn tile(lines: &[f32], width: usize, factors: Option<&[f32]>, values: &mut [i16], scales: &mut [f32]) {
    for (place, line) in lines.chunks_exact(width).enumerate() {
        for (block, part) in line.chunks(BLOCK).enumerate() {
            let mut scaled = [0.0f32; BLOCK];
            let scaled = &mut scaled[..part.len().next_multiple_of(PANEL)];
            match factors {
                Some(factors) => {
                    let factors = &factors[block * BLOCK..block * BLOCK + part.len()];
                    scaled.iter_mut().zip(part).zip(factors).for_each(|((to, value), factor)| *to = value * factor);
                }
                None => scaled[..part.len()].copy_from_slice(part),
            }
            // Compared as whole numbers, of which those of NaN are the highest: it gets through to the scale, and to the product.
            let mut most = [0i32; 16];
            for some in scaled.chunks_exact(16) {
                for (most, value) in most.iter_mut().zip(some) {
                    *most = (*most).max((value.to_bits() & 0x7fff_ffff) as i32);
                }
            }
            let most = f32::from_bits(most.into_iter().fold(0, i32::max) as u32);
            let inverse = if most > NOTHING { MOST_VALUE as f32 / most } else { 0.0 };
            scales[block * LINES + place] = most / MOST_VALUE as f32;
            let to = &mut values[block * BLOCK * LINES..][..scaled.len() * LINES];
            for (pair, to) in scaled.chunks_exact(2).zip(to.chunks_exact_mut(2 * LINES)) {
                to[2 * place] = round(pair[0] * inverse);
                to[2 * place + 1] = round(pair[1] * inverse);
            }
        }
    }
}
