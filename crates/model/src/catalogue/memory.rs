//! How much memory this process can still take.

use sysinfo::{CGroupLimits, MemoryRefreshKind, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System};

/// Bytes of memory that can be taken now without anything being swapped out: what the machine has available, or what is left
/// below the limit of the container or unit that this process runs in, whichever is less. None where it can't be found out.
pub fn free_memory() -> Option<u64> {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let mut system = System::new_with_specifics(memory).ok()?;
    let available = system.available_memory();
    let limits = sysinfo::get_current_pid().ok().and_then(|pid| {
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, ProcessRefreshKind::nothing());
        system.process(pid)?.cgroup_limits()
    });
    (available > 0).then(|| below(available, limits.as_ref()))
}

/// A limit's `free_memory` counts files that are merely cached as taken; after a download that would be nearly all of it.
/// What processes themselves hold is `rss`.
fn below(available: u64, limits: Option<&CGroupLimits>) -> u64 {
    limits.map_or(available, |limits| available.min(limits.total_memory.saturating_sub(limits.rss)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_containers_limit_counts_less_what_its_processes_hold_but_not_what_is_cached() {
        let limits = |total_memory, rss| CGroupLimits { total_memory, free_memory: 0, free_swap: 0, rss };
        assert_eq!(below(100, None), 100);
        assert_eq!(below(100, Some(&limits(40, 10))), 30);
        assert_eq!(below(20, Some(&limits(40, 10))), 20, "the machine has less than the container may take");
        assert_eq!(below(100, Some(&limits(40, 50))), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_has_no_more_free_than_it_has() {
        let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let total =
            text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().split(' ').next()?.parse().ok());
        let total: u64 = total.unwrap_or(0) * 1024;
        assert!(free_memory().is_some_and(|free| free > 0 && free < total), "{:?} of {total}", free_memory());
    }
}
