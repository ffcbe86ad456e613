//! What readers answer: one row for each number, from any number of files.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};

use super::super::EvalError;
use super::key::{Entry, Key, Task};
use super::rubric::LEVELS;

/// A reader's answer to one number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    /// As on the sheet.
    pub number: u32,
    /// Of a scenario: 0, 3, 5, 7 or 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<u8>,
    /// It says the opposite of a rule.
    #[serde(deserialize_with = "yes_no", skip_serializing_if = "Option::is_none")]
    pub turned: Option<bool>,
    /// It is made of what is no rule.
    #[serde(deserialize_with = "yes_no", skip_serializing_if = "Option::is_none")]
    pub no_rule: Option<bool>,
    /// Its outcome says nothing.
    #[serde(deserialize_with = "yes_no", skip_serializing_if = "Option::is_none")]
    pub empty: Option<bool>,
    /// Of a set, rule by rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Verdict>>,
    /// Of two sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<Pick>,
}

/// What a set makes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Tested as the story has it.
    Right,
    /// Told otherwise than the story does.
    Wrong,
    /// No scenario is about it.
    Missing,
}

/// Which of two sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pick {
    /// The first.
    #[serde(alias = "a")]
    A,
    /// The second.
    #[serde(alias = "b")]
    B,
    /// Either.
    #[serde(rename = "tie", alias = "Tie", alias = "TIE")]
    Tie,
}

/// Programs write true and false, people yes and no.
fn yes_no<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Plain(bool),
        Word(String),
        Nothing(()),
    }
    match Either::deserialize(from)? {
        Either::Plain(value) => Ok(Some(value)),
        Either::Nothing(()) => Ok(None),
        Either::Word(word) => match word.trim().to_lowercase().as_str() {
            "yes" | "y" | "true" => Ok(Some(true)),
            "no" | "n" | "false" => Ok(Some(false)),
            _ => Err(serde::de::Error::custom(format!("{word:?} is neither yes nor no"))),
        },
    }
}

/// Everything that one reader answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    /// What the report calls them.
    pub name: String,
    /// By number.
    pub rows: BTreeMap<u32, Row>,
}

impl Row {
    /// Whether it answers what was asked.
    ///
    /// # Errors
    /// What is wrong with it, in a few words.
    pub(super) fn fits(&self, task: &Task) -> Result<(), String> {
        match task {
            Task::Scenario { .. } | Task::Check { .. } => {
                let points = self.points.ok_or("it has no points")?;
                if !LEVELS.contains(&points) {
                    return Err(format!("{points} points: there are only 0, 3, 5, 7 and 10"));
                }
                let all = [self.turned, self.no_rule, self.empty].iter().all(Option::is_some);
                if all { Ok(()) } else { Err("turned, no_rule and empty are each yes or no".to_owned()) }
            }
            Task::Rules { rules, .. } => match self.rules.as_ref().map(Vec::len) {
                Some(count) if count == rules.len() => Ok(()),
                found => Err(format!("{} rules are judged, and there are {}", found.unwrap_or(0), rules.len())),
            },
            Task::Choice { .. } if self.choice.is_some() => Ok(()),
            Task::Choice { .. } => Err("it has no choice".to_owned()),
            Task::Nothing { .. } => Err("there was nothing to read".to_owned()),
        }
    }
}

impl Reader {
    /// Reads files of rows, each given as `FILE` or `NAME=FILE`; files of one name are one reader's.
    ///
    /// # Errors
    /// The first row that answers nothing that was asked, or a second time.
    pub fn read_all(files: &[PathBuf], key: &Key) -> Result<Vec<Self>, EvalError> {
        let known = key.numbered();
        let mut readers: Vec<Self> = Vec::new();
        for given in files {
            let (name, path) = named(given);
            let place = readers.iter().position(|reader| reader.name == name).unwrap_or_else(|| {
                readers.push(Self { name, rows: BTreeMap::new() });
                readers.len() - 1
            });
            if let Some(reader) = readers.get_mut(place) {
                reader.add(&path, &known)?;
            }
        }
        Ok(readers)
    }

    fn add(&mut self, path: &Path, known: &HashMap<u32, &Entry>) -> Result<(), EvalError> {
        let text = std::fs::read_to_string(path).map_err(EvalError::file(path))?;
        for (line, text) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |reason: String| EvalError::file(path)(format!("line {}: {reason}", line + 1));
            let row: Row = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
            let number = row.number;
            let entry = known.get(&number).ok_or_else(|| wrong(format!("no sheet has the number {number}")))?;
            row.fits(&entry.task).map_err(|reason| wrong(format!("number {number}: {reason}")))?;
            if self.rows.insert(number, row).is_some() {
                return Err(wrong(format!("number {number} was read before; a reader says one thing")));
            }
        }
        Ok(())
    }
}

/// `NAME=FILE`, or a file that gives the name itself.
fn named(given: &Path) -> (String, PathBuf) {
    let text = given.to_string_lossy();
    match text.split_once('=') {
        Some((name, file)) if !name.contains('/') && !given.exists() => (name.to_owned(), PathBuf::from(file)),
        _ => (given.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(), given.to_owned()),
    }
}
