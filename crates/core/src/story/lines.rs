//! The kinds of the lines of a text in Brine's own form (`adf::to_text`): "- " before bullets, " | " between cells, "Code:"
//! and two spaces before code.

use super::kind::LineKind;

/// One line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) kind: LineKind,
    /// Without the mark of a list; a table's row with its columns' names.
    pub(super) text: String,
}

pub(super) fn lines(description: &str) -> Vec<Line> {
    let raw: Vec<&str> = description.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let taken = code(&raw[at..], &mut found).or_else(|| table(&raw[at..], &mut found));
        at += taken.unwrap_or_else(|| {
            found.extend(single(raw[at], raw.get(at + 1).copied()));
            1
        });
    }
    found
}

/// A block of code and how many lines it takes: what announces it, and what is indented below.
fn code(lines: &[&str], found: &mut Vec<Line>) -> Option<usize> {
    let announced = lines[0].trim();
    let indent = indent_of(lines[0]);
    let language = announced.strip_prefix("Code")?.strip_suffix(':')?;
    if !(language.is_empty() || language.starts_with(" (") && language.ends_with(')')) {
        return None;
    }
    let body = lines[1..].iter().take_while(|line| indent_of(line) >= indent + 2 && !line.trim().is_empty()).count();
    if body == 0 {
        return None;
    }
    let named = !matches!(language, "" | " (text)" | " (plaintext)" | " (none)");
    let body = &lines[1..=body];
    let kind = if named || body.iter().any(|line| is_data(line)) { LineKind::Code } else { LineKind::Preformatted };
    found.push(Line { kind: LineKind::Code, text: announced.to_owned() });
    found.extend(body.iter().map(|line| Line { kind, text: line.trim().to_owned() }));
    Some(1 + body.len())
}

/// Begins as JSON and XML do.
fn is_data(line: &str) -> bool {
    line.trim_start().starts_with(['{', '[', '<'])
}

/// A table and how many lines it takes: two rows at least.
fn table(lines: &[&str], found: &mut Vec<Line>) -> Option<usize> {
    let rows: Vec<Vec<String>> = lines.iter().map_while(|line| cells(line)).collect();
    if rows.len() < 2 {
        return None;
    }
    let header = &rows[0];
    found.push(Line { kind: LineKind::TableHeader, text: lines[0].trim().to_owned() });
    for row in &rows[1..] {
        found.push(Line { kind: LineKind::TableRow, text: named(header, row) });
    }
    Some(rows.len())
}

/// The cells of a row, without the marks that keep a pipe in a cell from ending it.
fn cells(line: &str) -> Option<Vec<String>> {
    if strip_bullet(line.trim()).is_some() {
        return None;
    }
    let line = format!(" {line} ");
    let cells: Vec<String> = line.split(" | ").map(|cell| cell.trim().replace("\\|", "|")).collect();
    (cells.len() > 1).then_some(cells)
}

/// The row's cells with their columns' names.
fn named(header: &[String], row: &[String]) -> String {
    let name = |(place, cell): (usize, &String)| match header.get(place) {
        _ if cell.is_empty() => None,
        Some(name) if !name.is_empty() => Some(format!("{name}: {cell}")),
        _ => Some(cell.clone()),
    };
    row.iter().enumerate().filter_map(name).collect::<Vec<_>>().join(" | ")
}

fn single(line: &str, next: Option<&str>) -> Option<Line> {
    let line = line.trim();
    if let Some((done, text)) = task(line) {
        return Some(Line { kind: LineKind::Task { done }, text: text.to_owned() });
    }
    let (bullet, text) = strip_bullet(line).map_or((false, line), |text| (true, text));
    if text.is_empty() {
        return None;
    }
    let kind = if is_attachments(text) {
        LineKind::Attachment
    } else if is_address(text) {
        LineKind::Link
    } else if announces(text, next) {
        LineKind::Heading
    } else if bullet {
        LineKind::Bullet
    } else {
        LineKind::Prose
    };
    Some(Line { kind, text: text.to_owned() })
}

/// Ends with a colon, and what it announces stands below.
fn announces(line: &str, next: Option<&str>) -> bool {
    let below = next.is_some_and(|next| {
        let next = next.trim();
        next.starts_with("Code") && next.ends_with(':') || cells(next).is_some() || strip_bullet(next).is_some()
    });
    below && line.ends_with([':', '：'])
}

/// "- [x] text".
fn task(line: &str) -> Option<(bool, &str)> {
    let rest = strip_bullet(line)?.strip_prefix('[')?;
    let (mark, text) = rest.split_once(']')?;
    let done = match mark {
        "x" | "X" => true,
        " " | "" => false,
        _ => return None,
    };
    Some((done, text.trim()))
}

/// Nothing but "[attachment: name]".
fn is_attachments(line: &str) -> bool {
    let mut rest = line;
    while let Some(after) = rest.strip_prefix("[attachment") {
        let Some((_, after)) = after.split_once(']') else { return false };
        rest = after.trim_start();
    }
    rest.is_empty() && !line.is_empty()
}

fn is_address(line: &str) -> bool {
    let one = !line.contains(char::is_whitespace);
    one && url::Url::parse(line).is_ok_and(|url| url.has_host())
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The text after "- ", "* ", "• ", "1. ", "2) ".
pub(super) fn strip_bullet(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix(['-', '*', '•', '–', '·', '+']) {
        return rest.starts_with(' ').then(|| rest.trim_start());
    }
    let digits = line.find(|c: char| !c.is_ascii_digit())?;
    if digits == 0 || digits > 3 {
        return None;
    }
    let rest = line[digits..].strip_prefix(['.', ')'])?;
    rest.starts_with(' ').then(|| rest.trim_start())
}
