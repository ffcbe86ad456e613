//! From rows to values: what readers say of each arm's scenarios, story by story.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::super::measures::Measure;
use super::agree::{Agreement, Attention, Repeats, agreement, attention, repeats};
use super::choice::{Chosen, chosen};
use super::key::{Entry, Key, Task};
use super::rows::{Reader, Row, Verdict};

/// An arm that wrote nothing counts as so many scenarios of no points, the fewest that a set has.
const FEWEST: f64 = 3.0;

/// A sum over scenarios (or rules), and their number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Of points, or of those that something is true of.
    pub sum: f64,
    /// How many.
    pub count: f64,
}

/// Values by measure.
type Values = BTreeMap<Measure, Tally>;

/// By two names: arm and story.
type Tallies = HashMap<(String, String), Tally>;

/// All that was read, in figures.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// Each reader, also those that are not counted.
    pub attention: Vec<Attention>,
    /// Of those that count.
    pub repeats: Vec<Repeats>,
    /// Each of those with each other.
    pub agreement: Vec<Agreement>,
    /// Pairs of arms.
    pub chosen: Vec<Chosen>,
    /// All readers together, by arm and story.
    together: HashMap<(String, String), Values>,
    /// Points alone, reader by reader.
    apart: Vec<(String, Tallies)>,
    /// For the file of rows.
    pub(crate) lines: Vec<Line>,
}

/// What one reader said of one scenario, with the scenario: for calibrating, and for whoever wants to see for himself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Line {
    reader: String,
    story: String,
    arm: String,
    place: usize,
    #[serde(flatten)]
    row: Row,
    text: String,
}

impl Readings {
    /// Counts the rows of all readers who were awake.
    pub fn new(key: &Key, readers: &[Reader]) -> Self {
        let attention: Vec<Attention> = readers.iter().map(|reader| attention(key, reader)).collect();
        let awake = readers.iter().zip(&attention).filter(|(_, attention)| !attention.dropped);
        let readers: Vec<&Reader> = awake.map(|(reader, _)| reader).collect();
        let mut found = Self {
            repeats: readers.iter().filter_map(|reader| repeats(key, reader)).collect(),
            agreement: pairs(&readers).filter_map(|(one, other)| agreement(key, one, other)).collect(),
            chosen: chosen(key, &readers),
            attention,
            ..Self::default()
        };
        for entry in &key.entries {
            found.add(entry, &readers);
        }
        found.losses(key);
        for reader in &readers {
            let mut points: HashMap<(String, String), Tally> = HashMap::new();
            for line in found.lines.iter().filter(|line| line.reader == reader.name) {
                let tally = points.entry((line.arm.clone(), line.story.clone())).or_default();
                tally.add(line.row.points.map_or(0.0, f64::from), 1.0);
            }
            found.apart.push((reader.name.clone(), points));
        }
        found
    }

    /// What all readers make of an arm's set for a story.
    pub(crate) fn of(&self, arm: &str, story: &str) -> Option<&Values> {
        self.together.get(&(arm.to_owned(), story.to_owned()))
    }

    /// Readers that count.
    pub(crate) fn readers(&self) -> impl Iterator<Item = &str> {
        self.apart.iter().map(|(name, _)| name.as_str())
    }

    /// The points that one of them gave.
    pub(crate) fn points(&self, reader: &str, arm: &str, story: &str) -> Option<Tally> {
        let (_, points) = self.apart.iter().find(|(name, _)| name == reader)?;
        points.get(&(arm.to_owned(), story.to_owned())).copied()
    }

    fn add(&mut self, entry: &Entry, readers: &[&Reader]) {
        let rows: Vec<(&str, &Row)> =
            readers.iter().filter_map(|reader| Some((reader.name.as_str(), reader.rows.get(&entry.number)?))).collect();
        if rows.is_empty() {
            return;
        }
        let mean = |of: &dyn Fn(&Row) -> f64| rows.iter().map(|(_, row)| of(row)).sum::<f64>() / rows.len() as f64;
        let share = |holds: Option<bool>| if holds == Some(true) { 1.0 } else { 0.0 };
        match &entry.task {
            Task::Scenario { arm, place, again: None, text } => {
                let values = self.together.entry((arm.clone(), entry.story.clone())).or_default();
                let mut put = |measure, value| values.entry(measure).or_default().add(value, 1.0);
                put(Measure::Points, mean(&|row| row.points.map_or(0.0, f64::from)));
                put(Measure::Turned, mean(&|row| share(row.turned)));
                put(Measure::NoRule, mean(&|row| share(row.no_rule)));
                put(Measure::Empty, mean(&|row| share(row.empty)));
                self.lines.extend(rows.iter().map(|(reader, row)| Line {
                    reader: (*reader).to_owned(),
                    story: entry.story.clone(),
                    arm: arm.clone(),
                    place: *place,
                    row: (*row).clone(),
                    text: text.clone(),
                }));
            }
            Task::Rules { arm, rules, .. } => {
                let values = self.together.entry((arm.clone(), entry.story.clone())).or_default();
                let says =
                    |row: &Row, wanted| row.rules.iter().flatten().filter(|rule| **rule == wanted).count() as f64;
                for (measure, wanted) in RULES {
                    values.entry(measure).or_default().add(mean(&|row| says(row, wanted)), rules.len() as f64);
                }
            }
            _ => {}
        }
    }

    /// Arms that wrote nothing for a story that was read.
    fn losses(&mut self, key: &Key) {
        let read = |all: &HashMap<(String, String), Values>, story: &str, measure| {
            all.iter().filter(|((_, of), _)| of == story).find_map(|(_, values)| values.get(&measure).copied())
        };
        for entry in &key.entries {
            let Task::Nothing { arm } = &entry.task else { continue };
            let points = read(&self.together, &entry.story, Measure::Points);
            let rules = read(&self.together, &entry.story, Measure::RulesMissing);
            let values = self.together.entry((arm.clone(), entry.story.clone())).or_default();
            if points.is_some() {
                values.entry(Measure::Points).or_default().add(0.0, FEWEST);
            }
            for (measure, wanted) in RULES.into_iter().filter(|_| rules.is_some()) {
                let count = rules.map_or(0.0, |tally| tally.count);
                values.entry(measure).or_default().add(if wanted == Verdict::Missing { count } else { 0.0 }, count);
            }
        }
    }
}

const RULES: [(Measure, Verdict); 3] = [
    (Measure::RulesRight, Verdict::Right),
    (Measure::RulesWrong, Verdict::Wrong),
    (Measure::RulesMissing, Verdict::Missing),
];

fn pairs<'a>(readers: &'a [&'a Reader]) -> impl Iterator<Item = (&'a Reader, &'a Reader)> {
    let after = move |place: usize| readers.get(place + 1..).unwrap_or_default();
    readers.iter().enumerate().flat_map(move |(place, one)| after(place).iter().map(move |other| (*one, *other)))
}

impl Tally {
    fn add(&mut self, sum: f64, count: f64) {
        self.sum += sum;
        self.count += count;
    }
}
