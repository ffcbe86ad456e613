//! The rubric: one text for people and programs alike, and what each kind of task is asked with.

use serde_json::{Value, json};

use super::key::Task;

/// The whole text.
const RUBRIC: &str = include_str!("../../../../../docs/READING.md");

/// The levels of points; there is nothing between them.
pub(super) const LEVELS: [u8; 5] = [0, 3, 5, 7, 10];

/// One kind of task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Points for a scenario.
    Scenarios,
    /// A set against the rules of the story.
    Rules,
    /// One of two sets.
    Choice,
}

impl Kind {
    /// None for what nobody reads.
    pub(super) fn of(task: &Task) -> Option<Self> {
        match task {
            Task::Scenario { .. } | Task::Check { .. } => Some(Self::Scenarios),
            Task::Rules { .. } => Some(Self::Rules),
            Task::Choice { .. } => Some(Self::Choice),
            Task::Nothing { .. } => None,
        }
    }

    /// The part of the rubric that is about this kind; the levels of points say nothing to one who chooses freely.
    pub(super) fn rubric(self) -> &'static str {
        let heading = match self {
            Self::Scenarios => "## Scenarios\n",
            Self::Rules => "## Rules\n",
            Self::Choice => "## Choice\n",
        };
        let part = RUBRIC.split_once(heading).map_or("", |(_, rest)| rest);
        part.split("\n## ").next().unwrap_or_default().trim()
    }

    /// How an answer is to look, as one line of JSON.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Scenarios => r#"{"number": 12, "points": 7, "turned": false, "no_rule": false, "empty": false}"#,
            Self::Rules => r#"{"number": 12, "rules": ["right", "missing", "wrong"]}"#,
            Self::Choice => r#"{"number": 12, "choice": "A"}"#,
        }
    }

    /// The schema of an answer to a task with so many rules.
    pub(super) fn schema(self, rules: usize) -> Value {
        let yes_no = json!({ "type": "boolean" });
        let properties = match self {
            Self::Scenarios => json!({
                "points": { "type": "integer", "enum": LEVELS },
                "turned": yes_no, "no_rule": yes_no, "empty": yes_no,
            }),
            Self::Rules => json!({ "rules": {
                "type": "array", "minItems": rules, "maxItems": rules,
                "items": { "type": "string", "enum": ["right", "wrong", "missing"] },
            } }),
            Self::Choice => json!({ "choice": { "type": "string", "enum": ["A", "B", "tie"] } }),
        };
        let required: Vec<&String> = properties.as_object().into_iter().flat_map(|map| map.keys()).collect();
        json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rubric_has_a_part_for_each_kind_and_every_level() {
        for kind in [Kind::Scenarios, Kind::Rules, Kind::Choice] {
            assert!(kind.rubric().starts_with("You see a user story"), "{kind:?}");
            assert!(!kind.rubric().contains("\n#"), "{kind:?}");
        }
        for level in LEVELS {
            assert!(Kind::Scenarios.rubric().contains(&format!("- {level}: ")), "{level}");
        }
        assert!(!Kind::Choice.rubric().contains("points"));
        assert_eq!(Kind::Rules.schema(3)["required"], json!(["rules"]));
    }
}
