//! Markdown and Jira's wiki markup, brought into Brine's own form. Both come in one text often enough (pasted into Jira, or
//! exported from it), so no text has to be of one kind. What is no markup stays as it is.

mod blocks;
mod fences;
mod hints;
mod inline;
mod links;
mod lists;
mod macros;
mod tables;
mod wiki;

#[cfg(test)]
mod tests;

pub(crate) use links::address_worth_saying;

use super::kind::{Line, LineKind};

/// Reads the lines of which nothing is known yet; the others stay as they are.
pub(super) fn read(lines: Vec<Line>) -> Vec<Line> {
    let lines = fences::read(lines);
    let lines = macros::read(lines);
    let hints = hints::of(&lines);
    let lines = wiki::read(lines, hints);
    let lines = blocks::read(lines, hints);
    spaced(inline::read(lines))
}

/// One empty line at most, and none below a heading that somebody marked as one.
fn spaced(lines: Vec<Line>) -> Vec<Line> {
    let mut read: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        let above = read.last();
        let is_open = above.is_none_or(|above| !above.is_blank() && above.kind != Some(LineKind::Heading));
        if is_open || !line.is_blank() {
            read.push(line);
        }
    }
    read
}

/// A constant pattern.
#[allow(clippy::expect_used, reason = "every pattern is a constant, and the tests compile all of them")]
pub(super) fn pattern(text: &str) -> regex::Regex {
    regex::Regex::new(text).expect("a sound pattern")
}
