//! Sheets, rows and what comes out of them, for two arms and twelve stories.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::super::{Answer, Arm, Case, Outputs, Table};
use super::key::{Sabotage, Task};
use super::*;
use crate::data::Pair;
use crate::eval::measures::Measure;

const SCENARIOS: usize = 5;

/// A set of scenarios that are told from all others by their words.
fn set(id: usize, by: &str) -> String {
    let one = |place: usize| {
        format!(
            "# Rule: rule {place} of story {id}\n@happy-path\nScenario: {by} {id} {place}\n  Given a thing {id}\n  \
             When event {place} of {by} comes\n  Then the thing {id} is in state {place} of {by}\n"
        )
    };
    (0..SCENARIOS).map(one).collect::<Vec<_>>().join("\n") + "\n# Question: Who asks?\n"
}

fn cases(count: usize) -> Vec<Case> {
    let case = |id: usize| {
        Case::new(Pair {
            id: format!("story-{id:02}"),
            domain: format!("domain {}", id % 4),
            kind: if id.is_multiple_of(2) { "prose" } else { "bug" }.to_owned(),
            summary: format!("Summary {id}"),
            description: "A rule. ```code```".to_owned(),
            criteria: set(id, "person"),
            facts: vec!["first fact :: x".to_owned(), "second fact :: y".to_owned()],
            ..Pair::default()
        })
        .unwrap()
    };
    (0..count).map(case).collect()
}

/// Arms, and what they wrote; the second one wrote nothing for the first story.
fn written(cases: &[Case]) -> (Vec<Arm>, Vec<Outputs>) {
    let arms = ["human=reference", "machine=outputs,file=x", "other=shuffled"].map(|arm| Arm::parse(arm).unwrap());
    let outputs = |arm: &str| {
        let answer = |(place, case): (usize, &Case)| {
            let criteria = if arm == "human" { case.pair.criteria.clone() } else { set(place, "engine") };
            let criteria = if arm == "machine" && place == 0 { String::new() } else { criteria };
            Answer { id: case.pair.id.clone(), criteria, ..Answer::default() }
        };
        Outputs { answers: cases.iter().enumerate().map(answer).collect(), ..Outputs::default() }
    };
    let all = arms.iter().map(|arm| outputs(&arm.name)).collect();
    (arms.to_vec(), all)
}

fn key(cases: &[Case], choices: &[(String, String)]) -> Key {
    let (arms, outputs) = written(cases);
    Plan { cases, arms: &arms, outputs: &outputs, choices, rules: true }.key().unwrap()
}

/// A reader who sees everything: people's scenarios get 10, the engine's 5 (and are turned in the odd stories).
fn reader(name: &str, key: &Key, of: impl Fn(&Row, &Task) -> Row) -> Reader {
    let row = |entry: &super::key::Entry| {
        let number = entry.number;
        let plain = |points, turned| Row {
            number,
            points: Some(points),
            turned: Some(turned),
            no_rule: Some(false),
            empty: Some(false),
            ..Row::default()
        };
        let row = match &entry.task {
            Task::Scenario { arm, .. } if arm == "human" => plain(10, false),
            Task::Scenario { .. } => plain(5, entry.story.ends_with(['1', '3', '5', '7', '9'])),
            Task::Check { .. } => plain(0, true),
            Task::Rules { .. } => {
                serde_json::from_str(&format!(r#"{{"number": {number}, "rules": ["right", "wrong"]}}"#)).unwrap()
            }
            Task::Choice { first, .. } => {
                let choice = if first == "human" { "A" } else { "B" };
                serde_json::from_str(&format!(r#"{{"number": {number}, "choice": "{choice}"}}"#)).unwrap()
            }
            Task::Nothing { .. } => Row::default(),
        };
        of(&row, &entry.task)
    };
    let rows = key.to_read().map(row).map(|row| (row.number, row)).collect();
    Reader { name: name.to_owned(), rows }
}

#[test]
fn everything_is_laid_out_once_and_a_tenth_twice_on_another_sheet() {
    let cases = cases(12);
    let key = key(&cases, &[]);
    type Places<'a> = BTreeMap<(&'a str, &'a str, usize), Vec<(u32, &'a str)>>;
    let mut seen = Places::new();
    for entry in &key.entries {
        if let Task::Scenario { arm, place, again, text } = &entry.task {
            assert!(text.contains("Given a thing") && !text.contains(['@', '#']), "{text}");
            let here = seen.entry((&entry.story, arm, *place)).or_default();
            here.push((entry.number, entry.sheet.as_deref().unwrap()));
            let first = key.entries.iter().find(|one| Some(one.number) == *again);
            assert!(first.is_none_or(|first| first.story == entry.story && first.sheet != entry.sheet), "{entry:?}");
        }
    }
    // 12 sets of people, and 11 of the engine.
    assert_eq!(seen.len(), 23 * SCENARIOS);
    assert!(seen.keys().all(|(_, arm, _)| *arm != "other"), "shuffled sets are not read");
    let twice = seen.values().filter(|places| places.len() == 2).count();
    assert!((10..=12).contains(&twice), "{twice} are read twice");
    let numbers: BTreeSet<u32> = key.entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers.len(), key.entries.len());
    let nothing: Vec<&str> = key
        .entries
        .iter()
        .filter(|one| matches!(one.task, Task::Nothing { .. }))
        .map(|one| one.story.as_str())
        .collect();
    assert_eq!(nothing, ["story-00"]);
}

#[test]
fn a_tenth_more_is_wrong_on_purpose_by_turns() {
    let key = key(&cases(12), &[]);
    let of = |wanted| {
        key.entries.iter().filter(|one| matches!(one.task, Task::Check { sabotage, .. } if sabotage == wanted)).count()
    };
    let (negated, other) = (of(Sabotage::Negated), of(Sabotage::OtherStory));
    assert_eq!(negated + other, 11);
    assert!(negated.abs_diff(other) <= 1, "{negated} and {other}");
    for entry in &key.entries {
        match &entry.task {
            Task::Check { sabotage: Sabotage::Negated, text } => assert!(text.contains("is not in state"), "{text}"),
            Task::Check { text, .. } => {
                let own = entry.story.trim_start_matches("story-").parse::<usize>().unwrap();
                assert!(!text.contains(&format!("thing {own}\n")), "{text} is of {}", entry.story);
            }
            _ => {}
        }
    }
}

#[test]
fn sheets_say_neither_who_wrote_nor_what_is_wrong() {
    let (cases, folder) = (cases(12), tempfile::tempdir().unwrap());
    let (arms, outputs) = written(&cases);
    let choices = [("machine".to_owned(), "human".to_owned())];
    let plan = Plan { cases: &cases, arms: &arms, outputs: &outputs, choices: &choices, rules: true };
    let key = sheets(&plan, folder.path()).unwrap();
    assert_eq!(Key::read(folder.path()).unwrap().unwrap(), key, "the key comes back as it was");
    let mut numbers = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if path.extension().unwrap() == "md" {
            numbers += text.lines().filter(|line| line.starts_with("### ")).count();
            for hidden in ["machine", "human", "story-", "negated", "again"] {
                assert!(!text.contains(hidden), "{hidden} in {}", path.display());
            }
        }
    }
    assert_eq!(numbers, key.to_read().count());
    let scenarios = std::fs::read_to_string(folder.path().join("scenarios-01.md")).unwrap();
    assert!(scenarios.contains("10: keep unchanged") && scenarios.contains("\"no_rule\": false"));
    assert!(
        std::fs::read_to_string(folder.path().join("rules-01.md")).unwrap().contains("1. first fact\n2. second fact\n")
    );
}

#[test]
fn an_arm_that_changed_does_not_get_the_old_points() {
    let (cases, folder) = (cases(4), tempfile::tempdir().unwrap());
    let (arms, mut outputs) = written(&cases);
    let laid_out = |outputs: &[Outputs]| {
        let plan = Plan { cases: &cases, arms: &arms, outputs, choices: &[], rules: false };
        sheets(&plan, folder.path())
    };
    let key = laid_out(&outputs).unwrap();
    assert_eq!(laid_out(&outputs).unwrap(), key);
    outputs[1].answers[2].criteria = outputs[1].answers[2].criteria.replace("event 1", "event 7");
    let error = laid_out(&outputs).unwrap_err().to_string();
    assert!(error.contains("machine has written something else for story-02"), "{error}");
}

#[test]
fn rows_become_means_over_scenarios_with_losses_counted() {
    let cases = cases(12);
    let (arms, outputs) = written(&cases);
    let choices = [("machine".to_owned(), "human".to_owned())];
    let key = key(&cases, &choices);
    let one = reader("one", &key, |row, _| row.clone());
    let two = reader("two", &key, |row, task| match task {
        Task::Scenario { arm, .. } if arm == "machine" => Row { points: Some(7), ..row.clone() },
        _ => row.clone(),
    });
    let readings = Readings::new(&key, &[one, two]);
    assert_eq!(readings.chosen.len(), 1);
    assert_eq!((readings.chosen[0].arm.as_str(), readings.chosen[0].won, readings.chosen[0].tied), ("human", 22, 0));
    let agreement = &readings.agreement[0];
    assert!((agreement.same - 0.52).abs() < 0.03 && agreement.turned == 1.0, "{agreement:?}");
    assert!(readings.repeats.iter().all(|repeats| repeats.same == 1.0 && repeats.scenarios >= 10));
    assert!(readings.attention.iter().all(|one| one.seen == one.of && one.unread == 0 && !one.dropped));

    let table = Table::with_readings(cases, arms, &outputs, Some(readings));
    let value = |arm: usize, measure| table.columns[arm].estimates[&measure].value;
    assert_eq!(value(0, Measure::Points), 10.0);
    // 55 scenarios of 6 points, and the empty answer as 3 of none.
    assert!((value(1, Measure::Points) - 55.0 * 6.0 / 58.0).abs() < 1e-9, "{}", value(1, Measure::Points));
    assert!((value(1, Measure::Turned) - 30.0 / 55.0).abs() < 1e-9, "{}", value(1, Measure::Turned));
    // Of 12 stories with two rules each, 11 have one right; the lost one has both missing.
    assert!((value(1, Measure::RulesRight) - 11.0 / 24.0).abs() < 1e-9);
    assert!((value(1, Measure::RulesMissing) - 2.0 / 24.0).abs() < 1e-9);
    assert!(!table.columns[2].estimates.contains_key(&Measure::Points), "shuffled sets were not read");
    let text = crate::eval::report::markdown(&table, "brine eval");
    assert!(text.find("readers: points").unwrap() < text.find("all gates").unwrap(), "readers come first");
    assert!(
        text.contains("| new kinds | points of a scenario") && text.contains("| tidy | points of a scenario"),
        "{text}"
    );
    assert!(text.contains("| one and two |") && text.contains("| human | machine | 22 | 0 | 0 | 100 %"), "{text}");
}

#[test]
fn a_reader_who_misses_what_is_wrong_on_purpose_is_not_counted() {
    let key = key(&cases(12), &[]);
    let awake = reader("awake", &key, |row, _| row.clone());
    let asleep = reader("asleep", &key, |row, task| match task {
        Task::Scenario { .. } | Task::Check { .. } => Row { points: Some(10), turned: Some(false), ..row.clone() },
        _ => row.clone(),
    });
    let readings = Readings::new(&key, &[asleep, awake]);
    let dropped: Vec<bool> = readings.attention.iter().map(|one| one.dropped).collect();
    assert_eq!(dropped, [true, false]);
    assert_eq!(readings.readers().collect::<Vec<_>>(), ["awake"]);
    let tally = readings.of("machine", "story-02").unwrap()[&Measure::Points];
    assert_eq!((tally.sum, tally.count), (25.0, 5.0));
}

#[test]
fn whoever_takes_the_first_set_in_both_orders_has_no_preference() {
    let key = key(&cases(4), &[("machine".to_owned(), "human".to_owned())]);
    let first = reader("first", &key, |row, task| match task {
        Task::Choice { .. } => {
            serde_json::from_str(&format!(r#"{{"number": {}, "choice": "A"}}"#, row.number)).unwrap()
        }
        _ => row.clone(),
    });
    let chosen = &Readings::new(&key, &[first]).chosen[0];
    // The engine wrote nothing for the first story: there is nothing to choose.
    assert_eq!((chosen.won, chosen.tied, chosen.lost), (0, 3, 0));
}

#[test]
fn rows_come_from_files_and_bad_ones_are_named() {
    let key = key(&cases(4), &[]);
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let row = |number: u32, points: u8| {
        format!(
            "{{\"number\": {number}, \"points\": {points}, \"turned\": \"no\", \"no_rule\": false, \"empty\": \"Yes\"}}\n"
        )
    };
    let (a, b) = (put("anna.jsonl", &row(1, 7)), put("b.jsonl", &row(2, 3)));
    let named = |name: &str, path: &PathBuf| PathBuf::from(format!("{name}={}", path.display()));
    let readers = Reader::read_all(&[a.clone(), named("anna", &b)], &key).unwrap();
    assert_eq!((readers.len(), readers[0].name.as_str(), readers[0].rows.len()), (1, "anna", 2));
    assert_eq!((readers[0].rows[&1].turned, readers[0].rows[&1].empty), (Some(false), Some(true)));
    for (text, expected) in [
        (row(1, 4), "line 1: number 1: 4 points"),
        (row(9999, 5), "no sheet has the number 9999"),
        (row(1, 5) + &row(1, 5), "line 2: number 1 was read before"),
        ("{\"number\": 1, \"points\": 5}".to_owned(), "turned, no_rule and empty"),
        ("{\"number\": 1, \"points\": 5, \"turned\": \"perhaps\"}".to_owned(), "neither yes nor no"),
        ("number 1: 5".to_owned(), "line 1"),
    ] {
        let error = Reader::read_all(&[put("bad.jsonl", &text)], &key).unwrap_err().to_string();
        assert!(error.contains("bad.jsonl") && error.contains(expected), "{error}");
    }
}
