//! The gate before an adapter is taken into use: what it writes for held-out pairs against what is in use now.

mod coverage;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use crate::eval::bootstrap::{Estimate, Resamples, Statistic};
use crate::eval::measures::{Direction, Measure};
use crate::eval::{Case, Outputs, Table};

/// Fewer pairs say nothing.
pub const LEAST_PAIRS: usize = 20;
/// Seed of the resamples.
const SEED: u64 = 17;

/// The rule, for the reader.
pub const RULE: &str = "An adapter is taken into use only when, on at least 20 held-out pairs, (1) none of these is clearly \
worse than with what is in use: all gates passed, facts covered, scenarios that speak of the story, unsupported outcomes, \
answers lost; and (2) facts covered or unsupported outcomes are clearly better. Where fewer than 20 pairs have facts, the \
share of the story's sentences that some scenario rests on stands in their place. Clearly means: the 95 % interval of the \
difference, story by story (bootstrap), leaves zero out.";

/// One measure of both.
#[derive(Clone, Debug)]
pub struct Line {
    /// What is measured.
    pub title: &'static str,
    /// Whether more is better.
    pub higher_is_better: bool,
    /// It can decide for the candidate, not only against it.
    pub decides: bool,
    /// Of the candidate.
    pub candidate: Estimate,
    /// Of what is in use.
    pub in_use: Estimate,
    /// Candidate less what is in use, story by story.
    pub difference: Estimate,
}

/// What the gate says.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The figures.
    pub lines: Vec<Line>,
    /// Why it is refused; empty when it is not.
    pub reasons: Vec<String>,
}

/// Why so many pairs can't decide; none when they can.
pub fn too_few(pairs: usize) -> Option<String> {
    (pairs < LEAST_PAIRS).then(|| format!("{pairs} held-out pairs are too few to tell; {LEAST_PAIRS} are the least"))
}

/// Judges the first arm of the table against the second. `outputs` are those that the table was made of.
pub fn decide(table: &Table, outputs: &[Outputs]) -> Decision {
    let pairs = table.cases.len();
    let mut reasons: Vec<String> = too_few(pairs).into_iter().collect();
    let resamples = Resamples::new(pairs, SEED);
    let mut lines = Vec::new();
    let mut add = |title, higher_is_better, decides, values: [Vec<Option<f64>>; 2]| {
        let [candidate, in_use] = values;
        let estimates = (
            resamples.estimate(&candidate, Statistic::Mean),
            resamples.estimate(&in_use, Statistic::Mean),
            resamples.difference(&candidate, &in_use, Statistic::Mean),
        );
        if let (Some(candidate), Some(in_use), Some(difference)) = estimates {
            lines.push(Line { title, higher_is_better, decides, candidate, in_use, difference });
        }
    };
    for (measure, decides) in [
        (Measure::Gates, false),
        (Measure::Facts, true),
        (Measure::Precision, false),
        (Measure::Unsupported, true),
        (Measure::Lost, false),
    ] {
        let values = [0, 1].map(|arm| values(table, arm, measure));
        let known = values[0].iter().flatten().count();
        if measure == Measure::Facts && known < LEAST_PAIRS {
            let covered = [0, 1].map(|arm| covered(&table.cases, outputs.get(arm)));
            add("sentences of the story that a scenario rests on", true, true, covered);
            continue;
        }
        add(measure.title(), measure.direction() == Direction::Higher, decides, values);
    }
    for line in lines.iter().filter(|line| line.clearly_worse()) {
        reasons.push(format!("clearly worse: {}", line.title));
    }
    if !lines.iter().any(|line| line.decides && line.clearly_better()) {
        let titles: Vec<&str> = lines.iter().filter(|line| line.decides).map(|line| line.title).collect();
        reasons.push(format!("none of these is clearly better: {}", titles.join("; ")));
    }
    Decision { lines, reasons }
}

fn values(table: &Table, arm: usize, measure: Measure) -> Vec<Option<f64>> {
    let Some(column) = table.columns.get(arm) else { return Vec::new() };
    column.stories.iter().map(|story| story.values.get(&measure).copied()).collect()
}

/// The mean over a story's answers; an answer that is lost covers nothing.
fn covered(cases: &[Case], outputs: Option<&Outputs>) -> Vec<Option<f64>> {
    let of = |case: &Case| {
        let answers = outputs.iter().flat_map(|outputs| &outputs.answers).filter(|answer| answer.id == case.pair.id);
        let values: Vec<f64> =
            answers.map(|answer| coverage::coverage(&case.story, &answer.criteria, case.pair.language)).collect();
        values.iter().sum::<f64>() / values.len().max(1) as f64
    };
    cases.iter().map(|case| Some(of(case))).collect()
}

impl Line {
    fn clearly_better(&self) -> bool {
        self.difference.clear() && (self.difference.value > 0.0) == self.higher_is_better
    }

    fn clearly_worse(&self) -> bool {
        self.difference.clear() && (self.difference.value > 0.0) != self.higher_is_better
    }

    /// "F: facts covered 61.0 %, +4.1 pp (+1.0 to +7.2)"
    pub fn words(&self) -> String {
        let difference = &self.difference;
        let (value, low, high) = (points(difference.value), points(difference.low), points(difference.high));
        format!("{} {}, {value} pp ({low} to {high})", self.title, percent(self.candidate.value))
    }
}

impl Decision {
    /// It may be taken into use.
    pub fn passed(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The figures as a Markdown table, with the rule.
    pub fn report(&self, in_use: &str) -> String {
        let mut text =
            format!("{RULE}\n\n| measure | better | candidate | {in_use} | difference | 95 % interval | |\n");
        text.push_str("|---|---|---:|---:|---:|---|---|\n");
        for line in &self.lines {
            let verdict = match (line.clearly_better(), line.clearly_worse()) {
                (true, _) => "clearly better",
                (_, true) => "clearly worse",
                _ => "not clear",
            };
            let difference = &line.difference;
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} pp | {} to {} | {verdict} |",
                line.title,
                if line.higher_is_better { "higher" } else { "lower" },
                percent(line.candidate.value),
                percent(line.in_use.value),
                points(difference.value),
                points(difference.low),
                points(difference.high)
            );
        }
        text
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn points(share: f64) -> String {
    // Without this a loss of nothing reads "-0.0".
    format!("{:+.1}", share * 100.0 + 0.0).replace('-', "−")
}
