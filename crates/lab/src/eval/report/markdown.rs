//! The table as Markdown.

use std::fmt::Write;

use super::super::control::Verdict;
use super::super::measures::{Direction, Measure};
use super::super::table::Table;
use super::readers;

/// Measures down, arms across, with the trial of each measure at the end; then the differences.
pub fn markdown(table: &Table, command: &str) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "# Evaluation\n\n{}\n", about(table, command));
    let names: Vec<&str> = table.columns.iter().map(|column| column.arm.name.as_str()).collect();
    let _ = writeln!(text, "| measure | better | {} | control |", names.join(" | "));
    let _ = writeln!(text, "|---|---|{}---|", "---:|".repeat(names.len()));
    for measure in table.measures() {
        let cells: Vec<String> =
            table.columns.iter().map(|column| cell(column.estimates.get(&measure), measure)).collect();
        let verdict = table.verdicts.get(&measure).map(Verdict::shown).unwrap_or_default();
        let _ = writeln!(text, "| {} | {} | {} | {verdict} |", measure.title(), better(measure), cells.join(" | "));
    }
    for grid in readers::grids(table) {
        let _ = writeln!(text, "\n## {}\n\n| {} |", grid.title, grid.head.join(" | "));
        let _ = writeln!(text, "|{}", "---|".repeat(grid.head.len()));
        for row in &grid.rows {
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
    }
    if !table.differences.is_empty() {
        text.push_str(DIFFERENCES);
        for difference in &table.differences {
            let estimate = &difference.estimate;
            let mark = if estimate.clear() { "**" } else { "" };
            let _ = writeln!(
                text,
                "| {} − {} | {} | {mark}{}{mark} | {} to {} | {} |",
                difference.arm,
                difference.against,
                difference.measure.title(),
                signed(difference.measure, estimate.value),
                signed(difference.measure, estimate.low),
                signed(difference.measure, estimate.high),
                estimate.stories
            );
        }
    }
    text
}

const DIFFERENCES: &str = "\n## Differences, story by story\n\nBold where the 95 % interval leaves zero out.\n\n| arms | measure | difference | 95 % interval | stories |\n|---|---|---:|---:|---:|\n";

/// What a reader must know before the figures.
pub(super) fn about(table: &Table, command: &str) -> String {
    format!(
        "{} stories. Made with `{command}`. Each value with its 95 % interval (bootstrap by story, {} resamples) and, where \
         not all stories have one, their number. Shares are means over stories; times and counts are medians; what readers \
         say is the mean over scenarios. A failure, a \
         time-out or an empty answer counts as the worst value, never as a blank. An interval of no width says that no \
         two stories differed, not that none ever will.",
        table.cases.len(),
        super::super::bootstrap::RESAMPLES
    )
}

fn cell(estimate: Option<&super::super::bootstrap::Estimate>, measure: Measure) -> String {
    let Some(estimate) = estimate else { return "–".to_owned() };
    let bare = |value: f64| measure.shown(value).trim_end_matches(" %").trim_end_matches(" s").to_owned();
    format!(
        "{} ({}–{}; n={})",
        measure.shown(estimate.value),
        bare(estimate.low),
        bare(estimate.high),
        estimate.stories
    )
}

/// Which way is better, in a word.
pub(super) fn better(measure: Measure) -> &'static str {
    match measure.direction() {
        Direction::Higher => "higher",
        Direction::Lower => "lower",
        Direction::Neither => "–",
    }
}

/// A difference with its sign; shares in percentage points.
pub(super) fn signed(measure: Measure, value: f64) -> String {
    let sign = if value > 0.0 { "+" } else { "" };
    format!("{sign}{}", measure.shown(value)).replace(" %", " pp").replace('-', "−")
}
