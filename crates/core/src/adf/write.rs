//! Criteria as the nodes that Brine writes into Jira.
//!
//! The text comes from a model that has read untrusted words, so it goes into plain text nodes alone: no links, no
//! mentions, no macros. The kinds of nodes used (heading, code block, paragraph, bullet list, rule) are those that every
//! Jira field with formatted text takes. None gets a `localId`: it is optional on them, and Jira's editor adds its own.

use serde_json::Value;

use super::document::{bullet_list, code_block, emphasised_paragraph, heading, paragraph, rule};
use crate::gherkin::{Criteria, Language, Scenario};

/// The words of the heading that opens our section; also how the section is found again.
pub(super) const HEADING: &str = "Acceptance criteria (Brine)";
/// The language of our code block.
pub(super) const LANGUAGE: &str = "gherkin";
/// The words above the questions.
pub(super) const QUESTIONS: &str = "Questions that the story leaves open:";
/// What the attribution line begins with.
pub(super) const ATTRIBUTION: &str = "Drafted by Brine";

/// What wrote the criteria, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Catalogue name of the model.
    pub model: String,
    /// Adapter name, when one was used.
    pub adapter: Option<String>,
    /// Prompt name with its version.
    pub prompt: String,
    /// The day as people read it, for example `2026-11-23`: see [`super::iso_date`].
    pub date: String,
}

/// Our section: heading, scenarios in one code block, questions, the line that says who wrote it, and a closing rule.
pub fn criteria_nodes(criteria: &Criteria, attribution: &Attribution) -> Vec<Value> {
    let mut nodes = vec![heading(2, HEADING)];
    // Jira refuses a text node without text.
    if !criteria.scenarios.is_empty() {
        nodes.push(code_block(LANGUAGE, printable(&criteria.scenarios_text()).trim_end()));
    }
    let questions: Vec<String> =
        criteria.questions.iter().map(|question| one_line(question)).filter(|question| !question.is_empty()).collect();
    if !questions.is_empty() {
        nodes.push(paragraph(QUESTIONS));
        nodes.push(bullet_list(&questions));
    }
    nodes.push(emphasised_paragraph(&attribution_line(attribution)));
    nodes.push(rule());
    nodes
}

/// One scenario: a code block, and the line that says who wrote it.
pub fn scenario_nodes(scenario: &Scenario, language: Language, attribution: &Attribution) -> Vec<Value> {
    let alone = Criteria { language, scenarios: vec![scenario.clone()], ..Criteria::default() };
    let code = code_block(LANGUAGE, printable(&alone.to_text()).trim_end());
    vec![code, emphasised_paragraph(&attribution_line(attribution))]
}

fn attribution_line(attribution: &Attribution) -> String {
    let Attribution { model, adapter, prompt, date } = attribution;
    let model = match adapter {
        Some(adapter) => format!("{model} + {adapter}"),
        None => model.clone(),
    };
    one_line(&format!("{ATTRIBUTION} (model {model}, prompt {prompt}) on {date}. Check before you rely on it."))
}

/// Without the control characters that Jira refuses or hides; line breaks and tabs stay.
fn printable(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}

fn one_line(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{document, samples, to_text};
    use super::*;
    use crate::gherkin::Basis;

    #[test]
    fn a_set_becomes_the_section_that_people_read() {
        let nodes = criteria_nodes(&samples::criteria(), &samples::attribution());
        assert_eq!(
            to_text(&document(nodes)),
            "Acceptance criteria (Brine)\n\
             Code (gherkin):\n  \
             @happy-path\n  \
             Scenario: Right PIN opens the card\n    \
             Given a gift card\n    \
             When the holder enters the right PIN\n    \
             Then the card is open\n  \
             @negative @assumption\n  \
             Scenario: Wrong PIN is refused\n    \
             Given a gift card\n    \
             When the holder enters a wrong PIN\n    \
             Then the card stays shut\n\n\
             Questions that the story leaves open:\n\
             - Who may unlock a card?\n\n\
             Drafted by Brine (model smollm2-135m, prompt set@1) on 2026-11-23. Check before you rely on it."
        );
    }

    #[test]
    fn the_code_block_holds_the_text_that_the_parser_takes_back() {
        let criteria = samples::criteria();
        let nodes = criteria_nodes(&criteria, &samples::attribution());
        let code = nodes[1]["content"][0]["text"].as_str().unwrap_or_default();
        let parsed = crate::gherkin::parse(code).map(|set| set.scenarios);
        assert_eq!(parsed.as_ref().map(Vec::len), Ok(criteria.scenarios.len()));
        assert!(matches!(parsed, Ok(set) if set[1].basis == Basis::Assumption));
    }

    #[test]
    fn code_in_another_language_says_which_so_that_it_can_be_taken_elsewhere() {
        let criteria = Criteria { language: Language::De, ..samples::criteria() };
        let attribution = samples::attribution();
        for nodes in [
            criteria_nodes(&criteria, &attribution)[1..].to_vec(),
            scenario_nodes(&criteria.scenarios[0], criteria.language, &attribution),
        ] {
            let code = nodes[0]["content"][0]["text"].as_str().unwrap_or_default();
            assert!(code.starts_with("# language: de\n\n@happy-path\nSzenario: "), "{code}");
            assert_eq!(crate::gherkin::parse(code).map(|set| set.language), Ok(Language::De));
        }
    }

    #[test]
    fn empty_parts_are_left_out() {
        let kinds = |criteria: &Criteria| {
            let nodes = criteria_nodes(criteria, &samples::attribution());
            nodes.iter().map(|node| node["type"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&Criteria::default()), ["heading", "paragraph", "rule"]);
        let blank = Criteria { questions: vec![" \u{7} \n".into()], ..samples::criteria() };
        assert_eq!(kinds(&blank), ["heading", "codeBlock", "paragraph", "rule"]);
    }

    #[test]
    fn what_looks_like_a_mention_or_link_stays_plain_text() {
        let mut criteria = samples::criteria();
        criteria.questions = vec!["See https://evil.example [~accountid:1] @ann\u{0}\u{1b}?".into()];
        let nodes = criteria_nodes(&criteria, &Attribution { adapter: Some("tuned".into()), ..samples::attribution() });
        let question = &nodes[3]["content"][0]["content"][0]["content"];
        assert_eq!(question, &json!([{"type": "text", "text": "See https://evil.example [~accountid:1] @ann?"}]));
        assert!(nodes[4].to_string().contains("smollm2-135m + tuned"));
    }
}
