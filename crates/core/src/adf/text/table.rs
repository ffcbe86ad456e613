//! Tables: one line a row, cells between pipes.

use serde_json::Value;

use super::super::document::{attribute, children, kind};
use super::{Reader, tidy};
use crate::story::{Line, LineKind};

/// Cells that a line may have; keeps a forged `colspan` small.
const MAX_COLUMNS: usize = 64;

/// A cell that reaches into the rows below it.
struct Reaching {
    column: usize,
    rows_left: u64,
    text: String,
}

impl Reader<'_> {
    pub(super) fn table(&mut self, node: &Value) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut reaching: Vec<Reaching> = Vec::new();
        for row in children(node) {
            if self.left == 0 {
                break;
            }
            if kind(row) != "tableRow" {
                lines.extend(self.blocks(std::slice::from_ref(row)));
                continue;
            }
            let mut cells = self.row(row, &mut reaching);
            while cells.pop_if(|cell| cell.is_empty()).is_some() {}
            if !cells.is_empty() {
                let kind = if is_head(row) { LineKind::TableHeader } else { LineKind::TableRow };
                lines.push(Line::new(kind, cells.join(" | ")));
            }
        }
        lines
    }

    /// The row's cells in their columns. A cell that spans rows is said again in each of them, so that every line is
    /// understood by itself; one that spans columns leaves the further ones empty.
    fn row(&mut self, row: &Value, reaching: &mut Vec<Reaching>) -> Vec<String> {
        let mut from_above = std::mem::take(reaching);
        let mut cells: Vec<String> = Vec::new();
        for cell in children(row) {
            self.fill(&mut cells, &mut from_above, reaching);
            if cells.len() >= MAX_COLUMNS {
                break;
            }
            let text = self.cell(cell);
            let rows = span(cell, "rowspan");
            if rows > 1 {
                reaching.push(Reaching { column: cells.len(), rows_left: rows - 1, text: text.clone() });
            }
            cells.push(text);
            let empty = span(cell, "colspan").saturating_sub(1);
            cells.extend((0..empty).map(|_| String::new()).take(MAX_COLUMNS.saturating_sub(cells.len())));
        }
        self.fill(&mut cells, &mut from_above, reaching);
        cells
    }

    /// Puts the cells from above that belong into the next columns.
    fn fill(&mut self, cells: &mut Vec<String>, from_above: &mut Vec<Reaching>, reaching: &mut Vec<Reaching>) {
        while let Some(place) = from_above.iter().position(|above| above.column == cells.len()) {
            let mut above = from_above.swap_remove(place);
            cells.push(self.take(&above.text).to_owned());
            above.rows_left -= 1;
            if above.rows_left > 0 {
                reaching.push(above);
            }
        }
    }

    fn cell(&mut self, cell: &Value) -> String {
        let text: Vec<String> = self.packed(children(cell)).into_iter().map(|line| line.text).collect();
        tidy(&text.join(" ")).replace('|', "\\|")
    }
}

/// All of its cells are names. A table may also name its rows, in the first cell of each.
fn is_head(row: &Value) -> bool {
    let cells = children(row);
    cells.iter().all(|cell| kind(cell) == "tableHeader") && !cells.is_empty()
}

fn span(cell: &Value, name: &str) -> u64 {
    attribute(cell, name).and_then(Value::as_u64).unwrap_or(1)
}
