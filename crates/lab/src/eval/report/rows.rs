//! The figures for programs: the table as JSON, and a row for each arm and story as JSON Lines and CSV.

use serde::Serialize;

use super::super::EvalError;
use super::super::measures::Measure;
use super::super::reading::Readings;
use super::super::table::Table;
use super::readers;

fn failed(error: impl std::fmt::Display) -> EvalError {
    EvalError::Report(error.to_string())
}

/// The table with intervals, verdicts and differences.
pub(super) fn summary(table: &Table, command: &str) -> Result<String, EvalError> {
    let arms: Vec<_> = table
        .columns
        .iter()
        .map(|column| serde_json::json!({"arm": column.arm, "measures": column.estimates}))
        .collect();
    let verdicts: std::collections::BTreeMap<&str, String> =
        table.verdicts.iter().map(|(measure, verdict)| (measure.id(), verdict.shown())).collect();
    let value = serde_json::json!({
        "command": command,
        "stories": table.cases.len(),
        "arms": arms,
        "controls": verdicts,
        "differences": table.differences,
        "readers": readers::grids(table),
    });
    serde_json::to_string_pretty(&value).map(|text| text + "\n").map_err(failed)
}

#[derive(Serialize)]
struct Row<'a> {
    arm: &'a str,
    id: &'a str,
    kind: &'a str,
    values: &'a std::collections::BTreeMap<Measure, f64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    missing_facts: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    unsupported: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: &'a Option<String>,
}

fn rows(table: &Table) -> impl Iterator<Item = Row<'_>> {
    table.columns.iter().flat_map(|column| {
        table.cases.iter().zip(&column.stories).map(|(case, story)| Row {
            arm: &column.arm.name,
            id: &case.pair.id,
            kind: &case.pair.kind,
            values: &story.values,
            missing_facts: &story.missing,
            unsupported: &story.unsupported,
            lost: &story.lost,
        })
    })
}

/// One JSON object a line, with what is missing and what is unsupported in words.
pub(super) fn lines(table: &Table) -> Result<String, EvalError> {
    let lines: Vec<String> =
        rows(table).map(|row| serde_json::to_string(&row)).collect::<Result<_, _>>().map_err(failed)?;
    Ok(lines.join("\n") + "\n")
}

/// What each reader said of each scenario, with its text.
pub(super) fn readings(readings: &Readings) -> Result<String, EvalError> {
    let lines: Vec<String> =
        readings.lines.iter().map(serde_json::to_string).collect::<Result<_, _>>().map_err(failed)?;
    Ok(lines.join("\n") + "\n")
}

/// One line for each arm and story, for a spreadsheet; a cell is empty where a measure does not apply.
pub(super) fn sheet(table: &Table) -> Result<String, EvalError> {
    let measures: Vec<Measure> = table.measures().collect();
    let mut sheet = csv::Writer::from_writer(Vec::new());
    let head = ["arm", "id", "kind"].into_iter().chain(measures.iter().map(|measure| measure.id()));
    sheet.write_record(head).map_err(failed)?;
    for row in rows(table) {
        let value = |measure: &Measure| row.values.get(measure).map(f64::to_string).unwrap_or_default();
        let cells = [row.arm, row.id, row.kind].map(str::to_owned).into_iter().chain(measures.iter().map(value));
        sheet.write_record(cells).map_err(failed)?;
    }
    let bytes = sheet.into_inner().map_err(failed)?;
    String::from_utf8(bytes).map_err(failed)
}
