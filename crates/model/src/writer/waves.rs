//! Which scenarios of a plan are written side by side.

use brine_core::prompt::Focus;

/// The places of `plan` that come next, given which are written: the first alone, so that it can be shown soon; then all
/// whose earlier companions on the same sentences are written, because a prompt names these. With `waits` false a prompt
/// names none. Empty when all are written.
pub(super) fn next(plan: &[Focus], written: &[bool], waits: bool) -> Vec<usize> {
    if written.first() == Some(&false) {
        return vec![0];
    }
    let open = |place: &usize| written.get(*place) == Some(&false);
    let ready = |place: &usize| {
        let Some(focus) = plan.get(*place) else { return false };
        !waits
            || !(0..*place).any(|earlier| open(&earlier) && plan.get(earlier).is_some_and(|one| one.shares_rule(focus)))
    };
    (0..plan.len()).filter(|place| open(place) && ready(place)).collect()
}

#[cfg(test)]
mod tests {
    use brine_core::gherkin::Tag;
    use brine_core::story::{LineKind, Sentence};

    use super::*;

    fn plan(rules: &[usize]) -> Vec<Focus> {
        let sentence =
            |index: &usize| Sentence { index: *index, text: format!("Rule {index}."), kind: LineKind::Prose };
        rules
            .iter()
            .map(|rule| Focus { rules: vec![sentence(rule)], tag: Tag::EdgeCase, beside: Vec::new(), side: None })
            .collect()
    }

    #[test]
    fn the_first_comes_alone_and_companions_one_after_the_other() {
        let plan = plan(&[1, 2, 2, 2, 3]);
        let mut written = [false; 5];
        let mut waves = Vec::new();
        loop {
            let wave = next(&plan, &written, true);
            if wave.is_empty() {
                break;
            }
            wave.iter().for_each(|place| written[*place] = true);
            waves.push(wave);
        }
        assert_eq!(waves, [vec![0], vec![1, 4], vec![2], vec![3]]);
    }

    #[test]
    fn where_no_prompt_names_another_scenario_none_waits() {
        assert_eq!(next(&plan(&[1, 2, 2]), &[true, false, false], false), [1, 2]);
    }
}
