#![allow(clippy::unwrap_used)]

use brine_core::story::Story;

use super::*;

const STORY: &str = "Lock a gift card\nA card is locked for 24 hours after 3 wrong PINs. Support can unlock a card.\n";

fn script(most: usize, questions: usize) -> SetScript {
    let story = Story::from_text(STORY.as_bytes()).unwrap();
    let wanted = Wanted { most, questions, language: Language::En };
    SetScript::new(wanted, Quotes::of(&story), &story.text())
}

/// A scenario in the pieces that the grammars ask for.
fn scenario(tag: &str, title: &str, event: &str, end: &str) -> [String; 4] {
    [
        format!(" Support can unlock a card.\n{tag}\nScenario:"),
        format!(" {title}\n  Given a locked card\n  When"),
        format!(" {event}\n  Then"),
        format!(" the card is open{end}"),
    ]
}

/// Feeds the pieces; gives the grammar that each was asked for with, and the next one.
fn write(script: &mut SetScript, pieces: &[String]) -> Vec<Option<String>> {
    let mut text = String::new();
    let mut grammars = vec![script.next(&text)];
    for piece in pieces {
        text.push_str(piece);
        grammars.push(script.next(&text));
    }
    grammars
}

#[test]
fn a_set_goes_from_quote_to_scenario_to_questions() {
    let mut pieces = vec![RULE.to_owned()];
    pieces.extend(scenario("@happy-path", "Support unlocks", "support unlocks it", "\n\n# Rule:"));
    pieces.extend(scenario("@negative", "Clerk does not", "a clerk tries", "\n\n# Rule:"));
    pieces.extend(scenario("@edge-case", "After 24 hours", "24 hours are over", "\n\n# Question:"));
    pieces.push(" Who is support?\n".to_owned());
    let found = write(&mut script(6, 0), &pieces);
    let grammar = |place: usize| found[place].as_deref().unwrap();
    assert!(grammar(1).contains("\" Support can unlock a card.\"") && grammar(1).contains("@happy-path"));
    assert!(!grammar(1).contains("@negative"), "the first one is the happy path");
    assert!(grammar(6).contains("~/ (Support unlocks)/"), "no title twice: {}", grammar(6));
    assert!(grammar(7).contains("~/ (support unlocks it)/"), "no event twice behind the same Given: {}", grammar(7));
    assert!(grammar(4).contains("(24|3)"), "outcomes hold the story's numbers: {}", grammar(4));
    assert!(!grammar(8).contains("Question"), "an edge case is missing: {}", grammar(8));
    assert!(grammar(12).contains("Question") && grammar(12).contains("| \"\\n\""), "{}", grammar(12));
    assert_eq!(found.last().unwrap(), &None, "the model wrote no further question");
}

#[test]
fn a_sentence_is_offered_twice_while_another_is_open() {
    let mut pieces = vec![RULE.to_owned()];
    pieces.extend(scenario("@happy-path", "One", "one", "\n\n# Rule:"));
    pieces.extend(scenario("@negative", "Two", "two", "\n\n# Rule:"));
    let found = write(&mut script(6, 0), &pieces);
    let last = found.last().unwrap().as_deref().unwrap();
    assert!(!last.contains("Support can unlock") && last.contains("24 hours after 3 wrong PINs."), "{last}");
}

#[test]
fn the_last_places_are_for_the_tags_that_are_missing() {
    let mut pieces = vec![RULE.to_owned()];
    pieces.extend(scenario("@happy-path", "One", "one", "\n\n# Rule:"));
    let found = write(&mut script(3, 0), &pieces);
    let tags = found.last().unwrap().as_deref().unwrap();
    assert!(tags.contains("@negative") && tags.contains("@edge-case") && !tags.contains("@happy-path"), "{tags}");
}

#[test]
fn questions_that_are_wanted_must_come() {
    let mut pieces = vec![RULE.to_owned()];
    pieces.extend(scenario("@happy-path", "One", "one", "\n\n# Rule:"));
    pieces.extend(scenario("@negative", "Two", "two", "\n\n# Rule:"));
    pieces.extend(scenario("@edge-case", "Three", "three", "\n\n# Question:"));
    let found = write(&mut script(3, 2), &pieces);
    let outcome = found[12].as_deref().unwrap();
    assert!(outcome.contains("(\"\\n\\n# Question:\")"), "there is no end without them: {outcome}");
    let question = found.last().unwrap().as_deref().unwrap();
    assert!(question.contains("(\"\\n# Question:\")"), "one more must come: {question}");
}

#[test]
fn an_outline_says_its_columns_and_fills_them() {
    let pieces: Vec<String> = [
        RULE,
        " Support can unlock a card.\n@happy-path\nScenario Outline:",
        " A card is opened\n  Given a locked card\n  When",
        " <who> unlocks it\n  Then",
        " the card is <state>\n\n  Examples:\n    |",
    ]
    .map(str::to_owned)
    .into();
    let found = write(&mut script(6, 0), &pieces);
    let event = found[3].as_deref().unwrap();
    assert!(event.contains("& /[^\\n]*<"), "no placeholder yet, so the event must hold one: {event}");
    let table = found[5].as_deref().unwrap();
    assert!(table.contains("\" who | state |\"") && table.contains("row{2,6}"), "{table}");
}
