//! Shapes of single lines in Brine's own form: "- " and "1. " before items, "[x]" before what is done, " | " between cells.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::kind::LineKind;
use super::markup::pattern;

/// The text after "- ", "* ", "• ", "1. ", "2) ", "a) ".
pub(crate) fn strip_bullet(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix(['-', '*', '•', '–', '·', '+']) {
        return rest.starts_with(' ').then(|| rest.trim_start());
    }
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = match digits {
        0 => line.strip_prefix(|c: char| c.is_ascii_alphabetic())?.strip_prefix(')')?,
        1..=3 => line[digits..].strip_prefix(['.', ')'])?,
        _ => return None,
    };
    rest.starts_with(' ').then(|| rest.trim_start())
}

/// Whether the box at the beginning of an item is ticked, and the text after it.
pub(super) fn strip_box(item: &str) -> Option<(bool, &str)> {
    let (mark, text) = item.strip_prefix('[')?.split_once(']')?;
    let done = match mark {
        "x" | "X" => true,
        " " | "" => false,
        _ => return None,
    };
    (text.is_empty() || text.starts_with(' ')).then(|| (done, text.trim()))
}

/// Most words that a heading or a label has.
const TITLE_WORDS: usize = 6;

/// Few words that end no sentence: what a heading or a label is.
pub(crate) fn is_title(text: &str) -> bool {
    let words = text.split_whitespace().count();
    (1..=TITLE_WORDS).contains(&words) && !text.ends_with(['.', '!', '?', '…', ',', ';', '。'])
}

static PEOPLE: LazyLock<Regex> = LazyLock::new(|| {
    // A name has at most three capitalised words.
    pattern(r"^(?:\S+ ){0,3}(?:@\p{Lu}[\p{L}.'’-]*(?: \p{Lu}[\p{L}.'’-]*){0,2}[ ,.]*)+$")
});

/// What a line or sentence is that only refers to something: files, an address or people, with a label at most.
pub(super) fn reference(text: &str) -> Option<LineKind> {
    let text = text.trim();
    let (rest, files) = without_attachments(text);
    if files && (rest.is_empty() || is_label(rest)) {
        return Some(LineKind::Attachment);
    }
    let last = text.split_whitespace().next_back()?;
    let address = last.trim_start_matches(['(', '<']).trim_end_matches([')', '>']);
    if is_address(address) {
        let before = text[..text.len() - last.len()].trim_end();
        let named = last.starts_with('(') && is_title(before);
        if before.is_empty() || named || is_label(before) {
            return Some(LineKind::Link);
        }
    }
    PEOPLE.is_match(text).then_some(LineKind::Meta)
}

/// A few words and a colon.
fn is_label(text: &str) -> bool {
    text.ends_with([':', '：']) && is_title(text)
}

/// What stands before the files at the end of the line, and whether there are any.
fn without_attachments(line: &str) -> (&str, bool) {
    let mut rest = line;
    while let Some(start) = rest.ends_with(']').then(|| rest.rfind("[attachment")).flatten() {
        let name = &rest[start + "[attachment".len()..rest.len() - 1];
        if !(name.is_empty() || name.starts_with(": ")) || name.contains(']') {
            break;
        }
        rest = rest[..start].trim_end();
    }
    (rest, rest.len() < line.len())
}

fn is_address(word: &str) -> bool {
    word.contains("://") && Url::parse(word).is_ok_and(|url| url.has_host())
}

/// The cells of a row, at least two. A pipe within a cell stands behind a backslash.
pub(super) fn cells(line: &str) -> Option<Vec<String>> {
    let line = line.trim();
    if strip_bullet(line).is_some() {
        return None;
    }
    let padded = format!(" {line} ");
    let cells: Vec<String> = padded.split(" | ").map(|cell| cell.trim().replace("\\|", "|")).collect();
    (cells.len() > 1).then_some(cells)
}

/// The language of a line that announces code: "Code (json):" and "Code:".
pub(super) fn announced_language(line: &str) -> Option<&str> {
    let between = line.trim().strip_prefix("Code")?.strip_suffix(':')?;
    match between.strip_prefix(" (") {
        Some(language) => language.strip_suffix(')').filter(|language| !language.is_empty()),
        None => between.is_empty().then_some(""),
    }
}

pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
