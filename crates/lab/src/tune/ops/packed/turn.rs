//! Rows and columns of a packed block changed: pairs of columns of 16 rows become pairs of rows of 16 columns.

use super::layout::{BLOCK, PANEL, Packed, block_width};

impl Packed {
    /// The panel of the 16 columns from `column` on, over the rows from `row` on that are a block: [pairs of rows, 16
    /// columns, 2].
    pub(super) fn turned(&self, row: usize, column: usize, to: &mut [i16]) {
        let rows = block_width(row, self.rows);
        let block = column / BLOCK * BLOCK;
        for (panel, to) in to[..rows * PANEL].chunks_exact_mut(PANEL * PANEL).enumerate() {
            let from = &self.panel(block, row / PANEL + panel)[(column - block) * PANEL..][..PANEL * PANEL];
            turn(from, to);
        }
    }
}

/// [8 pairs of columns, 16 rows, 2] to [8 pairs of rows, 16 columns, 2].
#[inline]
fn turn(from: &[i16], to: &mut [i16]) {
    for columns in 0..PANEL / 2 {
        for rows in 0..PANEL / 2 {
            // Two rows' pairs of columns.
            let four = &from[columns * PANEL * 2 + rows * 4..][..4];
            let four = [four[0], four[2], four[1], four[3]];
            to[rows * PANEL * 2 + columns * 4..][..4].copy_from_slice(&four);
        }
    }
}
