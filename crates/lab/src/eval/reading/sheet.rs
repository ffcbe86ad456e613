//! Sheets for readers: the rubric, then story by story what is to be read, each under its number and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::super::EvalError;
use super::super::case::Case;
use super::items::Plan;
use super::key::{Entry, Key, Task};
use super::rubric::Kind;

/// Longer than any fence in a story.
const FENCE: &str = "~~~~~~";

/// Lays everything out and writes the key and a Markdown file for each sheet into the folder. A folder that has a key keeps
/// it, because its sheets may be with their readers: then nothing is written.
///
/// # Errors
/// When there is nothing to read, an arm has changed since the sheets were written, or the folder can't be written.
pub fn sheets(plan: &Plan<'_>, folder: &Path) -> Result<Key, EvalError> {
    if let Some(key) = Key::read(folder)? {
        plan.check(&key)?;
        return Ok(key);
    }
    let key = plan.key()?;
    key.write(folder)?;
    let mut sheets: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in key.to_read() {
        sheets.entry(entry.sheet.as_deref().unwrap_or_default()).or_default().push(entry);
    }
    for (name, entries) in &sheets {
        let path = folder.join(format!("{name}.md"));
        std::fs::write(&path, sheet(name, entries, plan.cases)).map_err(EvalError::file(path))?;
    }
    Ok(key)
}

fn sheet(name: &str, entries: &[&Entry], cases: &[Case]) -> String {
    let mut text = String::new();
    let kind = entries.first().and_then(|entry| Kind::of(&entry.task)).unwrap_or(Kind::Scenarios);
    let _ = writeln!(text, "# Sheet {name}\n\n{}\n", kind.rubric());
    let _ = writeln!(
        text,
        "## Answers\n\nOne line of JSON for each of the {} numbers below, nothing else, all in one file:\n\n    {}\n",
        entries.len(),
        kind.example()
    );
    let mut before: Option<&str> = None;
    for entry in entries {
        if before != Some(entry.story.as_str()) {
            before = Some(&entry.story);
            let story = cases.iter().find(|case| case.pair.id == entry.story);
            text.push_str(&story.map(told).unwrap_or_default());
        }
        let _ = writeln!(text, "### {}\n", entry.number);
        text.push_str(&shown(&entry.task));
    }
    text
}

fn fenced(text: &str) -> String {
    format!("{FENCE}\n{}\n{FENCE}\n\n", text.trim_end())
}

/// The story as a reader sees it, without its name, which may say where it is from.
fn told(case: &Case) -> String {
    let (summary, description) = (case.story.summary(), case.story.description());
    let body = if description.trim().is_empty() { String::new() } else { fenced(description) };
    format!("## Story: {summary}\n\n{body}")
}

/// What stands below a number.
pub(super) fn shown(task: &Task) -> String {
    match task {
        Task::Scenario { text, .. } | Task::Check { text, .. } => fenced(text),
        Task::Rules { rules, text, .. } => {
            let mut list = String::from("Rules:\n\n");
            for (place, rule) in rules.iter().enumerate() {
                let _ = writeln!(list, "{}. {rule}", place + 1);
            }
            format!("{list}\nThe set:\n\n{}", fenced(text))
        }
        Task::Choice { a, b, .. } => format!("A:\n\n{}B:\n\n{}", fenced(a), fenced(b)),
        Task::Nothing { .. } => String::new(),
    }
}

/// The story and what is to be read of it, for a reader that is asked one thing at a time.
pub(super) fn asked(case: &Case, task: &Task) -> String {
    format!("{}{}", told(case), shown(task))
}
