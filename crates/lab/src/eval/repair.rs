//! What a kind reader makes of raw output: chat talk, code fences and Markdown are taken off, the Gherkin in it is kept.
//! The measures of content look at this; the gates look at the answer as it is.

use brine_core::gherkin::{Dialect, LANGUAGE, Language};

const QUESTION: &str = "# Question:";

/// The lines of a text that are Gherkin in this language (or in English, when there is no scenario in it), without
/// decoration. Text that is Gherkin already keeps all that matters.
pub(crate) fn repaired(raw: &str, language: Language) -> String {
    let of = |line: &str| Language::from_code(line.trim().strip_prefix(LANGUAGE.trim_end())?.trim());
    let languages = [raw.lines().find_map(of).unwrap_or(language), Language::En];
    let has_scenario = |text: &str, language: Language| text.lines().any(|line| language.dialect().is_scenario(line));
    let found = languages.into_iter().map(|language| (kept(raw, language), language));
    found.into_iter().find(|(text, language)| has_scenario(text, *language)).map(|(text, _)| text).unwrap_or_default()
}

fn kept(raw: &str, language: Language) -> String {
    let dialect = language.dialect();
    let mut lines: Vec<String> = Vec::new();
    let mut begun = false;
    for line in raw.lines() {
        let bare = undecorated(line, dialect);
        if bare.starts_with(QUESTION) {
            lines.push(bare);
            continue;
        }
        let feature = dialect.is_feature(&bare);
        // Only a scenario or what leads to it can come first; a second feature would end the file.
        let leads = bare.starts_with('@') || feature || dialect.is_background(&bare) || dialect.is_scenario(&bare);
        let step = || dialect.split_step(&bare).is_some_and(|(_, text)| !text.is_empty());
        let follows = || bare.starts_with('|') || dialect.is_examples(&bare) || step();
        if !(leads || begun && follows()) || begun && feature {
            continue;
        }
        begun = true;
        lines.push(bare);
    }
    if !language.is_default() {
        lines.insert(0, format!("{LANGUAGE}{language}"));
    }
    lines.push(String::new());
    lines.join("\n")
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
    let word = dialect.scenario_word(false);
    if let Some((number, title)) = line.strip_prefix(word).and_then(|rest| rest.strip_prefix(' ')?.split_once(':'))
        && !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit() || c == '#')
    {
        return format!("{word}:{title}");
    }
    line.to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::set::Set;
    use super::*;

    fn read(raw: &str) -> Result<Set, String> {
        Set::read(&repaired(raw, Language::En), "x", Language::En)
    }

    #[test]
    fn talk_in_another_language_is_taken_off_and_an_english_answer_to_it_is_read() {
        let raw = "Gerne!\n```gherkin\n**Szenario 1: Eine Karte**\n- Angenommen eine Karte\n- Wenn sie gilt\n- Dann geht es\n```\nDann bis bald!";
        let set = |raw: &str| Set::read(&repaired(raw, Language::De), "x", Language::De).unwrap();
        assert_eq!((set(raw).scenarios[0].title.as_str(), set(raw).scenarios[0].steps.len()), ("Eine Karte", 4));
        assert_eq!(set("Sure!\nScenario: A card\n  Given a card\n  Then it works\n").scenarios[0].steps.len(), 2);
    }

    #[test]
    fn chat_talk_is_taken_off() {
        let raw = "Sure! Here are the criteria:\n\n```gherkin\n**Scenario 1: A card is locked**\n- Given a card\n* When a PIN is wrong\n1. Then it is locked\n```\n\nThen you can test it. I hope this helps!\n";
        let set = read(raw).unwrap();
        assert_eq!(set.scenarios[0].title, "A card is locked");
        assert_eq!(set.scenarios[0].steps.len(), 4, "a line that looks like a step is one");
    }

    #[test]
    fn good_criteria_stay_as_they_are() {
        let good = "@happy-path\nScenario: A card\n  Given \"a\" **b\n  When c\n  Then d\n\n# Question: Why so?\n";
        let set = |text: &str| Set::read(text, "x", Language::En).unwrap();
        let mut expected = set(good);
        expected.scenarios[0].steps[0].text = "\"a\" b".to_owned();
        assert_eq!(read(good).unwrap(), expected);
    }

    #[test]
    fn talk_alone_stays_no_gherkin() {
        assert!(read("When I think of it, no.\nGiven the time, yes.\n").is_err());
    }
}
