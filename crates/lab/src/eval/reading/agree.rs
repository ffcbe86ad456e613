//! What readers are worth: whether they saw what was wrong on purpose, whether they say the same twice, and whether they agree
//! with each other.

use serde::Serialize;

use super::key::{Key, Task};
use super::rows::{Reader, Row};

/// A reader who sees less of what was sabotaged is not counted.
const ATTENTIVE: f64 = 0.8;
/// A scenario that is wrong on purpose may still get so many points from a reader who saw it.
const SEEN_POINTS: u8 = 3;

/// Whether a reader saw the scenarios that were wrong on purpose.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attention {
    /// Who.
    pub reader: String,
    /// Scenarios that were seen to be wrong.
    pub seen: usize,
    /// Of so many that were read.
    pub of: usize,
    /// Numbers without an answer.
    pub unread: usize,
    /// Too few were seen: nothing that this reader said is counted.
    pub dropped: bool,
}

/// Whether a reader says the same of the same scenario twice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Repeats {
    /// Who.
    pub reader: String,
    /// Scenarios that were read twice.
    pub scenarios: usize,
    /// The same points both times, 0 to 1.
    pub same: f64,
    /// Mean distance in points.
    pub apart: f64,
}

/// What two readers make of the same scenarios.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// One reader.
    pub reader: String,
    /// The other.
    pub other: String,
    /// Scenarios that both read.
    pub scenarios: usize,
    /// The same points, 0 to 1.
    pub same: f64,
    /// Pearson's correlation of their points; none when one of them gave everything the same.
    pub correlation: Option<f64>,
    /// Mean distance in points.
    pub apart: f64,
    /// The same answer to "turned".
    pub turned: f64,
}

pub(super) fn attention(key: &Key, reader: &Reader) -> Attention {
    let checks = key.entries.iter().filter(|entry| matches!(entry.task, Task::Check { .. }));
    let seen: Vec<bool> = checks.filter_map(|entry| reader.rows.get(&entry.number)).map(sees).collect();
    let (of, seen) = (seen.len(), seen.iter().filter(|seen| **seen).count());
    let unread = key.to_read().filter(|entry| !reader.rows.contains_key(&entry.number)).count();
    let dropped = (seen as f64) < ATTENTIVE * of as f64;
    Attention { reader: reader.name.clone(), seen, of, unread, dropped }
}

fn sees(row: &Row) -> bool {
    row.points.is_some_and(|points| points <= SEEN_POINTS) || row.turned == Some(true)
}

pub(super) fn repeats(key: &Key, reader: &Reader) -> Option<Repeats> {
    let twice = |entry: &super::key::Entry| match entry.task {
        Task::Scenario { again: Some(first), .. } => {
            Some((reader.rows.get(&first)?.points?, reader.rows.get(&entry.number)?.points?))
        }
        _ => None,
    };
    let pairs: Vec<(u8, u8)> = key.entries.iter().filter_map(twice).collect();
    let (same, apart) = distance(&pairs)?;
    Some(Repeats { reader: reader.name.clone(), scenarios: pairs.len(), same, apart })
}

pub(super) fn agreement(key: &Key, reader: &Reader, other: &Reader) -> Option<Agreement> {
    let both = |entry: &super::key::Entry| match entry.task {
        Task::Scenario { .. } => Some((reader.rows.get(&entry.number)?, other.rows.get(&entry.number)?)),
        _ => None,
    };
    let rows: Vec<(&Row, &Row)> = key.entries.iter().filter_map(both).collect();
    let pairs: Vec<(u8, u8)> = rows.iter().filter_map(|(one, other)| Some((one.points?, other.points?))).collect();
    let (same, apart) = distance(&pairs)?;
    let turned =
        rows.iter().filter(|(one, other)| one.turned == other.turned).count() as f64 / rows.len().max(1) as f64;
    let (reader, other) = (reader.name.clone(), other.name.clone());
    Some(Agreement { reader, other, scenarios: pairs.len(), same, correlation: correlation(&pairs), apart, turned })
}

/// Share of equal ones, and mean distance; none without any.
fn distance(pairs: &[(u8, u8)]) -> Option<(f64, f64)> {
    if pairs.is_empty() {
        return None;
    }
    let count = pairs.len() as f64;
    let same = pairs.iter().filter(|(one, other)| one == other).count() as f64;
    let apart: f64 = pairs.iter().map(|(one, other)| f64::from(one.abs_diff(*other))).sum();
    Some((same / count, apart / count))
}

fn correlation(pairs: &[(u8, u8)]) -> Option<f64> {
    let count = pairs.len() as f64;
    let mean = |of: fn(&(u8, u8)) -> u8| pairs.iter().map(|pair| f64::from(of(pair))).sum::<f64>() / count;
    let (one, other) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (a, b) = (f64::from(pair.0) - one, f64::from(pair.1) - other);
        both += a * b;
        first += a * a;
        second += b * b;
    }
    let spread = (first * second).sqrt();
    (spread > 0.0).then(|| both / spread)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn points_that_rise_together_correlate() {
        assert!((correlation(&[(0, 3), (5, 7), (10, 10)]).unwrap() - 0.99).abs() < 0.01);
        assert!((correlation(&[(0, 10), (5, 5), (10, 0)]).unwrap() + 1.0).abs() < 1e-9);
        assert_eq!(correlation(&[(5, 0), (5, 10)]), None);
        assert_eq!(distance(&[(0, 3), (5, 5)]), Some((0.5, 1.5)));
    }
}
