//! What became of the stories, as a table.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Reason;
use super::ledger::Fate;

/// Counts of a run, those of earlier runs into the same files included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Pairs.
    pub accepted: usize,
    /// By reason.
    pub rejected: BTreeMap<Reason, usize>,
    /// The teacher had no answer; the next run tries again.
    pub lost: usize,
    /// Why the last of them had none.
    pub lost_reason: Option<String>,
    /// Somebody stopped the run.
    pub stopped: bool,
}

impl Summary {
    pub(crate) fn count(&mut self, fates: impl Iterator<Item = Fate>) {
        for fate in fates {
            match fate {
                Fate::Accepted => self.accepted += 1,
                Fate::Rejected(reason) => *self.rejected.entry(reason).or_default() += 1,
            }
        }
    }

    /// Accepted, rejected by reason, without an answer; in Markdown.
    pub fn table(&self) -> String {
        let rejected: usize = self.rejected.values().sum();
        let all = self.accepted + rejected + self.lost;
        let mut table = String::from("| outcome | | stories | share |\n|---|---|---|---|\n");
        let mut row = |name: &str, title: &str, count: usize| {
            let share = 100.0 * count as f64 / all.max(1) as f64;
            let _ = writeln!(table, "| {name} | {title} | {count} | {share:.1} % |");
        };
        row("accepted", "", self.accepted);
        row("rejected", "", rejected);
        for (reason, count) in &self.rejected {
            row(reason.name(), reason.title(), *count);
        }
        if self.lost > 0 {
            row("no answer", "the next run tries again", self.lost);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_counts_each_reason() {
        let mut summary = Summary { lost: 1, ..Summary::default() };
        let no = |reason| Fate::Rejected(reason);
        summary.count([Fate::Accepted, no(Reason::Tags), no(Reason::Leak), no(Reason::Tags)].into_iter());
        let table = summary.table();
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(rows[0], "| accepted |  | 1 | 20.0 % |");
        assert_eq!(rows[1], "| rejected |  | 3 | 60.0 % |");
        assert!(rows[2].starts_with("| leak |") && rows[3].starts_with("| tags |"), "{table}");
        assert!(rows[3].ends_with("| 2 | 40.0 % |") && rows[4].starts_with("| no answer |"), "{table}");
    }
}
