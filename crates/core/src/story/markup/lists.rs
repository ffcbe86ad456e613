//! Marks before items: Markdown's and the wiki's become "- ", "1. " and "- [x] ", deeper ones indented.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern;
use crate::story::kind::Line;

static DEEP: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*([*#-]*[*#])([*#])\s+(\S.*)$"));
static COUNTED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*#\s+(\S.*)$"));
static BOX: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\s*)(?:[-*•]\s+)?(?:\[([ xX]?)\]|([☐☑]))\s+(\S.*)$"));
static BULLET: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\s*)[*•]\s+(\S.*)$"));

/// How far the numbers of the wiki's lists have come, by depth.
#[derive(Default)]
pub(super) struct Counters(Vec<usize>);

impl Counters {
    /// The next number at this depth (0 is the outermost); deeper ones begin anew.
    fn next(&mut self, depth: usize) -> usize {
        self.0.truncate(depth + 1);
        self.0.resize(depth + 1, 0);
        self.0[depth] += 1;
        self.0[depth]
    }
}

/// The line as an item, if it is one. `counted`: it stands among lines that the wiki numbers, so "#" begins no heading.
pub(super) fn item(line: &str, counted: bool, counters: &mut Counters) -> Option<String> {
    if let Some(found) = BOX.captures(line) {
        let ticked = found.get(2).is_some_and(|mark| !mark.as_str().trim().is_empty());
        let done = ticked || found.get(3).is_some_and(|mark| mark.as_str() == "☑");
        return Some(format!("{}- [{}] {}", &found[1], if done { 'x' } else { ' ' }, &found[4]));
    }
    if let Some(found) = DEEP.captures(line)
        && (counted || !found[1].starts_with('#'))
    {
        let depth = found[1].chars().count();
        let mark = if &found[2] == "#" { format!("{}.", counters.next(depth)) } else { "-".to_owned() };
        return Some(format!("{}{mark} {}", "  ".repeat(depth), &found[3]));
    }
    if counted && let Some(found) = COUNTED.captures(line) {
        return Some(format!("{}. {}", counters.next(0), &found[1]));
    }
    BULLET.captures(line).map(|found| format!("{}- {}", &found[1], &found[2]))
}

/// Which lines the wiki numbers: two at least that begin with "# ", with nothing but items between them.
pub(super) fn counted(lines: &[Line]) -> Vec<bool> {
    let is_item = |line: &Line| line.kind.is_none() && line.text.trim_start().starts_with(['#', '*']);
    let runs = lines.chunk_by(|a, b| is_item(a) && is_item(b));
    let runs = runs.map(|run| (run.len(), run.iter().filter(|line| COUNTED.is_match(&line.text)).count() > 1));
    runs.flat_map(|(length, counted)| std::iter::repeat_n(counted, length)).collect()
}
