//! What an evaluation leaves behind: a table to read, rows to calculate with, and a page with charts.

mod markdown;
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
    put("table.json", rows::summary(table, command)?)?;
    put("rows.jsonl", rows::lines(table)?)?;
    put("rows.csv", rows::sheet(table)?)
}
