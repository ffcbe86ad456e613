//! Where a rule is cut into parts.

/// A part of a rule between commas or stronger marks.
pub(in super::super) struct Piece<'a> {
    pub(in super::super) text: &'a str,
    pub(in super::super) ends_sentence: bool,
}

/// Nothing is cut inside quotes, numbers or times.
pub(in super::super) fn pieces(rule: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut start, mut quoted) = (0, false);
    let mut add = |from: usize, to: usize, ends_sentence: bool| {
        if let Some(text) = rule.get(from..to).map(str::trim).filter(|text| !text.is_empty()) {
            found.push(Piece { text, ends_sentence });
        }
    };
    for (at, c) in rule.char_indices() {
        let behind = rule.get(at + c.len_utf8()..).unwrap_or_default();
        let apart = behind.chars().next().is_none_or(char::is_whitespace);
        match c {
            '"' => quoted = !quoted,
            '“' | '„' => quoted = true,
            '”' => quoted = false,
            _ => {}
        }
        let ends = match c {
            ',' if apart => Some(false),
            '.' | ':' | '!' | '?' if apart => Some(true),
            ';' | '(' | ')' => Some(true),
            '-' | '–' | '—' if apart && rule.get(..at).is_some_and(|before| before.ends_with(' ')) => Some(true),
            _ => None,
        };
        if let Some(ends_sentence) = ends.filter(|_| !quoted) {
            add(start, at, ends_sentence);
            start = at + c.len_utf8();
        }
    }
    add(start, rule.len(), true);
    found
}
