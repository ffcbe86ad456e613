//! Splitting a story into its sentences, items and rows.

use super::kind::{Line, LineKind};
use super::shape::{cells, reference, strip_box, strip_bullet};
use super::split::Splitter;

/// One sentence of a line, or a whole table row or line of code; index 0 is the summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Place in the story.
    pub index: usize,
    /// The words, without a list's mark. A table's row says its columns' names: "Plan: Free | Files a day: 10".
    pub text: String,
    /// What the line is that it stands in.
    pub kind: LineKind,
}

impl Sentence {
    /// Whether it can say how the product behaves (`LineKind::can_be_rule`).
    pub fn can_be_rule(&self) -> bool {
        self.kind.can_be_rule()
    }
}

pub(super) fn sentences(summary: &str, lines: &[Line]) -> Vec<Sentence> {
    let mut found = vec![Sentence { index: 0, text: summary.to_owned(), kind: LineKind::Summary }];
    let splitter = Splitter::of(summary, lines);
    let mut header = None;
    for line in lines {
        let Some(kind) = line.kind else {
            header = None;
            continue;
        };
        let text = line.text.trim();
        let mut add = |kind: LineKind, text: &str| {
            let text = text.trim();
            if text.chars().any(char::is_alphanumeric) {
                found.push(Sentence { index: found.len(), text: text.to_owned(), kind });
            }
        };
        match kind {
            LineKind::TableRow => add(kind, &named(header.as_deref().unwrap_or_default(), text)),
            LineKind::TableHeader => {
                add(kind, text);
                header = cells(text);
                continue;
            }
            LineKind::Prose | LineKind::Bullet | LineKind::Task { .. } => {
                let item = strip_bullet(text).unwrap_or(text);
                let said = strip_box(item).filter(|_| kind != LineKind::Bullet).map_or(item, |(_, said)| said);
                for part in splitter.split(said) {
                    add(reference(part).unwrap_or(kind), part);
                }
            }
            LineKind::Attachment | LineKind::Link | LineKind::Meta | LineKind::Heading => {
                add(kind, strip_bullet(text).unwrap_or(text));
            }
            LineKind::Summary | LineKind::Code | LineKind::Preformatted => add(kind, text),
        }
        if kind != LineKind::TableRow {
            header = None;
        }
    }
    found
}

/// The row's cells behind their columns' names. Empty cells say nothing.
fn named(header: &[String], row: &str) -> String {
    let cells = cells(row).unwrap_or_else(|| vec![row.to_owned()]);
    let name = |(place, cell): (usize, &String)| match header.get(place) {
        _ if cell.is_empty() => None,
        Some(name) if !name.is_empty() => Some(format!("{name}: {cell}")),
        _ => Some(cell.clone()),
    };
    cells.iter().enumerate().filter_map(name).collect::<Vec<_>>().join(" | ")
}
