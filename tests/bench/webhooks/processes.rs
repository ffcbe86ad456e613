//! What the programs of a run take of the machine, as Linux tells it under /proc.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use anyhow::{Context, Result};

/// A hundredth of a second on every Linux, whatever its kernel counts in.
const TICK: Duration = Duration::from_millis(10);

struct Process {
    id: u32,
    parent: u32,
    name: String,
    ticks: u64,
}

/// A program with the processes that it started.
pub(crate) struct Family(u32);

/// Processor time by name of the program: this one and all that it started.
pub(crate) struct Spent(BTreeMap<String, Duration>);

impl Family {
    pub(crate) fn of(process: u32) -> Self {
        Self(process)
    }

    /// Bytes; what several processes share counts once.
    pub(crate) fn memory(&self) -> Result<u64> {
        let family = descendants(self.0)?;
        family.iter().map(|process| memory_of(process.id)).sum()
    }
}

impl Spent {
    pub(crate) fn now() -> Result<Self> {
        let mut spent = BTreeMap::new();
        for process in descendants(std::process::id())? {
            let time = TICK * u32::try_from(process.ticks).unwrap_or(u32::MAX);
            *spent.entry(process.name).or_default() += time;
        }
        Ok(Self(spent))
    }

    pub(crate) fn since(self, before: &Self) -> Self {
        let earlier = |name: &str| before.0.get(name).copied().unwrap_or_default();
        Self(self.0.into_iter().map(|(name, time)| (name.clone(), time.saturating_sub(earlier(&name)))).collect())
    }

    /// Those that took any, the most first.
    pub(crate) fn largest(&self) -> Vec<(&str, Duration)> {
        let mut all: Vec<_> = self.0.iter().map(|(name, time)| (name.as_str(), *time)).collect();
        all.retain(|(_, time)| !time.is_zero());
        all.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        all
    }
}

/// The part of memory that is a process' own, with its share of what others use, too.
fn memory_of(process: u32) -> Result<u64> {
    let path = format!("/proc/{process}/smaps_rollup");
    let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kilobytes: u64 = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse().ok()).context(path)?;
    Ok(kilobytes * 1024)
}

/// The process itself and all that came of it.
fn descendants(root: u32) -> Result<Vec<Process>> {
    let mut children: HashMap<u32, Vec<Process>> = HashMap::new();
    let mut family = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let Some(id) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process that has ended meanwhile.
        let Some(process) = process(id) else { continue };
        if process.id == root {
            family.push(process);
        } else {
            children.entry(process.parent).or_default().push(process);
        }
    }
    let mut next = 0;
    while let Some(parent) = family.get(next).map(|process| process.id) {
        family.extend(children.remove(&parent).unwrap_or_default());
        next += 1;
    }
    Ok(family)
}

fn process(id: u32) -> Option<Process> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name stands in brackets, and may hold any.
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    // Fields 4, 14 and 15 of proc_pid_stat(5); the first of `rest` is field 3.
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    let parent = u32::try_from(number(4)?).ok()?;
    Some(Process { id, parent, name: name.to_owned(), ticks: number(14)? + number(15)? })
}
