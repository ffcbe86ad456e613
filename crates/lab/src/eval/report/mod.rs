//! What an evaluation leaves behind: a table to read, rows to calculate with, and a page with charts.

mod charts;
mod html;
mod markdown;
mod readers;
mod rows;

use std::path::Path;

use super::EvalError;
use super::table::Table;

pub use self::markdown::markdown;

/// Writes all parts into the folder. `command` is what the reader has to type to get the same.
///
/// # Errors
/// When a file can't be written.
pub fn write(table: &Table, command: &str, folder: &Path) -> Result<(), EvalError> {
    let put = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(EvalError::file(path))
    };
    put("table.md", markdown(table, command))?;
    put("report.html", html::page(table, command)?)?;
    put("table.json", rows::summary(table, command)?)?;
    put("rows.jsonl", rows::lines(table)?)?;
    if let Some(readings) = &table.readings {
        put("readings.jsonl", rows::readings(readings)?)?;
    }
    put("rows.csv", rows::sheet(table)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::measures::tests::case_with;
    use super::super::{Answer, Arm, Outputs, Table};
    use super::*;

    fn table() -> Table {
        let mut pair = case_with(&["lock :: locked", "<b> :: unlocked"], &[]).pair;
        pair.summary = "<script>alert(1)</script>".to_owned();
        let cases = vec![super::super::Case::new(pair).unwrap()];
        let criteria = "@happy-path\nScenario: A\n  Given a card\n  When a PIN comes\n  Then it is locked for 9 days\n";
        let good = Answer { id: "a".to_owned(), criteria: criteria.to_owned(), ..Answer::default() };
        let lost = Answer { id: "a".to_owned(), error: Some("timed | out".to_owned()), ..Answer::default() };
        let outputs = [good, lost].map(|answer| Outputs { answers: vec![answer], ..Outputs::default() });
        let arms = ["tuned=template", "late=template"].map(|arm| Arm::parse(arm).unwrap());
        Table::new(cases, arms.to_vec(), &outputs)
    }

    #[test]
    fn the_page_is_one_file_that_runs_nothing() {
        let page = html::page(&table(), "brine eval").unwrap();
        assert!(page.contains("&lt;script&gt;alert(1)"));
        for outside in ["<script", "http-equiv", "src=", "href=", "url(", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.matches("<svg").count() > 3, "charts are in it");
        assert!(page.contains("prefers-color-scheme: dark"));
    }

    #[test]
    fn every_part_is_written_and_says_the_same() {
        let folder = tempfile::tempdir().unwrap();
        write(&table(), "brine eval x", folder.path()).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(
            read("table.md").contains("| F: facts covered | higher | 50.0 % (50.0–50.0; n=1) | 0.0 % (0.0–0.0; n=1) |")
        );
        let summary: serde_json::Value = serde_json::from_str(&read("table.json")).unwrap();
        assert_eq!(summary["arms"][0]["measures"]["facts"]["value"], 0.5);
        let rows = read("rows.jsonl");
        let row: serde_json::Value = serde_json::from_str(rows.lines().next().unwrap()).unwrap();
        assert_eq!(row["missing_facts"][0], "<b>");
        assert_eq!(row["unsupported"][0], "scenario 1: duration 9 days");
        assert_eq!(read("rows.csv").lines().count(), 3);
    }
}
