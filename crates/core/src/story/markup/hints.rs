//! Which markup a text shows elsewhere: it decides what a mark means that plain text uses as well.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern;
use crate::story::kind::Line;

/// What the whole text shows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hints {
    /// Something that only Markdown has.
    pub(super) markdown: bool,
    /// Something that only Jira's wiki markup has.
    pub(super) wiki: bool,
}

static MARKDOWN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^ {0,3}#{2,6} +\S|\*\*\S[^*]*\*\*|\]\([^()\s]+\)|^\s*[-*] \[[ xX]\] "));
static WIKI: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*h[1-6]\. +\S|^\s*\|\||\[[^\[\]|]+\|[a-z]+:[^\[\]]*\]|^\*{2,} \S"));

pub(super) fn of(lines: &[Line]) -> Hints {
    let open = || lines.iter().filter(|line| line.kind.is_none());
    Hints {
        markdown: open().any(|line| MARKDOWN.is_match(&line.text)),
        wiki: open().any(|line| WIKI.is_match(&line.text)),
    }
}
