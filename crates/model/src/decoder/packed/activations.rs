//! Activations in eight bits, in blocks of 32 values that share a scale.

use rayon::prelude::*;

/// Values that share a scale.
pub(super) const BLOCK: usize = 32;
/// Fewer values than this are not worth a second thread.
const WORTH_SHARING: usize = 1 << 16;

/// Lines of activations, quantised. Blocks of the same columns lie side by side, so that a kernel that goes through all lines
/// with one block of weights reads memory straight on.
#[derive(Default)]
pub(super) struct Activations {
    lines: usize,
    columns: usize,
    /// [columns / 32, lines, 32], -127 to 127
    values: Vec<i8>,
    /// [columns / 32, lines]
    sides: Vec<Side>,
}

/// What a kernel needs to know of a block besides its values.
#[derive(Clone, Copy, Default)]
pub(super) struct Side {
    /// What the values are multiplied with.
    pub(super) scale: f32,
    /// The sum of the values, scaled.
    pub(super) sum: f32,
    /// The sums of the first and of the last 16 values.
    pub(super) halves: [i16; 2],
    /// The sum of all.
    pub(super) total: i32,
}

impl Activations {
    /// Takes over `input` [lines, columns]; `columns` must be a multiple of [`BLOCK`].
    ///
    /// # Safety
    /// The processor must have AVX2 and FMA.
    #[allow(unsafe_code)]
    pub(super) unsafe fn quantise(&mut self, input: &[f32], columns: usize) {
        let lines = input.len() / columns;
        (self.lines, self.columns) = (lines, columns);
        self.values.resize(input.len(), 0);
        self.sides.resize(input.len() / BLOCK, Side::default());
        let size = if input.len() < WORTH_SHARING {
            columns / BLOCK
        } else {
            (columns / BLOCK).div_ceil(2 * rayon::current_num_threads())
        };
        let pieces = self.values.chunks_mut(size * lines * BLOCK).zip(self.sides.chunks_mut(size * lines)).enumerate();
        let run = |(piece, (values, sides)): (usize, (&mut [i8], &mut [Side]))| {
            // SAFETY: the caller says so.
            unsafe { quantise_blocks(input, columns, piece * size, values, sides) }
        };
        if size * BLOCK == columns {
            pieces.for_each(run);
        } else {
            pieces.collect::<Vec<_>>().into_par_iter().with_max_len(1).for_each(run);
        }
    }

    pub(super) fn lines(&self) -> usize {
        self.lines
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// The values and sides of all lines in one block of columns.
    #[inline(always)]
    pub(super) fn block(&self, number: usize) -> (&[i8], &[Side]) {
        let places = number * self.lines..(number + 1) * self.lines;
        (&self.values[places.start * BLOCK..places.end * BLOCK], &self.sides[places])
    }
}

/// Plain code, compiled for instructions that round eight values at once. Writes the blocks from `first` on.
#[target_feature(enable = "avx2,fma")]
fn quantise_blocks(input: &[f32], columns: usize, first: usize, values: &mut [i8], sides: &mut [Side]) {
    let lines = input.len() / columns;
    for (place, (values, side)) in values.chunks_exact_mut(BLOCK).zip(sides).enumerate() {
        let (block, line) = (first + place / lines, place % lines);
        let from = line * columns + block * BLOCK;
        let block = &input[from..from + BLOCK];
        let mut largest = [0f32; 8];
        for eight in block.chunks_exact(8) {
            for (largest, value) in largest.iter_mut().zip(eight) {
                *largest = largest.max(value.abs());
            }
        }
        let largest = largest.into_iter().fold(0f32, f32::max);
        let scale = largest / 127.0;
        let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
        let mut halves = [0i16; 2];
        for ((half, values), sum) in block.chunks_exact(16).zip(values.chunks_exact_mut(16)).zip(&mut halves) {
            for (value, quantised) in half.iter().zip(values) {
                let rounded = (value * inverse).round_ties_even().clamp(-127.0, 127.0) as i32;
                *quantised = rounded as i8;
                *sum += rounded as i16;
            }
        }
        let total = i32::from(halves[0]) + i32::from(halves[1]);
        *side = Side { scale, sum: scale * total as f32, halves, total };
    }
}
