//! Criteria as text. The form is that of the training pairs: `parse(render(x)) == x`, and the official parser takes it.

use std::fmt::Write;

use unicode_segmentation::UnicodeSegmentation;

use super::{Basis, Criteria, Examples, Language, Scenario};
use crate::story::Note;

/// The second tag of a scenario that rests on no sentence of the story. The model never writes it; Brine adds it.
pub const ASSUMPTION: &str = "@assumption";

/// What a comment line that holds a question begins with.
pub const QUESTION: &str = "# Question: ";

/// What a comment line begins with that says what became of the story; read back, it is left out.
pub const NOTE: &str = "# Note: ";

/// What the comment line that names the language begins with; it stands first.
pub const LANGUAGE: &str = "# language: ";

impl Criteria {
    /// Scenarios and questions, without a `Feature:` line. Other than English ones begin with their language.
    pub fn to_text(&self) -> String {
        let mut text = language_line(self.language);
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&self.body());
        text
    }

    /// The scenarios alone, with the line that names their language; ends with a line break unless there are none.
    pub fn scenarios_text(&self) -> String {
        Self { questions: Vec::new(), ..self.clone() }.to_text()
    }

    /// A whole `.feature` file whose feature is named after the story's summary; notes stand above it as comments.
    pub fn to_feature(&self, summary: &str, notes: &[Note]) -> String {
        let name = summary.split_whitespace().collect::<Vec<_>>().join(" ");
        let word = self.language.dialect().feature.first().copied().unwrap_or_default();
        let mut feature = language_line(self.language);
        for note in notes {
            let _ = writeln!(feature, "{NOTE}{note}");
        }
        let _ = writeln!(feature, "{word}: {name}\n");
        for line in self.body().lines() {
            if line.is_empty() {
                feature.push('\n');
            } else {
                let _ = writeln!(feature, "  {line}");
            }
        }
        feature
    }

    /// Scenarios and questions without the line that names the language: for those who keep it beside the text.
    pub fn body(&self) -> String {
        let scenarios = self.scenarios.iter().map(|scenario| scenario.to_text(self.language));
        let mut text = scenarios.collect::<Vec<_>>().join("\n");
        if !self.questions.is_empty() {
            text.push('\n');
            for question in &self.questions {
                let _ = writeln!(text, "{QUESTION}{question}");
            }
        }
        text
    }
}

/// Empty for English, which needs no such line.
fn language_line(language: Language) -> String {
    if language.is_default() { String::new() } else { format!("{LANGUAGE}{language}\n") }
}

impl Scenario {
    /// Tag line, title, steps and examples, in the words of this language; ends with a line break.
    pub fn to_text(&self, language: Language) -> String {
        let dialect = language.dialect();
        let mut text = self.tag.to_string();
        if self.basis == Basis::Assumption {
            let _ = write!(text, " {ASSUMPTION}");
        }
        let _ = writeln!(text, "\n{}: {}", dialect.scenario_word(self.examples.is_some()), self.title);
        for step in &self.steps {
            let _ = writeln!(text, "  {} {}", dialect.step(step.keyword), step.text);
        }
        if let Some(examples) = &self.examples {
            let _ = writeln!(text, "\n  {}:", dialect.examples.first().copied().unwrap_or_default());
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
