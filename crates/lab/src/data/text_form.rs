//! The text form in which pairs are written by hand: no escaping, one line a heading.
//!
//! ```text
//! %% domain: gift cards
//! %% kind: as-a
//! %% language: en
//! %% summary
//! …
//! %% description
//! …
//! %% criteria
//! …
//! %% end
//! ```

use std::path::Path;

use brine_core::gherkin::Language;

use super::{DataError, Pair};

/// Reads a file of pairs in text form; each is named after the file and its place ("a01-003").
///
/// # Errors
/// The first line that is out of place, by its number.
pub fn read_text_form(path: &Path) -> Result<Vec<Pair>, DataError> {
    let text = std::fs::read_to_string(path).map_err(|cause| DataError::Io { path: path.to_owned(), cause })?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    parse(&text, &stem).map_err(|(line, reason)| DataError::Line { path: path.to_owned(), line, reason })
}

#[derive(Clone, Copy)]
enum Field {
    Summary,
    Description,
    Criteria,
}

fn parse(text: &str, stem: &str) -> Result<Vec<Pair>, (usize, String)> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut open: Option<(Pair, Option<Field>)> = None;
    for (number, line) in text.lines().enumerate() {
        let wrong = |reason: &str| (number + 1, reason.to_owned());
        if let Some(domain) = line.strip_prefix("%% domain:") {
            if open.is_some() {
                return Err(wrong("a pair begins before the last one ended with \"%% end\""));
            }
            let id = format!("{stem}-{:03}", pairs.len() + 1);
            open = Some((Pair { id, domain: domain.trim().to_owned(), ..Pair::default() }, None));
            continue;
        }
        let Some((pair, field)) = &mut open else {
            if line.trim().is_empty() {
                continue;
            }
            return Err(wrong("a pair begins with \"%% domain: …\""));
        };
        match line.strip_prefix("%% ").map(str::trim_end) {
            Some("summary") => *field = Some(Field::Summary),
            Some("description") => *field = Some(Field::Description),
            Some("criteria") => *field = Some(Field::Criteria),
            Some("end") => {
                if let Some((pair, _)) = open.take() {
                    pairs.push(trimmed(pair));
                }
            }
            Some(heading) => match heading.split_once(':') {
                Some(("kind", kind)) => pair.kind = kind.trim().to_owned(),
                Some(("language", code)) => {
                    let known = Language::from_code(code.trim());
                    pair.language = known.ok_or_else(|| wrong("criteria can't be written in this language"))?;
                }
                _ => return Err(wrong("there is no such heading")),
            },
            None => {
                let part = match field {
                    Some(Field::Summary) => &mut pair.summary,
                    Some(Field::Description) => &mut pair.description,
                    Some(Field::Criteria) => &mut pair.criteria,
                    None => return Err(wrong("this line belongs to no field")),
                };
                part.push_str(line);
                part.push('\n');
            }
        }
    }
    match open {
        Some((pair, _)) => Err((text.lines().count(), format!("pair {} does not end with \"%% end\"", pair.id))),
        None => Ok(pairs),
    }
}

fn trimmed(pair: Pair) -> Pair {
    let cut = |text: String| text.trim_matches('\n').to_owned();
    Pair { summary: cut(pair.summary), description: cut(pair.description), criteria: cut(pair.criteria), ..pair }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const TWO: &str = "%% domain: parks\n%% kind: thin\n%% language: de\n%% summary\nClose the gate\n%% description\nAt dusk.\n\nEvery day.\n\
                       %% criteria\n@happy-path\nScenario: x\n%% end\n\n%% domain: zoos\n%% summary\nFeed\n%% end\n";

    #[test]
    fn pairs_are_read_field_by_field() {
        let pairs = parse(TWO, "a01").unwrap();
        assert_eq!(pairs.len(), 2);
        assert_eq!(
            (pairs[0].id.as_str(), pairs[0].domain.as_str(), pairs[0].kind.as_str()),
            ("a01-001", "parks", "thin")
        );
        assert_eq!((pairs[0].language, pairs[1].language), (Language::De, Language::En));
        assert_eq!(pairs[0].description, "At dusk.\n\nEvery day.");
        assert_eq!(pairs[0].criteria, "@happy-path\nScenario: x");
        assert_eq!((pairs[1].id.as_str(), pairs[1].summary.as_str()), ("a01-002", "Feed"));
    }

    #[test]
    fn what_is_out_of_place_is_named_by_its_line() {
        for (text, line) in [
            ("hello\n", 1),
            ("%% domain: x\nhello\n", 2),
            ("%% domain: x\n%% colour: red\n", 2),
            ("%% domain: x\n%% domain: y\n", 2),
            ("%% domain: x\n%% summary\nx\n", 3),
        ] {
            assert_eq!(parse(text, "f").unwrap_err().0, line, "{text:?}");
        }
    }
}
