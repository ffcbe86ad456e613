//! Tables: Markdown's, with a line of dashes below their head, and the wiki's, whose head stands between double pipes.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern;
use crate::story::kind::{Line, LineKind};

/// Lines that one row may take.
const LONGEST_ROW: usize = 40;

static RULE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*\|?(\s*:?-+:?\s*\|)+(\s*:?-+:?\s*)?$"));

/// The rows of the table that begins here, and how many lines it takes.
pub(super) fn read(lines: &[Line]) -> Option<(Vec<Line>, usize)> {
    markdown(lines).or_else(|| wiki(lines))
}

fn is_open(line: &Line) -> bool {
    line.kind.is_none() && !line.is_blank()
}

fn markdown(lines: &[Line]) -> Option<(Vec<Line>, usize)> {
    let [head, rule, rows @ ..] = lines else { return None };
    if !(head.text.contains('|') && is_open(head) && is_open(rule) && RULE.is_match(&rule.text)) {
        return None;
    }
    let rows = rows.iter().take_while(|line| is_open(line) && line.text.contains('|'));
    let mut made = vec![Line::new(LineKind::TableHeader, joined(&split(&head.text)))];
    made.extend(rows.map(|row| Line::new(LineKind::TableRow, joined(&split(&row.text)))));
    let taken = made.len() + 1;
    Some((made, taken))
}

fn wiki(lines: &[Line]) -> Option<(Vec<Line>, usize)> {
    let mut made = Vec::new();
    let mut taken = 0;
    while let Some((row, length)) = wiki_row(&lines[taken..]) {
        taken += length;
        let is_head = row.starts_with("||") && row.ends_with("||");
        let cells = split(&row.replace("||", "|"));
        made.push(Line::new(if is_head { LineKind::TableHeader } else { LineKind::TableRow }, joined(&cells)));
    }
    let headed = made.first().is_some_and(|line| line.kind == Some(LineKind::TableHeader));
    (headed || made.len() > 1).then_some((made, taken))
}

/// A row of the wiki's and how many lines it takes: a cell may go on in the next line.
fn wiki_row(lines: &[Line]) -> Option<(String, usize)> {
    // With a space before it, it is a row in Brine's own form whose first cell is empty.
    if !lines.first()?.text.starts_with('|') {
        return None;
    }
    let mut row = String::new();
    for (place, line) in lines.iter().take_while(|line| is_open(line)).take(LONGEST_ROW).enumerate() {
        let text = line.text.trim();
        if place > 0 && text.starts_with('|') {
            return None;
        }
        row.push_str(if place > 0 { " " } else { "" });
        row.push_str(text);
        if row.len() > 1 && row.ends_with('|') {
            return Some((row, place + 1));
        }
    }
    None
}

/// The cells between the pipes that have no backslash before them.
fn split(row: &str) -> Vec<String> {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in row.chars() {
        match c {
            '|' if !escaped => cells.push(String::new()),
            c => cells.iter_mut().next_back().into_iter().for_each(|cell| cell.push(c)),
        }
        escaped = c == '\\' && !escaped;
    }
    cells
}

fn joined(cells: &[String]) -> String {
    let tidy = |cell: &String| cell.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cells: Vec<String> = cells.iter().map(tidy).collect();
    while cells.pop_if(|cell| cell.is_empty()).is_some() {}
    cells.join(" | ")
}
