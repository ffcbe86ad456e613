//! One story with good criteria for the tests of this module, and tests of whole runs.
#![allow(clippy::unwrap_used)]

mod runs;

use super::teacher::Written;
use super::{Filters, judge};
use crate::data::Pair;
use crate::eval::Case;

/// Passes every filter.
pub(crate) const GOOD: &str = "@happy-path
Scenario: Support unlocks a locked gift card
  Given a locked gift card
  When support unlocks it for the holder
  Then the locked gift card works again

@negative
Scenario: Third wrong PIN locks the gift card
  Given a gift card with wrong PINs
  When the PIN is wrong for the 3rd time
  Then the gift card is locked

@edge-case
Scenario: Two wrong PINs leave the gift card open
  Given a gift card without wrong PINs
  When a second wrong PIN is entered
  Then the gift card stays open

# Question: Who is told?
";

/// The story of [`GOOD`], with more sentences behind it.
pub(crate) fn case(more: &str) -> Case {
    Case::new(Pair {
        id: "card".to_owned(),
        summary: "Lock a gift card".to_owned(),
        description: format!("A gift card is locked after 3 wrong PINs. Support can unlock a locked gift card.{more}"),
        ..Pair::default()
    })
    .unwrap()
}

/// A whole answer.
pub(crate) fn written(text: &str) -> Written {
    Written { text: text.to_owned(), cut_off: false }
}

#[test]
fn the_example_in_the_teachers_prompt_keeps_what_is_asked() {
    let turns = brine_core::prompt::teacher().render("x", "y");
    let (summary, description) = turns[1].content.strip_prefix("Story: ").unwrap().split_once('\n').unwrap();
    let pair = Pair { summary: summary.to_owned(), description: description.to_owned(), ..Pair::default() };
    let filters = Filters { cover: 1.0, facts: None };
    let passed = judge(&Case::new(pair).unwrap(), &written(&turns[2].content), &filters).unwrap();
    assert_eq!(passed.findings, 0);
    assert_eq!(passed.criteria, turns[2].content);
}

#[test]
fn what_people_wrote_passes() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/dev.jsonl");
    let cases = crate::eval::stories(&path, None).unwrap();
    let filters = Filters { cover: 0.5, facts: Some(0.5) };
    let refused: Vec<String> = cases
        .iter()
        .filter_map(|case| Some((case, judge(case, &written(&case.pair.criteria), &filters).err()?)))
        .map(|(case, why)| format!("{}: {} ({})", case.pair.id, why.reason.name(), why.detail))
        .collect();
    // Outcomes that were worked out from the story, as "36" months for 3 years, are beyond the small model.
    assert!(refused.len() * 4 <= cases.len(), "{refused:#?}");
}
