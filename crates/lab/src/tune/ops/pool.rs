//! Memory that is used again. Fresh blocks of this size come from the system page by page, which costs an eighth of the
//! time of training.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// Sizes are rounded up to a multiple of this many values, so that texts of about the same length share blocks.
const ROUND: usize = 1 << 14;

/// Blocks of at least so many values are large.
const LARGE: usize = 1 << 18;

/// Free blocks, shared by all clones.
#[derive(Clone, Default)]
pub(crate) struct Pool(Arc<Mutex<Vec<Vec<f32>>>>);

/// A block on loan; it goes back when dropped.
pub(crate) struct Buffer {
    /// At least `len` long.
    values: Vec<f32>,
    len: usize,
    pool: Pool,
}

impl Pool {
    /// `len` values that are whatever they were: for results that are overwritten.
    ///
    /// Texts differ in length, and each brings blocks of other sizes: a large block serves for a shorter text too, and one
    /// that is too small makes room for one that is not. So there are never more large blocks than were needed at once.
    pub(crate) fn take(&self, len: usize) -> Buffer {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let most = if len >= LARGE { usize::MAX } else { 2 * len + 2 * ROUND };
        let fits = |block: &Vec<f32>| (len..=most).contains(&block.len());
        let best = (0..free.len()).filter(|place| fits(&free[*place])).min_by_key(|place| free[*place].len());
        let block = best.map(|place| free.swap_remove(place));
        if block.is_none() && len >= LARGE {
            let smaller = (0..free.len()).filter(|place| (LARGE..len).contains(&free[*place].len()));
            if let Some(place) = smaller.max_by_key(|place| free[*place].len()) {
                free.swap_remove(place);
            }
        }
        drop(free);
        let values = block.unwrap_or_else(|| vec![0.0; len.next_multiple_of(ROUND)]);
        Buffer { values, len, pool: self.clone() }
    }

    /// `len` zeros.
    pub(crate) fn zeros(&self, len: usize) -> Buffer {
        let mut buffer = self.take(len);
        buffer.fill(0.0);
        buffer
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values[..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[..self.len]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        self.pool.0.lock().unwrap_or_else(PoisonError::into_inner).push(values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_returned_block_is_lent_again() {
        let pool = Pool::default();
        let address = pool.take(20_000).as_ptr();
        let again = pool.take(19_000);
        assert_eq!((again.as_ptr(), again.len()), (address, 19_000));
        assert_ne!(pool.zeros(20_000).as_ptr(), address);
    }

    #[test]
    fn large_blocks_serve_for_shorter_texts_and_make_room_for_longer_ones() {
        let (pool, sizes) = (Pool::default(), [4 * LARGE, LARGE, 9 * LARGE, 2 * LARGE]);
        for len in sizes {
            let _two = [pool.take(len), pool.take(len)];
        }
        assert_eq!(pool.0.lock().unwrap_or_else(PoisonError::into_inner).len(), 2);
    }
}
