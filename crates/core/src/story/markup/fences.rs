//! Code: Markdown's fences, wiki's `{code}` and `{noformat}`, and blocks that are in Brine's own form already.

use std::collections::HashMap;
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
    let mut in_vain = InVain::default();
    while at < lines.len() {
        let block = if lines[at].kind.is_some() { None } else { block(&mut lines, at, &mut in_vain) };
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

/// Ends that were looked for and are not there, so that a text of a thousand beginnings is not searched a thousand times.
#[derive(Default)]
struct InVain {
    /// Fences of this mark, and of as many marks or more, have no end.
    fences: HashMap<char, usize>,
    /// Before this line the macro of this name has no end.
    macros: HashMap<String, usize>,
}

/// The lines of the block that begins here, and how many lines it takes.
fn block(lines: &mut [Line], at: usize, in_vain: &mut InVain) -> Option<(Vec<Line>, usize)> {
    if let Some(taken) = code::read(&mut lines[at..]) {
        return Some((lines[at..at + taken].to_vec(), taken));
    }
    fence(&lines[at..], in_vain).or_else(|| wiki(lines, at, in_vain))
}

/// A fence without an end is none: the text below it would be lost for the story.
fn fence(lines: &[Line], in_vain: &mut InVain) -> Option<(Vec<Line>, usize)> {
    let (mark, length, info) = fence_of(&lines[0].text)?;
    if in_vain.fences.get(&mark).is_some_and(|least| length >= *least) {
        return None;
    }
    let ends = |line: &Line| {
        let end = fence_of(&line.text).filter(|_| line.kind.is_none());
        end.is_some_and(|(other, least, info)| other == mark && least >= length && info.is_empty())
    };
    let Some(inner) = lines[1..].iter().position(ends) else {
        in_vain.fences.insert(mark, length);
        return None;
    };
    let body = &lines[1..=inner];
    let margin = indent(&lines[0].text);
    let code = body.iter().map(|line| &line.text[indent(&line.text).min(margin)..]);
    let language = info.split(|c: char| c.is_whitespace() || c == '{').next().unwrap_or_default();
    Some((shifted(code::block(language, code), margin), body.len() + 2))
}

/// Its mark, how many of them, and what stands behind.
fn fence_of(line: &str) -> Option<(char, usize, &str)> {
    let line = line.trim();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = line.trim_start_matches(mark);
    let length = line.len() - info.len();
    (length >= 3 && !info.contains('`')).then(|| (mark, length, info.trim()))
}

fn wiki(lines: &[Line], at: usize, in_vain: &mut InVain) -> Option<(Vec<Line>, usize)> {
    let opened = MACRO.captures(&lines[at].text)?;
    let group = |place| opened.get(place).map_or("", |found| found.as_str());
    let (name, options, rest) = (group(1), group(2), group(3));
    if in_vain.macros.get(name).is_some_and(|before| at < *before) {
        return None;
    }
    let end = format!("{{{name}}}");
    let mut body = Vec::new();
    let open = lines[at..].iter().take_while(|line| line.kind.is_none());
    for (place, line) in open.enumerate() {
        let text = if place == 0 { rest } else { line.text.as_str() };
        if let Some((last, after)) = text.split_once(&end) {
            body.push(last);
            let mut made = code::block(language(options), body);
            made.extend(Some(after.trim()).filter(|after| !after.is_empty()).map(Line::open));
            return Some((made, place + 1));
        }
        body.push(text);
    }
    in_vain.macros.insert(name.to_owned(), at + body.len());
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
