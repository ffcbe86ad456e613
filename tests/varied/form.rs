//! The form of criteria, checked on what the official parser found: none of our own parsing is trusted here.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

const TAGS: [&str; 6] = ["@happy-path", "@negative", "@edge-case", "@security", "@performance", "@accessibility"];

/// 3 to 6 scenarios, the first a happy path, a negative and an edge case among them; each with one tag (and perhaps
/// `@assumption`), and Given, one When, Then in this order.
pub(crate) fn check(verdict: &Value) -> Result<()> {
    let scenarios = verdict.get("details").and_then(Value::as_array).context("no scenarios")?;
    ensure!((3..=6).contains(&scenarios.len()), "{} scenarios", scenarios.len());
    let mut kinds = Vec::new();
    for scenario in scenarios {
        let tags = texts(scenario, "tags");
        let own: Vec<&&str> = tags.iter().filter(|tag| **tag != "@assumption").collect();
        ensure!(own.len() == 1 && TAGS.contains(own[0]), "tags {tags:?}");
        kinds.push(*own[0]);
        steps(scenario)?;
    }
    ensure!(kinds[0] == "@happy-path", "the first is {}", kinds[0]);
    for kind in ["@negative", "@edge-case"] {
        ensure!(kinds.contains(&kind), "no {kind}");
    }
    Ok(())
}

fn steps(scenario: &Value) -> Result<()> {
    let name = scenario.get("name").and_then(Value::as_str).unwrap_or_default();
    let words = name.split_whitespace().count();
    ensure!((4..=12).contains(&words), "a title of {words} words: {name}");
    let steps = scenario.get("steps").and_then(Value::as_array).context("no steps")?;
    let mut parts = Vec::new();
    for step in steps {
        let keyword = step.get("keyword").and_then(Value::as_str).unwrap_or_default();
        let text = step.get("text").and_then(Value::as_str).unwrap_or_default();
        let words = text.split_whitespace().count();
        ensure!((4..=22).contains(&words), "a step of {words} words: {text}");
        ensure!(!text.ends_with('.'), "a step ends with a full stop: {text}");
        let part = match keyword {
            "Given" | "When" | "Then" => keyword,
            "And" | "But" => parts.last().copied().context("a step continues nothing")?,
            other => anyhow::bail!("keyword {other}"),
        };
        parts.push(part);
    }
    let count = |part: &str| parts.iter().filter(|found| **found == part).count();
    ensure!((1..=3).contains(&count("Given")), "{} Given in {name}", count("Given"));
    ensure!(count("When") == 1, "{} When in {name}", count("When"));
    ensure!((1..=4).contains(&count("Then")), "{} Then in {name}", count("Then"));
    let order = |part: &&str| ["Given", "When", "Then"].iter().position(|known| known == part);
    ensure!(parts.is_sorted_by_key(|part| order(part)), "the order of {name}");
    Ok(())
}

fn texts<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    let list = value.get(field).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}
