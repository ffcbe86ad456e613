//! What a kind reader makes of raw output: chat talk, code fences and Markdown are taken off, the Gherkin in it is kept.
//! The measures of content look at this; the gates look at the answer as it is.

use super::dialect::Dialect;

const QUESTION: &str = "# Question:";
const BACKGROUND: &str = "Background:";

/// The lines of a text that are Gherkin in the given language or in English, without decoration. Text that is Gherkin
/// already keeps all that matters.
pub(crate) fn repaired(raw: &str, language: &str) -> String {
    let speaks = |dialect: &&Dialect| raw.lines().any(|line| dialect.is_scenario(&undecorated(line, dialect)));
    let dialects = [Dialect::named_in(raw), Some(Dialect::of(language))];
    let dialect = dialects.into_iter().flatten().find(speaks).unwrap_or_else(|| Dialect::of("en"));
    let mut lines: Vec<String> = Vec::new();
    let mut begun = false;
    for line in raw.lines() {
        let bare = undecorated(line, dialect);
        if bare.starts_with(QUESTION) {
            lines.push(bare);
            continue;
        }
        // Only a scenario or what leads to it can come first; a second feature would end the file.
        let feature = dialect.is_feature(&bare);
        let leads = bare.starts_with(['@']) || feature || bare.starts_with(BACKGROUND) || dialect.is_scenario(&bare);
        let kept = leads || bare.starts_with('|') || dialect.is_table(&bare) || dialect.is_step(&bare);
        if !kept || !begun && !leads || begun && feature {
            continue;
        }
        begun = true;
        lines.push(bare);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The scenarios of a text that no parser reads, as far as they can be told apart: each from its first line to the next one's.
pub(crate) fn pieces(raw: &str, language: &str) -> Vec<String> {
    let text = repaired(raw, language);
    let starts = |line: &&str| [language, "en"].iter().any(|language| Dialect::of(language).is_scenario(line));
    let mut pieces: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with(['@', '#']) && !line.is_empty()) {
        match pieces.last_mut() {
            _ if starts(&line) => pieces.push(format!("{line}\n")),
            Some(piece) => {
                piece.push_str("  ");
                piece.push_str(line);
                piece.push('\n');
            }
            None => {}
        }
    }
    pieces
}

/// Without bold marks, headings, bullets, numbers and quotes of Markdown.
fn undecorated(line: &str, dialect: &Dialect) -> String {
    let line = line.replace("**", "").replace("__", "");
    let line = line.trim();
    if line.starts_with(QUESTION) {
        return line.to_owned();
    }
    let line = line.trim_start_matches(['#', '>', '-', '*', '`', ' ']);
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let line = match after_number.strip_prefix(['.', ')']) {
        Some(rest) if after_number.len() < line.len() => rest.trim_start(),
        _ => line,
    };
    numbered_scenario(line.trim_end_matches('`').trim_end(), dialect)
}

/// "Scenario 1: Title" is a scenario called Title.
fn numbered_scenario(line: &str, dialect: &Dialect) -> String {
    for word in dialect.scenarios {
        if let Some((number, title)) = line.strip_prefix(word).and_then(|rest| rest.strip_prefix(' ')?.split_once(':'))
            && !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit() || c == '#')
        {
            return format!("{word}:{title}");
        }
    }
    line.to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::set::Set;
    use super::*;

    #[test]
    fn chat_talk_is_taken_off() {
        let raw = "Sure! Here are the criteria:\n\n```gherkin\n**Scenario 1: A card is locked**\n- Given a card\n* When a PIN is wrong\n1. Then it is locked\n```\n\nThen you can test it. I hope this helps!\n";
        let set = Set::read(&repaired(raw, "en"), "x", "en").unwrap();
        assert_eq!(set.scenarios[0].title, "A card is locked");
        assert_eq!(set.scenarios[0].steps.len(), 4, "a line that looks like a step is one");
    }

    #[test]
    fn good_criteria_stay_as_they_are() {
        let good = "@happy-path\nScenario: A card\n  Given \"a\" **b\n  When c\n  Then d\n\n# Question: Why so?\n";
        let set = |text: &str| Set::read(text, "x", "en").unwrap();
        let mut expected = set(good);
        expected.scenarios[0].steps[0].text = "\"a\" b".to_owned();
        expected.scenarios[0].shown = expected.scenarios[0].shown.replace("**", "");
        assert_eq!(set(&repaired(good, "de")), expected);
    }

    #[test]
    fn talk_alone_stays_no_gherkin() {
        assert!(Set::read(&repaired("When I think of it, no.\nGiven the time, yes.\n", "en"), "x", "en").is_err());
    }

    #[test]
    fn other_languages_are_freed_of_markdown_as_well() {
        let raw =
            "Gerne!\n\n### Szenario 1: Karte\n- **Angenommen** eine Karte\n- **Wenn** sie passt\n- **Dann** geht es\n";
        let set = Set::read(&repaired(raw, "de"), "x", "de").unwrap();
        assert_eq!((set.language, set.scenarios[0].title.as_str(), set.scenarios[0].steps.len()), ("de", "Karte", 3));
    }

    #[test]
    fn what_no_parser_reads_still_falls_into_scenarios() {
        // No parser wants a background behind a scenario.
        let raw = "@x\nScenario: A\n  Given a\nBackground:\n  Given b\n**Scenario 2: B**\n- When c\n# Question: d?\n";
        assert!(Set::read(&repaired(raw, "en"), "x", "en").is_err());
        let pieces = pieces(raw, "en");
        assert_eq!(pieces, ["Scenario: A\n  Given a\n  Background:\n  Given b\n", "Scenario: B\n  When c\n"]);
    }
}
