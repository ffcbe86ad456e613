//! Frames around lines: wiki's panels and quotations, whose words stay, and HTML's comments, which nobody is shown.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::pattern;
use crate::story::kind::{Line, LineKind};
use crate::story::shape::strip_bullet;

static OPENED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*\{(panel|info|note|tip|warning|quote|expand)(?::([^{}]*))?\}(.*)$"));

pub(super) fn read(lines: Vec<Line>) -> Vec<Line> {
    let mut text = Text { gone: vec![false; lines.len()], lines, in_vain: HashMap::new() };
    let mut read = Vec::with_capacity(text.lines.len());
    for at in 0..text.lines.len() {
        while text.cut_comment(at) {}
        while let Some(title) = text.open_frame(at) {
            read.extend(title);
        }
        if !text.gone[at] {
            read.push(text.lines[at].clone());
        }
    }
    read
}

struct Text {
    lines: Vec<Line>,
    /// Lines that held nothing but marks.
    gone: Vec<bool>,
    /// Before this line a mark was looked for and is not there.
    in_vain: HashMap<String, usize>,
}

impl Text {
    /// Takes a comment out that begins in this line.
    fn cut_comment(&mut self, at: usize) -> bool {
        let found = self.lines[at].kind.is_none().then(|| self.lines[at].text.find("<!--")).flatten();
        let Some(start) = found else { return false };
        let Some((last, end)) = self.find(at, start, "-->") else { return false };
        let after = self.lines[last].text[end..].to_owned();
        for place in at..=last {
            let text = &mut self.lines[place].text;
            text.truncate(if place == at { start } else { 0 });
            if place == last {
                text.push_str(&after);
            }
            self.gone[place] = text.trim().is_empty();
        }
        true
    }

    /// Takes the marks of a frame away that begins with this line; gives the line that says what frame it was.
    fn open_frame(&mut self, at: usize) -> Option<Option<Line>> {
        if self.lines[at].kind.is_some() {
            return None;
        }
        let opened = OPENED.captures(&self.lines[at].text)?;
        let (name, options) =
            (opened[1].to_owned(), opened.get(2).map_or(String::new(), |found| found.as_str().to_owned()));
        let from = opened.get(3).map_or(0, |rest| rest.start());
        let mark = format!("{{{name}}}");
        let (last, end) = self.find(at, from, &mark)?;
        let (before, after) =
            (self.lines[last].text[..end - mark.len()].to_owned(), self.lines[last].text[end..].to_owned());
        self.lines[last].text = format!("{} {}", before.trim_end(), after.trim_start()).trim_end().to_owned();
        self.lines[at].text.drain(..from);
        for place in [at, last] {
            self.gone[place] |= self.lines[place].is_blank();
        }
        let title =
            options.split('|').find_map(|option| option.strip_prefix("title=")).unwrap_or(match name.as_str() {
                "expand" if !options.contains('=') => &options,
                _ => "",
            });
        let label = match name.as_str() {
            "note" => "Note:",
            "tip" => "Tip:",
            "warning" => "Warning:",
            _ => return Some(Some(title.trim()).filter(|title| !title.is_empty()).map(heading)),
        };
        if !title.trim().is_empty() {
            return Some(Some(heading(&format!("{label} {}", title.trim()))));
        }
        let said = self.lines[at..=last].iter_mut().find(|line| !line.is_blank());
        match said.filter(|line| line.kind.is_none() && is_running(&line.text)) {
            Some(line) => line.text = format!("{label} {}", line.text.trim_start()),
            None => return Some(Some(heading(label))),
        }
        Some(None)
    }

    /// The line of the first `mark` at or after a place, and where it ends there. Nothing across a line that is known.
    fn find(&mut self, at: usize, from: usize, mark: &str) -> Option<(usize, usize)> {
        if self.in_vain.get(mark).is_some_and(|before| at < *before) {
            return None;
        }
        let open = self.lines[at..].iter().take_while(|line| line.kind.is_none());
        let found = open.clone().enumerate().find_map(|(place, line)| {
            let from = if place == 0 { from } else { 0 };
            line.text[from..].find(mark).map(|found| (at + place, from + found + mark.len()))
        });
        if found.is_none() {
            self.in_vain.insert(mark.to_owned(), at + open.count());
        }
        found
    }
}

fn heading(words: &str) -> Line {
    Line::new(LineKind::Heading, words)
}

/// No item and no row, before which a label would break its shape.
fn is_running(line: &str) -> bool {
    let line = line.trim();
    strip_bullet(line).is_none() && !line.starts_with(['|', '{'])
}
