//! The form of criteria that do parse: which kinds of cases, how many scenarios and steps, in which order.

use brine_core::gherkin::form::{EXAMPLE_ROWS, GIVEN_LINES, MOST_QUESTIONS, THEN_LINES, is_a_set};
use brine_core::gherkin::{Criteria, Keyword, Scenario, Tag};

use super::reason::{Reason, Rejection};

/// Whether criteria keep the form that a model is taught.
///
/// # Errors
/// The first part of the form that they do not keep.
pub(crate) fn check(criteria: &Criteria) -> Result<(), Rejection> {
    let count = criteria.scenarios.len();
    if !is_a_set(count) {
        return Err(Rejection::new(Reason::Size, format!("there are {count} scenarios")));
    }
    tags(&criteria.scenarios)?;
    let within = |place: usize| move |what: String| format!("scenario {}: {what}", place + 1);
    for (place, scenario) in criteria.scenarios.iter().enumerate() {
        let place = within(place);
        steps(scenario).map_err(|what| Rejection::new(Reason::Steps, place(what)))?;
        table(scenario).map_err(|what| Rejection::new(Reason::Outline, place(what)))?;
    }
    questions(&criteria.questions)
}

fn tags(scenarios: &[Scenario]) -> Result<(), Rejection> {
    let wrong = |what: &str| Err(Rejection::new(Reason::Tags, what));
    if scenarios.first().is_some_and(|scenario| scenario.tag != Tag::HappyPath) {
        return wrong("the first scenario is not the happy path");
    }
    let has = |tag| scenarios.iter().any(|scenario| scenario.tag == tag);
    match (has(Tag::Negative), has(Tag::EdgeCase)) {
        (true, true) => Ok(()),
        (false, _) => wrong("there is no negative case"),
        (true, false) => wrong("there is no edge case"),
    }
}

fn steps(scenario: &Scenario) -> Result<(), String> {
    if scenario.steps.first().is_none_or(|step| step.keyword != Keyword::Given) {
        return Err("it does not begin with Given".to_owned());
    }
    let (mut given, mut when, mut then) = (0, 0, 0);
    let mut last = Keyword::Given;
    for step in &scenario.steps {
        if !matches!(step.keyword, Keyword::And | Keyword::But) {
            last = step.keyword;
        }
        let late = match last {
            Keyword::Given => when + then,
            Keyword::When => then,
            _ => 0,
        };
        if late > 0 {
            return Err("its steps do not go Given, When, Then".to_owned());
        }
        match last {
            Keyword::Given => given += 1,
            Keyword::When => when += 1,
            _ => then += 1,
        }
    }
    if !GIVEN_LINES.contains(&given) || when != 1 || !THEN_LINES.contains(&then) {
        return Err(format!("it has {given} Given, {when} When and {then} Then"));
    }
    Ok(())
}

/// Placeholders without a table make no outline, and rows are few, so that a model can learn to write them.
fn table(scenario: &Scenario) -> Result<(), String> {
    let texts = scenario.steps.iter().map(|step| step.text.as_str());
    let used: Vec<&str> = std::iter::once(scenario.title.as_str()).chain(texts).flat_map(placeholders).collect();
    let Some(examples) = &scenario.examples else {
        return if used.is_empty() { Ok(()) } else { Err("it has placeholders and no table".to_owned()) };
    };
    let rows = examples.rows.len();
    if !EXAMPLE_ROWS.contains(&rows) {
        return Err(format!("its table has {rows} rows"));
    }
    if used.iter().any(|name| !examples.columns.iter().any(|column| column == name)) {
        return Err("a placeholder has no column".to_owned());
    }
    if examples.columns.iter().any(|column| !used.contains(&column.as_str())) {
        return Err("a column is not used".to_owned());
    }
    Ok(())
}

/// The names in `<…>`; "a < b" is none.
fn placeholders(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, tail)) = rest.split_once('<') {
        let Some((name, after)) = tail.split_once('>') else { break };
        if !name.is_empty() && !name.starts_with(' ') {
            found.push(name);
        }
        rest = after;
    }
    found
}

fn questions(questions: &[String]) -> Result<(), Rejection> {
    let wrong = |what: String| Err(Rejection::new(Reason::Questions, what));
    if questions.len() > MOST_QUESTIONS {
        return wrong(format!("there are {} questions", questions.len()));
    }
    match questions.iter().position(|question| question.len() < 2 || !question.ends_with('?')) {
        Some(place) => wrong(format!("question {} asks nothing", place + 1)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use brine_core::gherkin::parse;

    use super::super::tests::GOOD;
    use super::*;

    /// What is said of the good set after its first `from` became `to`.
    fn but(from: &str, to: &str) -> Option<Reason> {
        assert!(GOOD.contains(from), "{from}");
        check(&parse(&GOOD.replacen(from, to, 1)).unwrap()).err().map(|rejection| rejection.reason)
    }

    #[test]
    fn good_criteria_keep_it() {
        assert_eq!(check(&parse(GOOD).unwrap()), Ok(()));
    }

    #[test]
    fn each_part_of_the_form_has_its_reason() {
        assert_eq!(but("@happy-path", "@negative"), Some(Reason::Tags));
        assert_eq!(but("@negative", "@edge-case"), Some(Reason::Tags));
        assert_eq!(but("@edge-case", "@negative"), Some(Reason::Tags));
        assert_eq!(but("  When support", "  When one\n  And support"), Some(Reason::Steps));
        assert_eq!(but("  When support", "  When one\n  When support"), Some(Reason::Steps));
        assert_eq!(but("  When support", "  Given support"), Some(Reason::Steps));
        assert_eq!(but("  Given a locked", "  When one\n  Given a locked"), Some(Reason::Steps));
        assert_eq!(but("  Then the gift", "  And x\n  Then the gift"), Some(Reason::Steps));
        assert_eq!(but("  Given a locked", "  Given 1\n  And 2\n  And 3\n  And a locked"), Some(Reason::Steps));
        assert_eq!(but("  Then the gift", "  Then 1\n  And 2\n  But 3\n  And 4\n  And the gift"), Some(Reason::Steps));
        assert_eq!(but("support unlocks", "<who> unlocks"), Some(Reason::Outline));
        assert_eq!(
            but("# Question: ", "# Question: a?\n# Question: b?\n# Question: c?\n# Question: "),
            Some(Reason::Questions)
        );
        assert_eq!(but("Who is told?", "I wonder who."), Some(Reason::Questions));
        assert_eq!(but("Who is told?", ""), Some(Reason::Questions));
        let one = GOOD.split("\n\n").next().unwrap();
        assert_eq!(check(&parse(one).unwrap()).unwrap_err().reason, Reason::Size);
    }

    #[test]
    fn tables_hold_what_the_steps_use() {
        let table = |used: &str, rows: &str| {
            let text = format!(
                "@edge-case\nScenario Outline: Limit of a plan\n  Given a plan \"<plan>\"\n  When it ends\n  \
                 Then <{used}> are left\n\n  Examples:\n    | plan | limit |\n{rows}"
            );
            super::table(&parse(&text).unwrap().scenarios[0])
        };
        let rows = "    | Free | 3 |\n    | Paid | 9 |\n";
        assert_eq!(table("limit", rows), Ok(()));
        assert!(table("number", rows).is_err());
        assert!(table("plan", rows).is_err());
        assert!(table("limit", "    | Free | 3 |\n").is_err());
    }
}
