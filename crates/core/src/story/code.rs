//! Blocks of code: the line that announces them, and their lines two spaces in.

use super::kind::{Line, LineKind};
use super::shape::{announced_language, indent};

/// What languages are called that are none of a machine's.
const PLAIN: [&str; 6] = ["", "gherkin", "none", "plain", "plaintext", "text"];

/// A block in Brine's own form. Empty lines are left out; nothing comes of a block without words.
pub(crate) fn block<'a>(language: &str, code: impl IntoIterator<Item = &'a str>) -> Vec<Line> {
    let language = language.split_whitespace().collect::<Vec<_>>().join(" ");
    let body: Vec<&str> = code.into_iter().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    if body.is_empty() {
        return Vec::new();
    }
    let announced = if language.is_empty() { "Code:".to_owned() } else { format!("Code ({language}):") };
    let kind = kind(&language, &body);
    let body = body.iter().map(|line| Line::new(kind, format!("  {line}")));
    std::iter::once(Line::new(LineKind::Code, announced)).chain(body).collect()
}

/// Tells the kinds of a block that is in Brine's own form already, and how many lines it takes.
pub(super) fn read(lines: &mut [Line]) -> Option<usize> {
    let (first, rest) = lines.split_first_mut()?;
    let language = announced_language(&first.text)?.to_owned();
    let least = indent(&first.text) + 2;
    let length = rest.iter().take_while(|line| !line.is_blank() && indent(&line.text) >= least).count();
    let rest = &mut rest[..length];
    if rest.is_empty() {
        return None;
    }
    let kind = kind(&language, &rest.iter().map(|line| line.text.as_str()).collect::<Vec<_>>());
    first.kind = Some(LineKind::Code);
    rest.iter_mut().for_each(|line| line.kind = Some(kind));
    Some(1 + length)
}

/// Formulas and lists of states stand in such blocks, too; then no language is named, and nothing begins as JSON and XML do.
fn kind(language: &str, body: &[&str]) -> LineKind {
    let is_data = |line: &&str| line.trim_start().starts_with(['{', '[', '<']);
    let is_plain = PLAIN.contains(&language.to_lowercase().as_str());
    if is_plain && !body.iter().any(is_data) { LineKind::Preformatted } else { LineKind::Code }
}
