#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::*;
use crate::story::{Note, Story};

fn set(text: &str) -> Criteria {
    parse(text).expect("the sample parses")
}

fn story(text: &str) -> Story {
    Story::from_text(text.as_bytes()).expect("the sample is a story")
}

const STORY: &str = "Lock a gift card after wrong PINs\nA card is locked after 3 wrong PINs. The holder gets an e-mail.\n- Support can unlock a card.\n";

const TEXT: &str = r#"@happy-path
Scenario: Right PIN opens the card
  Given a gift card with 2 wrong PINs
  When the holder enters the right PIN
  Then the card is open

@negative @assumption
Scenario Outline: Card is locked after <count> wrong PINs
  Given a gift card with "<count>" wrong PINs
  When the holder enters the wrong PIN
  Then the card is "<state>"

  Examples:
    | count | state     |
    | 2     | locked    |
    | 1     | a \| pipe |

# Question: Who may unlock a card?
"#;

#[test]
fn text_survives_parsing_and_rendering() {
    assert_eq!(set(TEXT).to_text(), TEXT);
}

#[test]
fn a_feature_file_reads_as_the_bare_text_does() {
    let criteria = set(TEXT);
    assert_eq!(set(&criteria.to_feature("Lock a\n gift card", &[])), criteria);
}

#[test]
fn errors_name_the_line_and_the_remedy() {
    let wrong = |text: &str| parse(text).expect_err("is refused");
    assert_eq!(wrong("@happy-path\nScenario: A title\n  Gven a card\n").line, 3);
    assert!(wrong("@smoke\nScenario: A title\n  Given a card\n").message.contains("@smoke"));
    assert!(wrong("Scenario: A title\n  Given a card\n").message.contains("no tag"));
    assert!(wrong("@negative @edge-case\nScenario: A title\n  Given a card\n").message.contains("one tag"));
    assert!(wrong("Background:\n  Given a card\n").message.contains("Background"));
    assert!(wrong("").message.contains("no scenario"));
    assert_eq!(wrong("@negative\nScenario Outline: A <b>\n  Given a <b>\n").line, 2);
}

const GERMAN: &str = r#"# language: de

@happy-path
Szenario: Die richtige PIN öffnet die Karte
  Angenommen eine Karte mit 2 falschen PINs
  Wenn die Kundin die richtige PIN eingibt
  Dann ist die Karte offen

@negative
Szenariogrundriss: Gesperrt nach <anzahl> falschen PINs
  Angenommen eine Karte mit <anzahl> falschen PINs
  Wenn die Kundin eine falsche PIN eingibt
  Dann ist die Karte gesperrt
  Aber sie behält ihr Guthaben

  Beispiele:
    | anzahl |
    | 2      |
    | 3      |

# Question: Wer darf eine Karte entsperren?
"#;

#[test]
fn a_set_keeps_its_language() {
    let german = set(GERMAN);
    assert_eq!((german.language, german.scenarios.len()), (Language::De, 2));
    assert_eq!(german.scenarios[1].steps[3].keyword, Keyword::But);
    assert_eq!(german.to_text(), GERMAN);
    assert!(
        german
            .to_feature("Karte sperren", &[])
            .starts_with("# language: de\nFunktionalität: Karte sperren\n\n  @happy")
    );
    let (_, bare) = GERMAN.split_once('\n').expect("several lines");
    assert_eq!(parse_in(bare, Language::De), Ok(german.clone()), "the caller may know the language");
    assert_eq!(parse_in(TEXT, Language::De).map(|set| set.language).ok(), None, "German text is meant");
    assert_eq!(parse_in(&format!("# language: en\n{TEXT}"), Language::De).map(|set| set.language), Ok(Language::En));
    let stored = serde_json::to_value(&german).expect("is stored");
    assert_eq!(stored["language"], "de");
    assert_eq!(serde_json::from_value::<Criteria>(stored).expect("is read"), german);
}

#[test]
fn drafts_from_before_there_were_languages_are_english() {
    let stored = serde_json::to_value(set(TEXT)).expect("is stored");
    assert_eq!(stored.get("language"), None);
    assert_eq!(serde_json::from_value::<Criteria>(stored).expect("is read"), set(TEXT));
}

#[test]
fn every_variant_of_a_keyword_is_read_and_one_is_written() {
    let steps = |language: Language, given: &str, and: &str, when: &str, then: &str| {
        let word = language.dialect().scenario_word(false);
        let text = format!("# language: {language}\n@negative\n{word}: Uno\n  {given}\n  {and}\n  {when}\n  {then}\n");
        set(&text).scenarios[0].to_text(language).lines().skip(2).map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        steps(Language::Fr, "Etant donnée que la carte est là", "Et qu'elle sert", "Lorsqu'il paie", "Donc tout va"),
        ["Étant donné que la carte est là", "Et qu'elle sert", "Quand il paie", "Alors tout va"],
    );
    assert_eq!(
        steps(Language::Fr, "Étant donné qu'il paie", "Mais que tout va", "Lorsque tout va", "Alors il va"),
        ["Étant donné qu'il paie", "Mais que tout va", "Quand tout va", "Alors il va"],
    );
    assert_eq!(
        steps(Language::It, "Dati due clienti", "Ed un ordine", "Quando paga", "Allora va"),
        ["Dato due clienti", "E un ordine", "Quando paga", "Allora va"],
    );
    assert_eq!(
        steps(Language::Pl, "Zakładając, że karta jest", "Oraz działa", "Gdy płaci", "Wtedy działa"),
        ["Zakładając że karta jest", "I działa", "Jeżeli płaci", "Wtedy działa"],
    );
    assert_eq!(
        steps(Language::De, "Gegeben seien zwei Karten", "Und ein Kunde", "Wenn er zahlt", "Dann gilt es"),
        ["Angenommen zwei Karten", "Und ein Kunde", "Wenn er zahlt", "Dann gilt es"],
    );
}

#[test]
fn errors_speak_of_the_language_of_the_text() {
    let wrong = |text: &str| parse(text).expect_err("is refused");
    let error = wrong("# language: de\n@negative\nSzenario: Eins\n  Given eine Karte\n");
    assert_eq!(error.line, 4);
    assert!(error.message.contains("Angenommen, Wenn, Dann, Und or Aber"), "{error}");
    assert!(error.message.contains("# language: en"), "{error}");
    assert!(wrong("@negative\nSzenario: Eins\n").message.contains("# language: de"));
    assert!(wrong("# language: xx\n@negative\n").message.contains("en, de, fr"));
    assert_eq!(wrong("@negative\nScenario: A\n# language: de\n").line, 3);
    assert!(wrong("# language: de\nRegel: Eins\n").message.contains("a Rule can't be kept"));
}

#[test]
fn numbers_and_quotes_that_the_story_lacks_are_found() {
    let text = "@negative\nScenario: Card is locked at last\n  Given a card with 3 wrong PINs\n  When the holder enters \"0000\" again\n  \
                Then the card stays \"frozen\" for 24 hours\n  And the PIN \"0000\" is refused\n";
    let findings = check(&set(text), &story(STORY));
    let found = |rule: Rule| findings.iter().filter(|finding| finding.rule == rule).map(|f| f.step).collect::<Vec<_>>();
    assert_eq!(found(Rule::UngroundedNumber), [Some(2)], "24, but not the quoted 0000");
    assert_eq!(found(Rule::UngroundedQuote), [Some(2)], "frozen, but not the PIN that When introduced");
}

#[test]
fn an_outcome_that_is_the_event_again_is_found() {
    let text = "@edge-case\nScenario: Locker stays shut\n  Given a locker after 5 wrong codes\n  \
                When the locker stays shut for 15 minutes\n  Then the locker stays shut for 15 minutes\n  And a code opens it\n";
    let findings = check(&set(text), &story("Lockers\nAfter 5 wrong codes the locker stays shut for 15 minutes.\n"));
    let found: Vec<_> = findings.iter().filter(|finding| finding.rule == Rule::OutcomeIsEvent).collect();
    assert_eq!(found.iter().map(|finding| finding.step).collect::<Vec<_>>(), [Some(2)], "{findings:?}");
}

#[test]
fn an_example_may_begin_on_the_other_side_of_a_limit_but_not_promise_it() {
    let text = "@negative\nScenario: Card is locked at last\n  Given a card with 2 wrong PINs of 4 or 5\n  When the holder enters it\n  \
                Then the card is locked after 4 tries\n";
    let findings = check(&set(text), &story("Lock a card\nA card is locked after 3 wrong PINs.\n"));
    let found: Vec<_> = findings.iter().filter(|finding| finding.rule == Rule::UngroundedNumber).collect();
    assert_eq!(
        found.iter().map(|finding| finding.step).collect::<Vec<_>>(),
        [Some(0), Some(2)],
        "5, and the promised 4"
    );
    assert!(found[0].message.contains('5'), "{found:?}");
}

#[test]
fn style_and_form_are_judged() {
    let text = "@negative\nScenario: It should work\n  Given I have a card.\n  When my card is used\n  When it is used again today\n  \
                Then all is well with it\n  And all is well with it\n";
    let rules: Vec<Rule> = check(&set(text), &story(STORY)).into_iter().map(|finding| finding.rule).collect();
    for rule in [
        Rule::Should,
        Rule::FirstPerson,
        Rule::FullStop,
        Rule::OneWhen,
        Rule::DuplicateStep,
        Rule::TitleLength,
        Rule::Size,
        Rule::Coverage,
    ] {
        assert!(rules.contains(&rule), "{rule:?} is missing in {rules:?}");
    }
}

#[test]
fn scenarios_rest_on_the_sentence_with_their_words() {
    let mut criteria = set(
        "@happy-path\nScenario: Support unlocks the card again\n  Given a locked card of a holder\n  When support unlocks the card\n  Then the card is open\n\n\
        @edge-case\nScenario: Rainbow over seven distant mountains\n  Given a rainbow over green hills\n  When seven travellers look up\n  Then they smile at it\n",
    );
    ground(&mut criteria, &story(STORY));
    assert!(matches!(&criteria.scenarios[0].basis, Basis::Sentence { index: 3, text } if text.starts_with("Support")));
    assert_eq!(criteria.scenarios[1].basis, Basis::Assumption);
}

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9äß\"<>|\\\\-]{1,8}"
}

fn line() -> impl Strategy<Value = String> {
    proptest::collection::vec(word(), 1..8).prop_map(|words| words.join(" "))
}

prop_compose! {
    fn any_scenario()(tag in 0usize..6, title in line(), steps in proptest::collection::vec(line(), 3..6), assumed: bool,
        cells in proptest::option::of(proptest::collection::vec(line(), 3))) -> Scenario {
        let keywords = [Keyword::Given, Keyword::When, Keyword::Then, Keyword::And, Keyword::But, Keyword::And];
        let steps = steps.into_iter().zip(keywords).map(|(text, keyword)| Step { keyword, text }).collect();
        let examples = cells.map(|cells| Examples { columns: cells.clone(), rows: vec![cells] });
        let basis = if assumed { Basis::Assumption } else { Basis::Unknown };
        Scenario { tag: Tag::ALL[tag], title, steps, examples, basis }
    }
}

fn language() -> impl Strategy<Value = Language> {
    proptest::sample::select(Language::ALL.to_vec())
}

proptest! {
    #[test]
    fn rendered_criteria_parse_to_themselves_in_every_language(language in language(),
        scenarios in proptest::collection::vec(any_scenario(), 1..5), question in line(), begins in "(que |qu'|, |sei )?") {
        let mut criteria = Criteria { language, scenarios, questions: vec![format!("{question}?")] };
        criteria.scenarios[0].steps[0].text.insert_str(0, &begins);
        prop_assert_eq!(parse(&criteria.to_text()).unwrap(), criteria.clone());
        prop_assert_eq!(parse(&criteria.to_feature("Any story", &[Note::Trimmed { read: 1, of: 2 }])).unwrap(), criteria.clone());
        let bare: String = criteria.to_text().lines().filter(|line| !line.starts_with(LANGUAGE)).map(|line| format!("{line}\n")).collect();
        prop_assert_eq!(parse_in(&bare, language).unwrap(), criteria);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "(@|Scenario:|Scenario Outline:|  Given |  When |  Then |Examples:|\\||#|\"\"\"|\n|[a-zé\u{202e}<>\\\\ ]{0,6}){0,40}") {
        let _ = parse(&text);
    }

    #[test]
    fn the_rules_take_anything_that_parses(scenarios in proptest::collection::vec(any_scenario(), 1..5), text in "\\PC{1,80}") {
        if let Ok(story) = Story::from_text(text.as_bytes()) {
            let mut criteria = Criteria { scenarios, ..Criteria::default() };
            ground(&mut criteria, &story);
            check(&criteria, &story);
        }
    }
}
