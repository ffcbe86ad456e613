//! The rules of good criteria, applied to a set as it stands. Findings are advice: nothing is refused or changed here.

use std::collections::HashSet;

use super::coverage::not_covered;
use super::form::{SCENARIOS, STEP_WORDS_READ_BEST, TITLE_WORDS_READ_BEST, is_a_set, said};
use super::words::{neighbours, numbers, quotes, similarity};
use super::{Basis, Criteria, Finding, Keyword, Language, Rule, Scenario, Tag};
use crate::story::Story;

/// Two scenarios that share more of their words than this say the same.
const SAME: f64 = 0.8;

/// All findings, in the order of the text; those on the whole set come last.
pub fn check(criteria: &Criteria, story: &Story) -> Vec<Finding> {
    let source = Source::new(story);
    let mut findings = Vec::new();
    for (place, scenario) in criteria.scenarios.iter().enumerate() {
        let mut report = Report { findings: &mut findings, scenario: place, language: criteria.language };
        title(&mut report, scenario);
        order(&mut report, scenario);
        steps(&mut report, scenario);
        outcome(&mut report, scenario);
        outline(&mut report, scenario);
        grounded(&mut report, scenario, &source);
        repeated(&mut report, scenario, &criteria.scenarios[..place]);
    }
    whole(&mut findings, criteria);
    for sentence in not_covered(criteria, story) {
        let message = format!("Not covered: {}", sentence.text);
        let (rule, sentence) = (Rule::NotCovered, Some(sentence.index));
        findings.push(Finding { rule, scenario: None, step: None, sentence, message });
    }
    findings
}

/// What the story holds, lower case.
struct Source {
    text: String,
    numbers: HashSet<String>,
    /// Numbers next to these: the other sides of limits, which an example may begin with.
    neighbours: HashSet<String>,
}

impl Source {
    fn new(story: &Story) -> Self {
        let text = story.text().to_lowercase();
        let numbers = numbers(&text).into_iter().collect();
        let neighbours = neighbours(&text).into_iter().collect();
        Self { text, numbers, neighbours }
    }
}

struct Report<'a> {
    findings: &'a mut Vec<Finding>,
    scenario: usize,
    language: Language,
}

impl Report<'_> {
    fn word(&self, keyword: Keyword) -> &'static str {
        self.language.dialect().step(keyword)
    }

    fn scenario(&mut self, rule: Rule, message: impl Into<String>) {
        self.findings.push(Finding {
            rule,
            scenario: Some(self.scenario),
            step: None,
            sentence: None,
            message: message.into(),
        });
    }

    fn step(&mut self, rule: Rule, step: usize, message: impl Into<String>) {
        self.findings.push(Finding {
            rule,
            scenario: Some(self.scenario),
            step: Some(step),
            sentence: None,
            message: message.into(),
        });
    }
}

fn title(report: &mut Report, scenario: &Scenario) {
    let words = scenario.title.split_whitespace().count();
    if !TITLE_WORDS_READ_BEST.contains(&words) {
        let best = said(&TITLE_WORDS_READ_BEST);
        report.scenario(Rule::TitleLength, format!("The title has {words} words; {best} read best."));
    }
    if report.language == Language::En && has_word(&scenario.title, &["should"]) {
        report.scenario(Rule::Should, "The title says \"should\"; say what holds instead.");
    }
}

fn order(report: &mut Report, scenario: &Scenario) {
    let mut last = Keyword::Given;
    let mut kinds = Vec::new();
    for step in &scenario.steps {
        if !matches!(step.keyword, Keyword::And | Keyword::But) {
            last = step.keyword;
        }
        kinds.push(last);
    }
    let whens = kinds.iter().filter(|kind| **kind == Keyword::When).count();
    if whens != 1 {
        let when = report.word(Keyword::When);
        report.scenario(Rule::OneWhen, format!("There are {whens} {when} steps; a scenario has one event."));
    }
    let rank = |kind: &Keyword| match kind {
        Keyword::Given => 0,
        Keyword::When => 1,
        _ => 2,
    };
    let starts = scenario.steps.first().is_some_and(|step| step.keyword == Keyword::Given);
    if !starts || !kinds.is_sorted_by_key(rank) || !kinds.contains(&Keyword::Then) {
        let [given, when, then] = [Keyword::Given, Keyword::When, Keyword::Then].map(|keyword| report.word(keyword));
        report.scenario(Rule::StepOrder, format!("Steps go {given}, {when}, {then}."));
    }
}

fn steps(report: &mut Report, scenario: &Scenario) {
    let mut seen = HashSet::new();
    for (place, step) in scenario.steps.iter().enumerate() {
        let words = step.text.split_whitespace().count();
        if !STEP_WORDS_READ_BEST.contains(&words) {
            let best = said(&STEP_WORDS_READ_BEST);
            report.step(Rule::StepLength, place, format!("The step has {words} words; {best} read best."));
        }
        if step.text.ends_with('.') {
            report.step(Rule::FullStop, place, "A step ends without a full stop.");
        }
        let english = report.language == Language::En;
        if english && has_word(&unquoted(&step.text), &["i", "i'm", "my", "me", "we", "our"]) {
            report.step(Rule::FirstPerson, place, "Name the role instead of \"I\" or \"we\".");
        }
        if !seen.insert(step.text.to_lowercase()) {
            report.step(Rule::DuplicateStep, place, "This step stands twice in the scenario.");
        }
    }
}

/// An outcome in the event's words promises nothing that a tester could look for.
fn outcome(report: &mut Report, scenario: &Scenario) {
    let Some(event) = scenario.steps.iter().find(|step| step.keyword == Keyword::When) else { return };
    for (place, step) in scenario.steps.iter().enumerate().filter(|(place, _)| is_outcome(scenario, *place)) {
        if similarity(&event.text, &step.text) > SAME {
            let when = report.word(Keyword::When);
            report.step(
                Rule::OutcomeIsEvent,
                place,
                format!("Only says again what {when} says: what can be seen then?"),
            );
        }
    }
}

fn outline(report: &mut Report, scenario: &Scenario) {
    let Some(examples) = &scenario.examples else { return };
    let mut used = placeholders(&scenario.title);
    used.extend(scenario.steps.iter().flat_map(|step| placeholders(&step.text)));
    for column in examples.columns.iter().filter(|column| !used.contains(*column)) {
        report.scenario(Rule::OutlineVariable, format!("No step uses the column <{column}>."));
    }
    for name in used.iter().filter(|name| !examples.columns.contains(*name)) {
        report.scenario(Rule::OutlineVariable, format!("There is no column for <{name}>."));
    }
}

fn grounded(report: &mut Report, scenario: &Scenario, source: &Source) {
    if scenario.basis == Basis::Assumption {
        report.scenario(Rule::Assumption, "Rests on no sentence of the story: an assumption to confirm or delete.");
    }
    let mut introduced = String::new();
    for (place, step) in scenario.steps.iter().enumerate() {
        let text = step.text.to_lowercase();
        for number in numbers(&unquoted(&text)) {
            let beside_a_limit = source.neighbours.contains(&number) && !is_outcome(scenario, place);
            if !source.numbers.contains(&number) && !beside_a_limit {
                report.step(Rule::UngroundedNumber, place, format!("The story does not say {number}."));
            }
        }
        for quote in quotes(&text).iter().filter(|quote| !quote.contains('<')) {
            let outcome = is_outcome(scenario, place);
            if outcome && !source.text.contains(quote.as_str()) && !introduced.contains(quote.as_str()) {
                report.step(Rule::UngroundedQuote, place, format!("The story does not say \"{quote}\"."));
            }
        }
        introduced.push_str(&text);
        introduced.push('\n');
    }
}

fn is_outcome(scenario: &Scenario, place: usize) -> bool {
    scenario.steps[..=place].iter().any(|step| step.keyword == Keyword::Then)
}

fn repeated(report: &mut Report, scenario: &Scenario, earlier: &[Scenario]) {
    let steps =
        |scenario: &Scenario| scenario.steps.iter().map(|step| step.text.as_str()).collect::<Vec<_>>().join("\n");
    let (title, text) = (scenario.title.to_lowercase(), steps(scenario));
    if let Some(twin) = earlier.iter().position(|other| similarity(&steps(other), &text) > SAME) {
        report.scenario(Rule::DuplicateScenario, format!("Says nearly the same as scenario {}.", twin + 1));
    }
    if let Some(twin) = earlier.iter().position(|other| other.title.to_lowercase() == title) {
        report.scenario(Rule::DuplicateTitle, format!("Has the same title as scenario {}.", twin + 1));
    }
}

fn whole(findings: &mut Vec<Finding>, criteria: &Criteria) {
    let mut add = |rule, message: String| {
        findings.push(Finding { rule, scenario: None, step: None, sentence: None, message });
    };
    let count = criteria.scenarios.len();
    if !is_a_set(count) {
        add(Rule::Size, format!("There are {count} scenarios; {} make a set.", said(&SCENARIOS)));
    }
    let has = |tag| criteria.scenarios.iter().any(|scenario| scenario.tag == tag);
    if criteria.scenarios.first().is_some_and(|scenario| scenario.tag != Tag::HappyPath) {
        add(Rule::Coverage, "The first scenario is not the happy path.".to_owned());
    }
    for (tag, what) in [(Tag::Negative, "negative case"), (Tag::EdgeCase, "edge case")] {
        if !has(tag) {
            add(Rule::Coverage, format!("There is no {what} ({tag})."));
        }
    }
}

fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'')).any(|word| words.contains(&word.to_lowercase().as_str()))
}

/// The text without its quoted parts.
fn unquoted(text: &str) -> String {
    quotes(text).iter().filter(|quote| !quote.is_empty()).fold(text.to_owned(), |text, quote| text.replace(quote, ""))
}

/// The names in `<…>`, each once.
fn placeholders(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, tail)) = rest.split_once('<') {
        let Some((name, after)) = tail.split_once('>') else { break };
        if !name.is_empty() && !name.contains('<') && !found.contains(&name.to_owned()) {
            found.push(name.to_owned());
        }
        rest = after;
    }
    found
}
