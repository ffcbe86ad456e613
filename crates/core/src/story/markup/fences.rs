//! Code: Markdown's fences, wiki's `{code}` and `{noformat}`, and blocks that are in Brine's own form already.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern;
use crate::story::code;
use crate::story::kind::Line;
use crate::story::shape::indent;

static MACRO: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*\{(code|noformat)(?::([^{}]*))?\}(.*)$"));

pub(super) fn read(mut lines: Vec<Line>) -> Vec<Line> {
    let mut read = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let block = if lines[at].kind.is_some() { None } else { block(&mut lines[at..]) };
        at += match block {
            Some((made, taken)) => {
                read.extend(made);
                taken
            }
            None => {
                read.push(lines[at].clone());
                1
            }
        };
    }
    read
}

/// The lines of the block that begins here, and how many lines it takes.
fn block(lines: &mut [Line]) -> Option<(Vec<Line>, usize)> {
    if let Some(taken) = code::read(lines) {
        return Some((lines[..taken].to_vec(), taken));
    }
    fence(lines).or_else(|| wiki(lines))
}

/// A fence without an end is none: the text below it would be lost for the story.
fn fence(lines: &[Line]) -> Option<(Vec<Line>, usize)> {
    let (mark, length, info) = fence_of(&lines[0].text)?;
    let ends = |line: &&Line| {
        let end = fence_of(&line.text).filter(|_| line.kind.is_none());
        end.is_some_and(|(other, least, info)| other == mark && least >= length && info.is_empty())
    };
    let body = &lines[1..];
    let body = &body[..body.iter().position(|line| ends(&line))?];
    let margin = indent(&lines[0].text);
    let inner = body.iter().map(|line| &line.text[indent(&line.text).min(margin)..]);
    let language = info.split(|c: char| c.is_whitespace() || c == '{').next().unwrap_or_default();
    Some((shifted(code::block(language, inner), margin), body.len() + 2))
}

/// Its mark, how many of them, and what stands behind.
fn fence_of(line: &str) -> Option<(char, usize, &str)> {
    let line = line.trim();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = line.trim_start_matches(mark);
    let length = line.len() - info.len();
    (length >= 3 && !info.contains('`')).then(|| (mark, length, info.trim()))
}

fn wiki(lines: &[Line]) -> Option<(Vec<Line>, usize)> {
    let opened = MACRO.captures(&lines[0].text)?;
    let group = |place| opened.get(place).map_or("", |found| found.as_str());
    let (name, options, rest) = (group(1), group(2), group(3));
    let end = format!("{{{name}}}");
    let mut body = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        if line.kind.is_some() {
            return None;
        }
        let text = if place == 0 { rest } else { line.text.as_str() };
        if let Some((last, after)) = text.split_once(&end) {
            body.push(last);
            let mut made = code::block(language(options), body);
            made.extend(Some(after.trim()).filter(|after| !after.is_empty()).map(Line::open));
            return Some((made, place + 1));
        }
        body.push(text);
    }
    None
}

/// `{code:json}`, `{code:title=a.json|language=json}`.
fn language(options: &str) -> &str {
    let named = |option: &&str| option.starts_with("language=") || !option.contains('=');
    let option = options.split('|').find(named).unwrap_or_default();
    option.strip_prefix("language=").unwrap_or(option)
}

fn shifted(mut lines: Vec<Line>, margin: usize) -> Vec<Line> {
    for line in &mut lines {
        line.text.insert_str(0, &" ".repeat(margin));
    }
    lines
}
