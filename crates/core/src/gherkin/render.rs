//! Criteria as text. The form is that of the training pairs: `parse(render(x)) == x`, and the official parser takes it.

use std::fmt::Write;

use unicode_segmentation::UnicodeSegmentation;

use super::{Basis, Criteria, Examples, Scenario};

/// The second tag of a scenario that rests on no sentence of the story. The model never writes it; Brine adds it.
pub const ASSUMPTION: &str = "@assumption";

/// What a comment line that holds a question begins with.
pub const QUESTION: &str = "# Question: ";

impl Criteria {
    /// Scenarios and questions, without a `Feature:` line.
    pub fn to_text(&self) -> String {
        let mut text = self.scenarios.iter().map(Scenario::to_text).collect::<Vec<_>>().join("\n");
        if !self.questions.is_empty() {
            text.push('\n');
            for question in &self.questions {
                let _ = writeln!(text, "{QUESTION}{question}");
            }
        }
        text
    }

    /// A whole `.feature` file whose feature is named after the story's summary.
    pub fn to_feature(&self, summary: &str) -> String {
        let name = summary.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut feature = format!("Feature: {name}\n\n");
        for line in self.to_text().lines() {
            if line.is_empty() {
                feature.push('\n');
            } else {
                let _ = writeln!(feature, "  {line}");
            }
        }
        feature
    }
}

impl Scenario {
    /// Tag line, title, steps and examples; ends with a line break.
    pub fn to_text(&self) -> String {
        let mut text = self.tag.to_string();
        if self.basis == Basis::Assumption {
            let _ = write!(text, " {ASSUMPTION}");
        }
        let keyword = if self.examples.is_some() { "Scenario Outline" } else { "Scenario" };
        let _ = writeln!(text, "\n{keyword}: {}", self.title);
        for step in &self.steps {
            let _ = writeln!(text, "  {} {}", step.keyword, step.text);
        }
        if let Some(examples) = &self.examples {
            text.push_str("\n  Examples:\n");
            render_table(&mut text, examples);
        }
        text
    }
}

/// Rows whose pipes line up.
fn render_table(text: &mut String, examples: &Examples) {
    let escape = |cell: &String| cell.replace('\\', "\\\\").replace('|', "\\|");
    let rows: Vec<Vec<String>> =
        std::iter::once(&examples.columns).chain(&examples.rows).map(|row| row.iter().map(escape).collect()).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| length(cell)).max();
    let widths: Vec<usize> = (0..examples.columns.len()).map(|column| width(column).unwrap_or(0)).collect();
    for row in &rows {
        text.push_str("    |");
        for (cell, width) in row.iter().zip(&widths) {
            let padding = " ".repeat(width.saturating_sub(length(cell)));
            let _ = write!(text, " {cell}{padding} |");
        }
        text.push('\n');
    }
}

fn length(cell: &str) -> usize {
    cell.graphemes(true).count()
}
