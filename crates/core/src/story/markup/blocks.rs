//! Markup that begins a line: headings, tables, items, quotations, and lines that only draw.

use std::sync::LazyLock;

use regex::Regex;

use super::hints::Hints;
use super::lists::{self, Counters};
use super::{pattern, tables};
use crate::story::kind::{Line, LineKind};
use crate::story::shape::is_title;

static WIKI_HEADING: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*h[1-6]\.\s+(\S.*)$"));
static HEADING: LazyLock<Regex> = LazyLock::new(|| pattern(r"^ {0,3}(#{1,6})\s+(\S.*?)(?:\s+#+)?\s*$"));
static BOLD: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(?:\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*)\s*(:?)\s*$"));
static UNDERLINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^={3,}\s*$"));
static DIVIDER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(?:-{3,}|\*{3,}|_{3,}|(?:[-*_] ){2,}[-*_])\s*$"));
static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(?:bq\.|>(?:\s*>)*)\s+([^\s\d].*)$"));

pub(super) fn read(lines: Vec<Line>, hints: Hints) -> Vec<Line> {
    let mut read: Vec<Line> = Vec::with_capacity(lines.len());
    let counted = lists::counted(&lines);
    let mut counters = Counters::default();
    let mut at = 0;
    while at < lines.len() {
        let line = &lines[at];
        let below = lines.get(at + 1);
        if line.kind.is_some() {
            read.push(line.clone());
            at += 1;
            continue;
        }
        if let Some((rows, taken)) = tables::read(&lines[at..]) {
            read.extend(rows);
            at += taken;
            continue;
        }
        let underlined = below.is_some_and(|below| below.kind.is_none() && UNDERLINE.is_match(&below.text));
        if underlined && !line.is_blank() {
            read.push(Line::new(LineKind::Heading, line.text.trim()));
            at += 2;
            continue;
        }
        if !counted[at] {
            counters = Counters::default();
        }
        read.extend(single(line, counted[at], hints, &mut counters));
        at += 1;
    }
    read
}

fn single(line: &Line, counted: bool, hints: Hints, counters: &mut Counters) -> Option<Line> {
    let text = line.text.as_str();
    if let Some(found) = WIKI_HEADING.captures(text) {
        return Some(Line::new(LineKind::Heading, &found[1]));
    }
    if DIVIDER.is_match(text) {
        return None;
    }
    if let Some(item) = lists::item(text, counted, counters) {
        return Some(Line::open(item));
    }
    if let Some(found) = HEADING.captures(text)
        && (found[1].len() > 1 || hints.markdown)
    {
        return Some(Line::new(LineKind::Heading, &found[2]));
    }
    if let Some(found) = BOLD.captures(text) {
        let title = format!("{}{}", found.get(1).or(found.get(2)).map_or("", |words| words.as_str()), &found[3]);
        if is_title(&title) {
            return Some(Line::new(LineKind::Heading, title));
        }
    }
    match QUOTED.captures(text) {
        Some(found) => Some(Line::open(&found[1])),
        None => Some(line.clone()),
    }
}
