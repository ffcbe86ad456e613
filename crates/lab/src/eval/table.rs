//! The table: each measure of each arm with its interval, what the controls say of the measures, and differences.

use std::collections::BTreeMap;

use serde::Serialize;

use super::arm::{Arm, Kind};
use super::bootstrap::{Estimate, Resamples, Statistic};
use super::case::Case;
use super::control::{self, Verdict};
use super::measures::{Judgement, Measure, Unit, judge};
use super::mutate::{Change, mutant};
use super::reading::Readings;
use super::run::Outputs;

/// Seed of the resamples: the same outputs give the same intervals.
const SEED: u64 = 17;

/// Values of one arm.
#[derive(Clone, Debug)]
pub struct Column {
    /// Which arm.
    pub arm: Arm,
    /// What the measures say of each story; its samples are averaged.
    pub stories: Vec<Judgement>,
    /// Over all stories.
    pub estimates: BTreeMap<Measure, Estimate>,
}

/// One arm against another.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Name of the first arm.
    pub arm: String,
    /// Name of the second arm.
    pub against: String,
    /// Which measure.
    pub measure: Measure,
    /// First less second, story by story.
    #[serde(flatten)]
    pub estimate: Estimate,
}

/// All that the report shows.
pub struct Table {
    /// The stories, in order.
    pub cases: Vec<Case>,
    /// The arms, in order.
    pub columns: Vec<Column>,
    /// Whether each measure can tell shuffled criteria from right ones.
    pub verdicts: BTreeMap<Measure, Verdict>,
    /// Each arm against each later one.
    pub differences: Vec<Difference>,
    /// What readers said, when there were any.
    pub readings: Option<Readings>,
}

impl Table {
    /// Measures everything that was written.
    pub fn new(cases: Vec<Case>, arms: Vec<Arm>, outputs: &[Outputs]) -> Self {
        Self::with_readings(cases, arms, outputs, None)
    }

    /// Measures everything that was written, and puts what readers said of it first.
    pub fn with_readings(cases: Vec<Case>, arms: Vec<Arm>, outputs: &[Outputs], readings: Option<Readings>) -> Self {
        let resamples = Resamples::new(cases.len(), SEED);
        let columns: Vec<Column> = arms
            .into_iter()
            .zip(outputs)
            .map(|(arm, outputs)| {
                let mut stories: Vec<Judgement> = cases.iter().map(|case| story(case, outputs)).collect();
                for (case, judgement) in cases.iter().zip(&mut stories) {
                    let read = readings.as_ref().and_then(|readings| readings.of(&arm.name, &case.pair.id));
                    for (measure, tally) in read.into_iter().flatten().filter(|(_, tally)| tally.count > 0.0) {
                        judgement.values.insert(*measure, tally.sum / tally.count);
                        judgement.weights.insert(*measure, tally.count);
                    }
                }
                let estimate = |measure: &Measure| Some((*measure, over(&stories, *measure, &resamples)?));
                let estimates = Measure::ALL.iter().filter_map(estimate).collect();
                Column { arm, stories, estimates }
            })
            .collect();
        let verdicts = control::verdicts(&columns, &resamples);
        let differences = differences(&columns, &resamples);
        Self { cases, columns, verdicts, differences, readings }
    }

    /// Measures that at least one arm has a value for, in order.
    pub fn measures(&self) -> impl Iterator<Item = Measure> {
        let has = |measure: &Measure| self.columns.iter().any(|column| column.estimates.contains_key(measure));
        Measure::ALL.iter().copied().filter(has)
    }
}

/// One value a story.
pub(crate) fn values(stories: &[Judgement], measure: Measure) -> Vec<Option<f64>> {
    stories.iter().map(|judgement| judgement.values.get(&measure).copied()).collect()
}

/// Mean and weight of each story.
pub(crate) fn weighted(stories: &[Judgement], measure: Measure) -> Vec<Option<(f64, f64)>> {
    let of = |judgement: &Judgement| {
        Some((*judgement.values.get(&measure)?, judgement.weights.get(&measure).copied().unwrap_or(1.0)))
    };
    stories.iter().map(of).collect()
}

/// The value over stories, by the rule of the measure.
pub(crate) fn over(stories: &[Judgement], measure: Measure, resamples: &Resamples) -> Option<Estimate> {
    match measure.of_readers() {
        true => resamples.weighted(&weighted(stories, measure)),
        false => resamples.estimate(&values(stories, measure), statistic(measure)),
    }
}

/// Shares are averaged; times and counts have a median.
pub(crate) fn statistic(measure: Measure) -> Statistic {
    match measure.unit() {
        Unit::Share | Unit::Points => Statistic::Mean,
        Unit::Seconds | Unit::Count => Statistic::Median,
    }
}

/// The mean of a story's samples, and what was seen in any of them.
fn story(case: &Case, outputs: &Outputs) -> Judgement {
    let id = &case.pair.id;
    let answers: Vec<_> = outputs.answers.iter().filter(|answer| answer.id == *id).collect();
    let samples: Vec<Judgement> = answers.iter().map(|answer| judge(case, answer)).collect();
    let mut sums: BTreeMap<Measure, (f64, usize)> = BTreeMap::new();
    let mut story = Judgement::default();
    for sample in samples {
        for (measure, value) in sample.values {
            let (sum, count) = sums.entry(measure).or_default();
            *sum += value;
            *count += 1;
        }
        story.lost = story.lost.or(sample.lost);
        let new = |known: &[String], found: Vec<String>| -> Vec<String> {
            found.into_iter().filter(|one| !known.contains(one)).collect()
        };
        let missing = new(&story.missing, sample.missing);
        story.missing.extend(missing);
        let unsupported = new(&story.unsupported, sample.unsupported);
        story.unsupported.extend(unsupported);
    }
    story.values = sums.into_iter().map(|(measure, (sum, count))| (measure, sum / count.max(1) as f64)).collect();
    let first = answers.first();
    if let (Some(first), Some(again)) = (first, outputs.again.iter().find(|answer| answer.id == *id)) {
        let same = again.error.is_none() && first.criteria == again.criteria;
        story.values.insert(Measure::Repeatable, if same { 1.0 } else { 0.0 });
    }
    let before = first.and_then(|answer| answer.repaired(case).ok());
    for (change, answers) in &outputs.changed {
        let after = answers.iter().find(|answer| answer.id == *id);
        let (Some(after), Some(mutant)) = (after, mutant(case, *change)) else { continue };
        let (before, after) = (before.as_ref(), after.repaired(case).ok());
        let (measure, value) = change.judge(before, after.as_ref(), &mutant.own_words);
        story.values.insert(measure, value);
    }
    story
}

impl Change {
    fn judge(
        self,
        before: Option<&super::set::Set>,
        after: Option<&super::set::Set>,
        own_words: &std::collections::HashSet<String>,
    ) -> (Measure, f64) {
        use super::measures::mutation::{came, stayed, went};
        let share = |holds: bool| if holds { 1.0 } else { 0.0 };
        match self {
            Change::Deleted => (Measure::Deletion, share(went(before, after, own_words))),
            Change::Added => (Measure::Addition, share(came(before, after, own_words))),
            Change::Reworded => (Measure::Rewording, stayed(before, after)),
        }
    }
}

fn differences(columns: &[Column], resamples: &Resamples) -> Vec<Difference> {
    let mut found = Vec::new();
    for (place, one) in columns.iter().enumerate() {
        for other in &columns[place + 1..] {
            // What is known of shuffled criteria is in the verdicts.
            if matches!(one.arm.kind, Kind::Shuffled) || matches!(other.arm.kind, Kind::Shuffled) {
                continue;
            }
            for measure in Measure::ALL.iter().copied().filter(|measure| measure.headline()) {
                let estimate = if measure.of_readers() {
                    let (a, b) = (weighted(&one.stories, measure), weighted(&other.stories, measure));
                    resamples.weighted_difference(&a, &b)
                } else {
                    let (a, b) = (values(&one.stories, measure), values(&other.stories, measure));
                    resamples.difference(&a, &b, statistic(measure))
                };
                if let Some(estimate) = estimate {
                    let (arm, against) = (one.arm.name.clone(), other.arm.name.clone());
                    found.push(Difference { arm, against, measure, estimate });
                }
            }
        }
    }
    found
}
