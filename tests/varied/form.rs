//! The form of criteria, checked on what the official parser found: none of our own parsing is trusted here.

use anyhow::{Context, Result, ensure};
use brine_core::gherkin::{Dialect, Keyword, Language, form};
use serde_json::Value;

const TAGS: [&str; 6] = ["@happy-path", "@negative", "@edge-case", "@security", "@performance", "@accessibility"];

/// As many scenarios as the form has, the first a happy path, a negative and an edge case among them; each with one tag (and perhaps
/// `@assumption`), and Given, one When, Then in this order.
pub(crate) fn check(verdict: &Value) -> Result<()> {
    let scenarios = verdict.get("details").and_then(Value::as_array).context("no scenarios")?;
    ensure!(form::is_a_set(scenarios.len()), "{} scenarios", scenarios.len());
    let language = verdict.get("language").and_then(Value::as_str).and_then(Language::from_code);
    let dialect = language.context("no language that we know")?.dialect();
    let mut kinds = Vec::new();
    for scenario in scenarios {
        let tags = texts(scenario, "tags");
        let own: Vec<&&str> = tags.iter().filter(|tag| **tag != "@assumption").collect();
        ensure!(own.len() == 1 && TAGS.contains(own[0]), "tags {tags:?}");
        kinds.push(*own[0]);
        steps(scenario, dialect)?;
    }
    ensure!(kinds[0] == "@happy-path", "the first is {}", kinds[0]);
    for kind in ["@negative", "@edge-case"] {
        ensure!(kinds.contains(&kind), "no {kind}");
    }
    Ok(())
}

fn steps(scenario: &Value, dialect: &Dialect) -> Result<()> {
    let name = scenario.get("name").and_then(Value::as_str).unwrap_or_default();
    let words = name.split_whitespace().count();
    ensure!(form::TITLE_WORDS.contains(&words), "a title of {words} words: {name}");
    let steps = scenario.get("steps").and_then(Value::as_array).context("no steps")?;
    let mut parts = Vec::new();
    for step in steps {
        let keyword = step.get("keyword").and_then(Value::as_str).unwrap_or_default();
        let text = step.get("text").and_then(Value::as_str).unwrap_or_default();
        let words = text.split_whitespace().count();
        ensure!(form::STEP_WORDS.contains(&words), "a step of {words} words: {text}");
        ensure!(!text.ends_with('.'), "a step ends with a full stop: {text}");
        let (kind, _) = dialect.split_step(keyword).with_context(|| format!("keyword {keyword}"))?;
        let part = match kind {
            Keyword::Given | Keyword::When | Keyword::Then => kind,
            Keyword::And | Keyword::But => parts.last().copied().context("a step continues nothing")?,
        };
        parts.push(part);
    }
    let count = |part: Keyword| parts.iter().filter(|found| **found == part).count();
    let (given, when, then) = (count(Keyword::Given), count(Keyword::When), count(Keyword::Then));
    ensure!(form::GIVEN_LINES.contains(&given), "{given} Given in {name}");
    ensure!(when == 1, "{when} When in {name}");
    ensure!(form::THEN_LINES.contains(&then), "{then} Then in {name}");
    let order = |part: &Keyword| Keyword::ALL.iter().position(|known| known == part);
    ensure!(parts.is_sorted_by_key(order), "the order of {name}");
    Ok(())
}

fn texts<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    let list = value.get(field).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}
