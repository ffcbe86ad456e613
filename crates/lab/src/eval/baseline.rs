//! Baselines: what an arm reached before, and how far it may fall without anybody having to look.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::EvalError;
use super::measures::{Direction, Measure};
use super::table::Table;

/// A file of `crates/lab/baselines`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The command that made the values, for the reader.
    #[serde(rename = "command")]
    _command: String,
    /// How many stories they were made with.
    stories: usize,
    /// By arm and measure.
    arms: BTreeMap<String, BTreeMap<String, Floor>>,
}

/// What one measure must not fall below.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Floor {
    value: f64,
    allowed_drop: f64,
}

impl Baseline {
    /// Reads a file.
    ///
    /// # Errors
    /// When it can't be read, or names a measure that there is not.
    pub fn read(path: &Path) -> Result<Self, EvalError> {
        let text = std::fs::read_to_string(path).map_err(EvalError::file(path))?;
        let baseline: Self = serde_json::from_str(&text).map_err(EvalError::file(path))?;
        for id in baseline.arms.values().flat_map(BTreeMap::keys) {
            let measure = Measure::from_id(id).filter(|measure| measure.direction() != Direction::Neither);
            if measure.is_none() {
                return Err(EvalError::file(path)(format!("{id:?} is no measure with a better and a worse side")));
            }
        }
        Ok(baseline)
    }

    /// One line for each measure that fell further than allowed, or is not there; empty when all is well.
    ///
    /// # Errors
    /// When the run had other stories: then nothing can be compared.
    pub fn drops(&self, table: &Table) -> Result<Vec<String>, EvalError> {
        let stories = table.cases.len();
        if stories != self.stories {
            let reason = format!("the baseline is of {} stories, this run of {stories}", self.stories);
            return Err(EvalError::Stories(reason));
        }
        let mut drops = Vec::new();
        for (name, floors) in &self.arms {
            let column = table.columns.iter().find(|column| column.arm.name == *name);
            for (id, floor) in floors {
                let Some(measure) = Measure::from_id(id) else { continue };
                let found = column.and_then(|column| column.estimates.get(&measure)).map(|estimate| estimate.value);
                drops.extend(floor.drop(name, measure, found));
            }
        }
        Ok(drops)
    }
}

impl Floor {
    fn drop(self, arm: &str, measure: Measure, found: Option<f64>) -> Option<String> {
        let Some(found) = found else { return Some(format!("{arm}: there is no value for {}", measure.title())) };
        let fall = match measure.direction() {
            Direction::Lower => found - self.value,
            _ => self.value - found,
        };
        // The baseline's value is rounded.
        (fall > self.allowed_drop + 1e-6).then(|| {
            format!(
                "{arm}: {} is {}, the baseline {}; it may get worse by {}",
                measure.title(),
                measure.shown(found),
                measure.shown(self.value),
                measure.shown(self.allowed_drop)
            )
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::arm::Arm;
    use super::super::measures::tests::case_with;
    use super::super::run::Outputs;
    use super::super::{Answer, Table};
    use super::*;

    const GOOD: &str = "@happy-path\nScenario: A\n  Given a card\n  When a PIN comes\n  Then it is locked for 9 days\n";

    fn drops(baseline: &str) -> Result<Vec<String>, EvalError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline.json");
        std::fs::write(&path, baseline).unwrap();
        let answer = Answer { id: "a".to_owned(), criteria: GOOD.to_owned(), ..Answer::default() };
        let outputs = Outputs { answers: vec![answer], ..Outputs::default() };
        let cases = vec![case_with(&["lock :: locked", "unlock :: unlocked"], &[])];
        let table = Table::new(cases, vec![Arm::parse("tuned=template").unwrap()], &[outputs]);
        Baseline::read(&path)?.drops(&table)
    }

    fn with(floors: &str) -> String {
        format!("{{\"command\": \"brine eval\", \"stories\": 1, \"arms\": {{\"tuned\": {{{floors}}}}}}}")
    }

    #[test]
    fn falls_within_what_is_allowed_pass_and_others_have_a_line() {
        let pass = with(
            "\"facts\": {\"value\": 0.6, \"allowed_drop\": 0.1}, \"unsupported\": {\"value\": 1.0, \"allowed_drop\": 0}",
        );
        assert_eq!(drops(&pass).unwrap(), Vec::<String>::new());
        let fail = with(
            "\"facts\": {\"value\": 0.7, \"allowed_drop\": 0.1}, \"unsupported\": {\"value\": 0.2, \"allowed_drop\": 0.5}",
        );
        let lines = drops(&fail).unwrap();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(lines[0], "tuned: F: facts covered is 50.0 %, the baseline 70.0 %; it may get worse by 10.0 %");
    }

    #[test]
    fn what_is_not_there_is_a_drop() {
        let lines = drops(&with("\"traps\": {\"value\": 0.1, \"allowed_drop\": 1}")).unwrap();
        assert!(lines[0].contains("no value"), "{lines:?}");
        let other = with("\"facts\": {\"value\": 0.1, \"allowed_drop\": 1}").replace("tuned", "other");
        assert_eq!(drops(&other).unwrap().len(), 1);
    }

    #[test]
    fn other_stories_and_unknown_measures_are_refused() {
        assert!(drops(&with("").replace("\"stories\": 1", "\"stories\": 2")).is_err());
        assert!(drops(&with("\"beauty\": {\"value\": 1, \"allowed_drop\": 0}")).is_err());
        assert!(drops(&with("\"scenarios\": {\"value\": 1, \"allowed_drop\": 0}")).is_err());
    }
}
