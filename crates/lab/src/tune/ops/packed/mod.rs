//! Products with frozen matrices in 16 bits: about twice as fast as in f32, in half the memory, and off by less than a
//! thousandth.
//!
//! Both factors become whole numbers, of 11 and 12 bits without their signs; 256 products are summed exactly, the sums of
//! the blocks in f32. `vpmaddwd` multiplies twice as many pairs of 16 bits as there are f32 in a register.
//!
//! Every sum is made in the same order on any number of threads, so that a run gives the same result with any.

mod layout;
mod lines;
#[cfg(test)]
mod tests;
mod tile;
mod turn;

use std::ops::Range;

use rayon::prelude::*;

pub(crate) use self::layout::Packed;
use self::layout::{BLOCK, LINES, PANEL, block_width};
use self::lines::Lines;
use self::tile::{Kind, Tile};
use super::product::Write;

/// Panels of outputs that a thread computes at a time: their weights for a block of the contraction stay in its cache.
const PANELS: usize = 8;
/// No fewer tiles of lines than these are a piece of work.
const TILES: usize = 16;

impl Packed {
    /// Whether this processor has instructions for these products.
    pub(crate) fn fast() -> bool {
        Kind::all()[0] != Kind::Plain
    }

    /// `y` [n, rows] from `x` [n, columns]: x Wᵀ.
    pub(crate) fn forward(&self, x: &[f32], y: &mut [f32], write: Write) {
        self.forward_as(Kind::all()[0], x, y, write);
    }

    /// `dx` [n, columns] from `dy` [n, rows]: dy W.
    pub(crate) fn backward(&self, dy: &[f32], dx: &mut [f32], write: Write) {
        self.backward_as(Kind::all()[0], dy, dx, write);
    }

    fn forward_as(&self, kind: Kind, x: &[f32], y: &mut [f32], write: Write) {
        let lines = Lines::new(x, self.columns, None);
        let weights = |block: usize, panels: Range<usize>, _: &mut Vec<i16>| self.panel(block, panels.start).as_ptr();
        Product { kind, lines: &lines, contraction: self.columns, scales: &self.scales, weights }
            .run(y, self.rows, write);
    }

    fn backward_as(&self, kind: Kind, dy: &[f32], dx: &mut [f32], write: Write) {
        let lines = Lines::new(dy, self.rows, Some(&self.scales));
        let scales = vec![1.0; self.columns.next_multiple_of(PANEL)];
        let weights = |block: usize, panels: Range<usize>, room: &mut Vec<i16>| {
            let size = block_width(block, self.rows) * PANEL;
            room.resize(PANELS * BLOCK * PANEL, 0);
            for (panel, to) in panels.zip(room.chunks_exact_mut(size)) {
                self.turned(block, panel * PANEL, to);
            }
            room.as_ptr()
        };
        Product { kind, lines: &lines, contraction: self.rows, scales: &scales, weights }.run(dx, self.columns, write);
    }
}

/// Lines times panels.
struct Product<'a, W> {
    kind: Kind,
    lines: &'a Lines,
    /// How many numbers a sum is of.
    contraction: usize,
    /// Of the outputs, filled up to whole panels.
    scales: &'a [f32],
    /// The weights of some panels in the block that begins there; the room may hold them.
    weights: W,
}

impl<W: Fn(usize, Range<usize>, &mut Vec<i16>) -> *const i16 + Sync> Product<'_, W> {
    fn run(&self, target: &mut [f32], outputs: usize, write: Write) {
        assert_eq!(target.len(), self.lines.count * outputs, "the target does not fit");
        let (panels, tiles) = (outputs.div_ceil(PANEL), self.lines.tiles());
        let groups = panels.div_ceil(PANELS);
        let wanted = (4 * rayon::current_num_threads()).div_ceil(groups.max(1)).min(tiles.div_ceil(TILES)).max(1);
        let share = tiles.div_ceil(wanted);
        let pieces: Vec<(usize, usize)> =
            (0..groups).flat_map(|group| (0..tiles).step_by(share.max(1)).map(move |tile| (group, tile))).collect();
        let target = Target(target.as_mut_ptr());
        pieces.par_iter().with_max_len(1).for_each(|(group, tile)| {
            let panels = group * PANELS..((group + 1) * PANELS).min(panels);
            self.piece(panels, *tile..(tile + share).min(tiles), &target, outputs, write);
        });
    }

    /// Some panels of some lines.
    fn piece(&self, panels: Range<usize>, tiles: Range<usize>, target: &Target, outputs: usize, write: Write) {
        let mut room = Vec::new();
        let first = panels.start * PANEL;
        let whole = outputs.min(panels.end * PANEL) / PANEL - panels.start;
        for block in (0..self.contraction).step_by(BLOCK) {
            let weights = (self.weights)(block, panels.clone(), &mut room);
            for tile in tiles.clone() {
                let (values, line_scales) = self.lines.block(tile, block);
                let line = tile * LINES;
                // SAFETY: `line` and `first` are places of the target.
                #[allow(unsafe_code)]
                let place = unsafe { target.0.add(line * outputs + first) };
                let tile = Tile {
                    steps: block_width(block, self.contraction) / 2,
                    weights,
                    values: values.as_ptr(),
                    line_scales: line_scales.as_ptr(),
                    output_scales: self.scales[first..].as_ptr(),
                    target: place,
                    stride: outputs,
                    lines: (self.lines.count - line).min(LINES),
                    add: write == Write::Add || block > 0,
                };
                // SAFETY: weights and scales are there for all panels, values and scales for six lines, and this piece has
                // its part of the target for itself.
                #[allow(unsafe_code)]
                unsafe {
                    self.kind.run(tile, whole);
                    if whole < panels.len() {
                        self.last(tile, whole, outputs - first - whole * PANEL);
                    }
                }
            }
        }
    }

    /// The last panel, of which the target has some outputs only.
    ///
    /// # Safety
    /// As for [`Kind::run`].
    #[allow(unsafe_code)]
    unsafe fn last(&self, tile: Tile, panel: usize, outputs: usize) {
        let mut whole = [0.0f32; LINES * PANEL];
        // SAFETY: as promised; `whole` has room for a panel, the target for `outputs` of its outputs.
        unsafe {
            let tile = tile.panel(panel);
            let place = |line: usize| tile.target.add(line * tile.stride);
            for line in 0..if tile.add { tile.lines } else { 0 } {
                std::ptr::copy_nonoverlapping(place(line), whole[line * PANEL..].as_mut_ptr(), outputs);
            }
            self.kind.run(Tile { target: whole.as_mut_ptr(), stride: PANEL, ..tile }, 1);
            for line in 0..tile.lines {
                std::ptr::copy_nonoverlapping(whole[line * PANEL..].as_ptr(), place(line), outputs);
            }
        }
    }
}

/// Where the pieces write.
struct Target(*mut f32);

// SAFETY: pieces write to places that differ.
#[allow(unsafe_code)]
unsafe impl Sync for Target {}
