//! Markdown within lines. Only the marks are taken out of the text, at the places where pulldown-cmark finds them; what it
//! thinks of the rest does not matter, so that plain text stays as it is.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::links::{address_worth_saying, attachment};
use crate::story::kind::{Line, LineKind};

pub(super) fn read(lines: Vec<Line>) -> Vec<Line> {
    let mut read = Vec::with_capacity(lines.len());
    for run in lines.chunk_by(|a, b| a.kind.is_none() && b.kind.is_none()) {
        match run {
            [line] if line.kind.is_some() => read.push(known(line)),
            open => {
                let text = open.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
                read.extend(without_marks(&text).split('\n').map(Line::open));
            }
        }
    }
    read
}

/// A heading or a row has marks within; code has none.
fn known(line: &Line) -> Line {
    match line.kind {
        Some(LineKind::Heading | LineKind::TableHeader | LineKind::TableRow) => {
            Line { text: without_marks(&line.text), kind: line.kind }
        }
        _ => line.clone(),
    }
}

/// A link or picture that is still open.
struct Open {
    range: Range<usize>,
    address: String,
    /// Where its words are.
    words: Option<Range<usize>>,
}

fn without_marks(text: &str) -> String {
    if !text.contains(['*', '_', '`', '[', '<', '~']) {
        return text.to_owned();
    }
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for (event, range) in Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
        if let Some(link) = open.last_mut()
            && range != link.range
        {
            let words = link.words.get_or_insert(range.clone());
            words.end = words.end.max(range.end);
        }
        match event {
            Event::Start(Tag::Strong) => strip(text, range, 2, &mut edits),
            Event::Start(Tag::Emphasis) => strip(text, range, 1, &mut edits),
            Event::Start(Tag::Strikethrough) if text[range.clone()].starts_with("~~") => {
                edits.push((range, String::new()));
            }
            Event::Code(_) => {
                let ticks = text[range.clone()].len() - text[range.clone()].trim_start_matches('`').len();
                edits.push((range.start..range.start + ticks, String::new()));
                edits.push((range.end - ticks..range.end, String::new()));
            }
            Event::Start(Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. }) => {
                edits.push((range.start..range.start + 1, String::new()));
                edits.push((range.end - 1..range.end, String::new()));
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                open.push(Open { range, address: dest_url.into_string(), words: None });
            }
            Event::End(TagEnd::Image) => edits.extend(open.pop().map(|picture| named(text, &picture))),
            Event::End(TagEnd::Link) => {
                if let Some(link) = open.pop_if(|link| link.range == range) {
                    edits.extend(linked(text, &link));
                }
            }
            Event::InlineHtml(tag) if is_line_break(&tag) => edits.push((range, " ".to_owned())),
            _ => {}
        }
    }
    apply(text, edits)
}

/// Takes the marks at both ends away, unless they stand within a word: "2*3*4" and "__init__.py" mean themselves.
fn strip(text: &str, range: Range<usize>, marks: usize, edits: &mut Vec<(Range<usize>, String)>) {
    let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let within = joined(text[..range.start].chars().next_back()) || joined(text[range.end..].chars().next());
    let inner = &text[range.start + marks..range.end - marks];
    let is_name = text[range.clone()].starts_with("__") && !inner.contains(char::is_whitespace);
    if !within && !is_name {
        edits.push((range.start..range.start + marks, String::new()));
        edits.push((range.end - marks..range.end, String::new()));
    }
}

fn named(text: &str, picture: &Open) -> (Range<usize>, String) {
    let name = picture.words.clone().map_or("", |words| &text[words]);
    (picture.range.clone(), attachment(name, &picture.address))
}

/// The brackets away, and the address behind the words.
fn linked(text: &str, link: &Open) -> Vec<(Range<usize>, String)> {
    let Some(words) = &link.words else { return vec![(link.range.clone(), link.address.clone())] };
    let address = address_worth_saying(text[words.clone()].trim(), &link.address);
    let behind = address.map(|address| format!(" ({address})")).unwrap_or_default();
    vec![(link.range.start..words.start, String::new()), (words.end..link.range.end, behind)]
}

fn is_line_break(tag: &str) -> bool {
    let name = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    name.eq_ignore_ascii_case("br")
}

/// The edits in their order; one within another is not made.
fn apply(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut made = String::with_capacity(text.len());
    let mut end = 0;
    for (range, words) in edits {
        if range.start < end {
            continue;
        }
        made.push_str(&text[end..range.start]);
        made.push_str(&words);
        end = range.end;
    }
    made.push_str(&text[end..]);
    made
}
