//! A frozen matrix in 16 bits: whole numbers with a scale a row.
//!
//! Rows are outputs, columns are inputs. 256 columns are a block, in which panels of 16 rows follow each other; in a panel,
//! pairs of columns follow each other, and a pair of columns is the pairs of all 16 rows. So x Wᵀ reads a block straight on.
//! dy W reads the same numbers with rows and columns changed (`turn`), 256 rows at a time, which costs a hundredth of the
//! product; the rows' scales are then taken up by dy.

use rayon::prelude::*;

/// Rows of a panel.
pub(super) const PANEL: usize = 16;
/// Lines that are multiplied at a time.
pub(super) const LINES: usize = 6;
/// Numbers that are summed before the sum is made an f32.
pub(super) const BLOCK: usize = 256;
/// The largest weight and the largest value: sums of a block of their products fit into 32 bits.
pub(super) const MOST_WEIGHT: i32 = 2047;
pub(super) const MOST_VALUE: i32 = 4095;
/// What is smaller is taken for zero: its inverse would be no number.
pub(super) const NOTHING: f32 = 1e-30;
const _: () = assert!(MOST_WEIGHT as i64 * MOST_VALUE as i64 * BLOCK as i64 <= i32::MAX as i64);

/// See the module.
pub(crate) struct Packed {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) values: Vec<i16>,
    /// Of each row, zeros behind the last one.
    pub(super) scales: Vec<f32>,
}

impl Packed {
    /// Packs weights [rows, columns].
    pub(crate) fn new(weights: &[f32], columns: usize) -> Self {
        let rows = weights.len() / columns;
        let filled = rows.next_multiple_of(PANEL);
        let scale = |row: &[f32]| row.iter().fold(0.0f32, |most, value| most.max(value.abs())) / MOST_WEIGHT as f32;
        let mut scales: Vec<f32> = weights.par_chunks_exact(columns).map(scale).collect();
        scales.resize(filled, 0.0);
        let mut values = vec![0; filled * columns.next_multiple_of(PANEL)];
        for from in (0..columns).step_by(BLOCK) {
            let width = block_width(from, columns);
            let block = &mut values[from * filled..(from + width) * filled];
            block.par_chunks_exact_mut(PANEL * width).enumerate().for_each(|(panel, to)| {
                for row in panel * PANEL..((panel + 1) * PANEL).min(rows) {
                    let inverse = if scales[row] > NOTHING { 1.0 / scales[row] } else { 0.0 };
                    let line = &weights[row * columns + from..row * columns + (from + width).min(columns)];
                    for (column, weight) in line.iter().enumerate() {
                        let place = (column / 2 * PANEL + row % PANEL) * 2 + column % 2;
                        to[place] = round(weight * inverse);
                    }
                }
            });
        }
        Self { rows, columns, values, scales }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Rows with those that fill up the last panel.
    pub(super) fn filled(&self) -> usize {
        self.scales.len()
    }

    /// A panel of the block whose first column is `from`: [pairs of columns, 16, 2].
    pub(super) fn panel(&self, from: usize, panel: usize) -> &[i16] {
        let width = block_width(from, self.columns);
        let start = from * self.filled() + panel * PANEL * width;
        &self.values[start..start + PANEL * width]
    }
}

/// How wide the block is that begins at `from` of `all`, filled up to whole panels.
pub(super) fn block_width(from: usize, all: usize) -> usize {
    (all.next_multiple_of(PANEL) - from).min(BLOCK)
}

/// To the nearest whole number, which must fit.
#[inline(always)]
pub(super) fn round(value: f32) -> i16 {
    // Adding 1.5 · 2^23 rounds; the number then stands in the lowest bits.
    const MAGIC: f32 = 12_582_912.0;
    (value + MAGIC).to_bits() as i16
}
