//! Tells what the lines are that nobody has told of yet. Blank lines stay of no kind.

use super::code;
use super::kind::{Line, LineKind};
use super::shape::{announced_language, cells, is_title, reference, strip_box, strip_bullet};

pub(super) fn tell(lines: &mut [Line]) {
    let mut at = 0;
    let mut apart = true;
    while at < lines.len() {
        let (was_apart, is_blank) = (apart, lines[at].is_blank());
        apart = is_blank;
        at += if lines[at].kind.is_some() || is_blank {
            1
        } else {
            code::read(&mut lines[at..]).or_else(|| table(&mut lines[at..])).unwrap_or_else(|| {
                single(&mut lines[at..], was_apart);
                1
            })
        };
    }
}

/// Two rows or more, the first of which names the columns; how many lines they take.
fn table(lines: &mut [Line]) -> Option<usize> {
    let rows = lines.iter().take_while(|line| line.kind.is_none() && cells(&line.text).is_some()).count();
    if rows < 2 {
        return None;
    }
    for (place, line) in lines[..rows].iter_mut().enumerate() {
        line.kind = Some(if place == 0 { LineKind::TableHeader } else { LineKind::TableRow });
    }
    Some(rows)
}

/// `apart`: nothing stands directly above.
fn single(lines: &mut [Line], apart: bool) {
    let Some((line, below)) = lines.split_first_mut() else { return };
    let text = line.text.trim();
    let item = strip_bullet(text);
    let said = item.unwrap_or(text);
    line.kind = Some(match item.and_then(strip_box) {
        Some((done, _)) => LineKind::Task { done },
        None => match reference(said) {
            Some(kind) => kind,
            None if announces(said, below) || item.is_none() && apart && heads(said, below) => LineKind::Heading,
            None if item.is_some() => LineKind::Bullet,
            None => LineKind::Prose,
        },
    });
}

/// Ends with a colon, and a list, a table or code stands below.
fn announces(text: &str, below: &[Line]) -> bool {
    let next = below.iter().find(|line| !line.is_blank());
    text.ends_with([':', '：']) && is_title(text) && next.is_some_and(is_structured)
}

/// Stands directly above something that differs from it: a list, a table, code or a sentence.
fn heads(text: &str, below: &[Line]) -> bool {
    let Some(next) = below.first().filter(|next| !next.is_blank()) else { return false };
    let is_sentence = next.kind.is_none() && !is_title(next.text.trim());
    is_title(text) && !text.contains(|c: char| c.is_ascii_digit()) && (is_structured(next) || is_sentence)
}

fn is_structured(line: &Line) -> bool {
    let text = line.text.trim();
    let kind = matches!(line.kind, Some(LineKind::TableHeader | LineKind::TableRow | LineKind::Code));
    kind || strip_bullet(text).is_some() || cells(text).is_some() || announced_language(text).is_some()
}
