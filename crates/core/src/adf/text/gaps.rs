//! Empty lines between blocks: where people put them who write plain text.

use crate::story::{Line, LineKind, strip_bullet};

/// The lines of one node.
pub(super) struct Block {
    /// It stands in a frame of its own.
    pub(super) framed: bool,
    pub(super) lines: Vec<Line>,
}

/// The lines of all blocks, one below the other.
pub(super) fn joined(blocks: Vec<Block>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut after_frame = false;
    for block in blocks {
        let (Some(first), is_framed) = (block.lines.first(), block.framed) else { continue };
        if lines.last().is_some_and(|last| is_gap(last, first, after_frame || is_framed)) {
            lines.push(Line::open(""));
        }
        lines.extend(block.lines);
        after_frame = is_framed;
    }
    lines
}

fn is_gap(above: &Line, below: &Line, framed: bool) -> bool {
    if above.kind == Some(LineKind::Heading) {
        return false;
    }
    let (is_item, is_item_below) = (is_item(above), is_item(below));
    let is_block = |line: &Line| line.kind.is_some_and(|kind| kind != LineKind::Meta);
    framed
        || is_block(below)
        || is_block(above)
        || is_item != is_item_below && !(is_item_below && above.text.ends_with([':', '：']))
}

/// Begins with a list's mark or hangs below one.
fn is_item(line: &Line) -> bool {
    line.text.starts_with(' ') || strip_bullet(&line.text).is_some()
}
