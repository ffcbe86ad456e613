//! Sharing work among threads.

use std::ops::Range;

use rayon::prelude::*;

/// Calls `run` for pieces of 0 to `count`, on all threads where `bytes`, about what is read, is worth it.
pub(super) fn share(count: usize, bytes: usize, run: impl Fn(Range<usize>) + Sync) {
    /// Waking a thread takes as long as reading so much.
    const WORTH_SHARING: usize = 1 << 16;
    /// Of a piece, where there are many: other programs may slow one thread down.
    const PIECE: usize = 1 << 19;
    let threads = rayon::current_num_threads();
    if threads == 1 || bytes < WORTH_SHARING {
        return run(0..count);
    }
    let pieces = (bytes / PIECE).clamp(threads, 8 * threads).min(count);
    let piece = count.div_ceil(pieces.max(1));
    let run = |first: usize| run(first * piece..((first + 1) * piece).min(count));
    (0..count.div_ceil(piece)).into_par_iter().with_max_len(1).for_each(run);
}

/// Memory that several threads write to, each its own places.
pub(super) struct Shared(*mut f32, usize);

// SAFETY: whoever writes promises that places differ.
#[allow(unsafe_code)]
unsafe impl Sync for Shared {}

impl Shared {
    pub(super) fn new(values: &mut [f32]) -> Self {
        Self(values.as_mut_ptr(), values.len())
    }

    /// Some of the values.
    ///
    /// # Safety
    /// Nobody else may use these meanwhile, and the memory must still be there.
    // The memory is shared among threads: that is what this is for.
    #[allow(unsafe_code, clippy::mut_from_ref)]
    #[inline(always)]
    pub(super) unsafe fn part(&self, from: usize, count: usize) -> &mut [f32] {
        assert!(from + count <= self.1);
        // SAFETY: within the memory; the rest is the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(from), count) }
    }
}
