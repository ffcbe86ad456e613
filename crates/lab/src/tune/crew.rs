//! Trees worked on side by side: each product of a tree is too small to keep many cores busy without pauses, whole trees
//! need to wait for each other only at the end of a step. Those of a large model are worked on one after the other: its
//! products are large enough, and what a tree keeps for the way back takes gigabytes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use candle_core::Device;

use super::error::TuneError;
use super::tree::Tree;

/// Groups of threads, one for each tree that is worked on.
pub(crate) struct Crew(Vec<rayon::ThreadPool>);

impl Crew {
    /// Shares all threads among as many groups as a step has trees, if there are so many. A GPU and a large model have one.
    ///
    /// # Errors
    /// When threads can't be started.
    pub(crate) fn new(trees: usize, device: &Device, large: bool) -> Result<Self, TuneError> {
        let threads = rayon::current_num_threads();
        let groups = if device.is_cpu() && !large { trees.clamp(1, threads) } else { 1 };
        let share = |group: usize| threads / groups + usize::from(group < threads % groups);
        let build = |group| rayon::ThreadPoolBuilder::new().num_threads(share(group)).build();
        let pools: Result<Vec<_>, _> = (0..groups).map(build).collect();
        Ok(Self(pools.map_err(candle_core::Error::wrap)?))
    }

    /// Does `work` with each tree; the longest are begun first. What it gives is handed to `then` in the order of the trees;
    /// with one group, before the next tree is begun.
    ///
    /// # Errors
    /// The first that `work` or `then` gives, in the order of the trees.
    pub(crate) fn each<T: Send>(
        &self,
        trees: &[&Tree],
        work: impl Fn(&Tree) -> Result<T, TuneError> + Sync,
        mut then: impl FnMut(T) -> Result<(), TuneError> + Send,
    ) -> Result<(), TuneError> {
        if let [pool] = self.0.as_slice() {
            return pool.install(|| trees.iter().try_for_each(|tree| then(work(tree)?)));
        }
        let mut order: Vec<usize> = (0..trees.len()).collect();
        order.sort_by_key(|place| std::cmp::Reverse(trees[*place].tokens.len()));
        let next = AtomicUsize::new(0);
        let results = Mutex::new(trees.iter().map(|_| None).collect::<Vec<_>>());
        let busy = || {
            while let Some(place) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                let result = work(trees[*place]);
                results.lock().unwrap_or_else(PoisonError::into_inner)[*place] = Some(result);
            }
        };
        std::thread::scope(|scope| {
            for pool in &self.0 {
                scope.spawn(|| pool.install(busy));
            }
        });
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.into_iter().flatten().try_for_each(|result| then(result?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::tune::tree::Shape;

    fn tree(length: usize) -> Tree {
        let shape = Shape { prefix: length, branches: Vec::new() };
        Tree { tokens: vec![0; length], shape, rows: Vec::new(), targets: Vec::new() }
    }

    #[test]
    fn results_are_in_the_order_of_the_trees() {
        let trees: Vec<Tree> = [3, 9, 1, 7, 5].map(tree).into();
        let trees: Vec<&Tree> = trees.iter().collect();
        for groups in [1, 2, 9] {
            for large in [false, true] {
                let (crew, mut found) = (Crew::new(groups, &Device::Cpu, large).unwrap(), Vec::new());
                let keep = |length| {
                    found.push(length);
                    Ok(())
                };
                crew.each(&trees, |tree| Ok(tree.tokens.len()), keep).unwrap();
                assert_eq!(found, [3, 9, 1, 7, 5]);
            }
        }
    }

    #[test]
    fn an_error_is_given_back() {
        let trees = [tree(1), tree(2)];
        let crew = Crew::new(2, &Device::Cpu, false).unwrap();
        let work = |tree: &Tree| match tree.tokens.len() {
            1 => Ok(()),
            _ => Err(TuneError::Compute(candle_core::Error::msg("too long"))),
        };
        let error = crew.each(&trees.iter().collect::<Vec<_>>(), work, |()| Ok(())).unwrap_err();
        assert!(error.to_string().contains("too long"));
    }
}
