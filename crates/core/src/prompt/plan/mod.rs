//! One scenario for each rule of the story: which sentences are rules, and what kind of case each asks for.

mod case;
mod clause;
mod goal;
mod groups;
mod limit;
mod note;
mod opposite;
mod sides;
mod signs;
mod stated;
mod wording;

pub use self::case::Case;
use self::case::cases;
use self::goal::Path;
use self::groups::{Group, fit};
use self::sides::sides;
pub use self::sides::{GAP, Side};
use self::signs::{limits, refusals, tag_of, weight};
use self::stated::{Stated, stated};
use crate::gherkin::{Tag, speaks_of_refusal};
use crate::story::{Sentence, Story};

/// What the model is to write a scenario for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Focus {
    /// The sentences that the scenario is to rest on, in the story's order; at least one.
    pub rules: Vec<Sentence>,
    /// The kind of case.
    pub tag: Tag,
    /// Titles of scenarios that were written for the same sentences: this one is another.
    pub beside: Vec<String>,
    /// The side of a limit that it tests, if any.
    pub side: Option<Side>,
}

impl Focus {
    /// The sentences in one line.
    pub fn text(&self) -> String {
        self.rules.iter().map(|rule| rule.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether both rest on one of the same sentences.
    pub fn shares_rule(&self, other: &Focus) -> bool {
        self.rules.iter().any(|rule| other.rules.iter().any(|theirs| theirs.index == rule.index))
    }

    /// Whether something is refused or stays away, by the words of the sentences; at a limit on the side that is tested.
    pub fn refuses(&self) -> bool {
        self.side.as_ref().map_or_else(|| speaks_of_refusal(&self.text()), |side| side.refuses)
    }

    /// The outcomes that the sentences state themselves and that fit the kind of case, in their words and order; on the other
    /// side of a limit their opposites. None for a second scenario, which is to say something else.
    pub fn cases(&self, story: &Story) -> Vec<Case> {
        let text = story.text();
        if let Some(side) = self.side.as_ref().filter(|side| side.is_other) {
            return cases(side.outcomes(&text).into_iter());
        }
        if !self.beside.is_empty() {
            return Vec::new();
        }
        let fits = |one: &Stated| match self.tag {
            Tag::Negative => speaks_of_refusal(&one.outcome),
            Tag::HappyPath => !speaks_of_refusal(&one.outcome),
            _ => true,
        };
        cases(self.rules.iter().flat_map(|rule| stated(&rule.text, &text)).filter(fits))
    }

    /// The kind of case in plain words, for the prompt.
    pub fn kind(&self) -> &'static str {
        match self.tag {
            Tag::HappyPath => "the normal case, in which the goal is reached",
            Tag::Negative => "a case that is refused or fails",
            Tag::EdgeCase => "a case at a limit or out of the ordinary",
            Tag::Security => "a security case",
            Tag::Performance => "a performance case",
            Tag::Accessibility => "an accessibility case",
        }
    }
}

/// How many scenarios a set has at least.
const FEWEST: usize = 3;
/// So many places are kept for the other sides of limits, even where rules then have to share a scenario. Of 24 dev stories
/// 14 % of the limits were tested on both sides without such a place, 19 % with one and 22 % with two, and as many facts covered.
const OTHER_SIDES: usize = 2;

/// 3 to `most` scenarios: the goal first, then the story's rules in its order, with at least one negative and one edge case.
///
/// When there are more rules than places, neighbours share a scenario, and a limit still gets a second one for its other side;
/// when there are fewer, so do more of the rules with a limit or a refusal.
pub fn plan(story: &Story, most: usize) -> Vec<Focus> {
    let most = most.max(FEWEST);
    let sentences = story.sentences();
    let Some(Path { goal, rules }) = Path::of(&sentences) else { return Vec::new() };
    let rules: Vec<&Sentence> = std::iter::once(goal).chain(rules).collect();
    let limited = rules.iter().filter(|rule| sides(&rule.text).is_some()).take(OTHER_SIDES).count();
    let places = most - limited.min(most.saturating_sub(FEWEST + 1));
    let groups = fit(rules.into_iter().map(Group::new).collect(), places);
    let mut plan: Vec<Focus> = groups.iter().map(|group| focus(&group.rules)).collect();
    if let Some(first) = plan.first_mut() {
        first.tag = Tag::HappyPath;
    }
    add_other_sides(&mut plan, most);
    ensure_tag(&mut plan, Tag::Negative, refusals);
    ensure_tag(&mut plan, Tag::EdgeCase, limits);
    plan
}

fn focus(rules: &[&Sentence]) -> Focus {
    let rules: Vec<Sentence> = rules.iter().map(|rule| (*rule).clone()).collect();
    let mut focus = Focus { rules, tag: Tag::EdgeCase, beside: Vec::new(), side: None };
    focus.tag = tag(&focus);
    focus
}

/// The kind of case that rules ask for: by the outcomes that they state, else by all of their words.
fn tag(focus: &Focus) -> Tag {
    let text = focus.text();
    let mut refuse = stated(&text, &text).into_iter().map(|one| speaks_of_refusal(&one.outcome)).peekable();
    match (refuse.peek().is_some(), refuse.all(|refuses| refuses)) {
        (true, true) => Tag::Negative,
        (true, false) => Tag::EdgeCase,
        (false, _) => tag_of(&text),
    }
}

/// Fills the places that are left with the other side of limits and refusals, those that say most first; at least until
/// there are enough scenarios for a set.
fn add_other_sides(plan: &mut Vec<Focus>, most: usize) {
    let mut places: Vec<usize> = (0..plan.len()).collect();
    let has_limit = |focus: &Focus| sides(&focus.text()).is_some();
    places.sort_by_key(|place| std::cmp::Reverse((has_limit(&plan[*place]), weight(&plan[*place].text()))));
    let has_sides = |focus: &Focus| {
        has_limit(focus) || focus.tag != Tag::HappyPath && limits(&focus.text()) + refusals(&focus.text()) > 1
    };
    let (sided, other): (Vec<usize>, Vec<usize>) = places.into_iter().partition(|place| has_sides(&plan[*place]));
    let limited = sided.iter().filter(|place| has_limit(&plan[**place])).count();
    let wanted = (plan.len() + limited).clamp(FEWEST, most);
    let mut again: Vec<usize> =
        sided.iter().chain(&other).cycle().take(wanted.saturating_sub(plan.len())).copied().collect();
    again.sort_unstable();
    let mut turned = None;
    for place in again.into_iter().rev() {
        let Some(first) = plan.get_mut(place) else { continue };
        let tag = if first.tag == Tag::Negative { Tag::EdgeCase } else { Tag::Negative };
        let mut second = Focus { tag, side: None, ..first.clone() };
        // A third scenario for the same rule is for neither side.
        let sides = sides(&first.text()).filter(|_| turned != Some(place));
        turned = Some(place);
        if let Some(sides) = sides {
            let tag = |side: &Side| if side.refuses { Tag::Negative } else { Tag::EdgeCase };
            second.tag = tag(&sides.other);
            second.side = Some(sides.other);
            if first.tag != Tag::HappyPath {
                first.tag = tag(&sides.said);
                first.side = Some(sides.said);
            }
        }
        plan.insert(place + 1, second);
    }
}

fn has(plan: &[Focus], tag: Tag) -> bool {
    plan.iter().any(|focus| focus.tag == tag)
}

/// Gives `tag` to the rule that speaks most of it, when none has it and without taking the last of another kind.
fn ensure_tag(plan: &mut [Focus], tag: Tag, signs: fn(&str) -> usize) {
    if has(plan, tag) {
        return;
    }
    let many = |wanted: Tag| plan.iter().filter(|focus| focus.tag == wanted).count() > 1;
    let free = |focus: &Focus| {
        focus.tag != Tag::HappyPath && (many(focus.tag) || !matches!(focus.tag, Tag::Negative | Tag::EdgeCase))
    };
    let places: Vec<usize> = (1..plan.len()).filter(|place| free(&plan[*place])).collect();
    let best = places.into_iter().max_by_key(|place| signs(&plan[*place].text()));
    if let Some(focus) = best.and_then(|place| plan.get_mut(place)) {
        focus.tag = tag;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn seen(text: &str, most: usize) -> Vec<(Vec<usize>, Tag)> {
        let plan = plan(&Story::from_text(text.as_bytes()).unwrap(), most);
        plan.iter().map(|focus| (focus.rules.iter().map(|rule| rule.index).collect(), focus.tag)).collect()
    }

    #[test]
    fn rules_keep_their_order_and_get_fitting_tags() {
        let text = "Lock a gift card\nAs a holder, I want my card locked, so that nobody spends it.\n\
                    - Three wrong PINs lock the card for 24 hours.\n- A locked card cannot be used.\n";
        let wanted = [(vec![1], Tag::HappyPath), (vec![2], Tag::EdgeCase), (vec![3], Tag::Negative)];
        assert_eq!(seen(text, 6), wanted);
        let more = format!("{text}- The holder is told at once.\n");
        assert_ne!(seen(&more, 6)[0].0, [1], "with three rules the wish needs no scenario of its own");
    }

    #[test]
    fn without_a_goal_the_rule_that_speaks_of_the_summary_is_the_happy_path() {
        let text = "Rows of an export\nAn empty export is refused.\nExports hold 500 rows.\nThe file is named after the day.\n";
        let seen = seen(text, 3);
        assert_eq!(seen[0], (vec![2], Tag::HappyPath));
        assert_eq!(seen[1].0, [1]);
        assert_eq!(seen[2].0, [3]);
    }

    #[test]
    fn with_too_many_rules_neighbours_that_speak_of_the_same_share_a_scenario() {
        let text = "Export\nAs a clerk, I want to export orders.\nIt is blue.\nFiles hold at most 500 rows.\n\
                    Each export is logged for 30 days.\nThe log shows when the export was made.\nAn empty list is refused.\n";
        let groups: Vec<Vec<usize>> = seen(text, 4).into_iter().map(|(rules, _)| rules).collect();
        assert_eq!(groups, [vec![4], vec![3], vec![5], vec![6]]);
        assert_eq!(
            seen(text, 3).into_iter().map(|(rules, _)| rules).collect::<Vec<_>>(),
            [vec![3, 4], vec![5], vec![6]]
        );
    }

    #[test]
    fn a_happy_path_from_the_middle_shares_its_scenario_in_the_storys_order() {
        let text = "Export orders of 9 rows\nOrders hold 9 rows at most.\nA clerk can export orders of 9 rows.\nA file holds 500 \
                    lines at most.\nEach sheet is kept for 30 days in the archive of the shop.\n";
        assert_eq!(seen(text, 3)[0], (vec![1, 2], Tag::HappyPath));
    }

    #[test]
    fn a_limit_is_tested_on_both_sides_even_where_rules_share_scenarios() {
        let text = "Export\nAs a clerk, I want to export orders.\nIt is blue.\nFiles hold at most 500 rows.\n\
                    Each export is logged.\nThe log shows when the export was made.\nAn empty list is refused.\nA file is \
                    named after its day.\nClerks get a mail.\n";
        let plan = plan(&Story::from_text(text.as_bytes()).unwrap(), 6);
        let openings = |focus: &Focus| focus.side.as_ref().map(|side| side.opening.clone());
        let sides: Vec<String> = plan.iter().filter_map(openings).collect();
        assert_eq!((plan.len(), sides), (6, vec!["Exactly 500 rows".to_owned(), "More than 500 rows".to_owned()]));
    }

    #[test]
    fn a_scenario_knows_the_outcomes_that_its_rule_states() {
        let text = "Export\nAs a clerk, I want to export orders.\nFiles hold at most 500 rows.\nIf the list is empty, the \
                    export is refused with a message.\nEach export is logged with its day.\n";
        let story = Story::from_text(text.as_bytes()).unwrap();
        let plan = plan(&story, 6);
        let cases: Vec<(Tag, Vec<Case>)> = plan.iter().map(|focus| (focus.tag, focus.cases(&story))).collect();
        let case = |cause: Option<&str>, outcome: &str| {
            vec![Case { cause: cause.map(str::to_owned), outcomes: vec![outcome.to_owned()] }]
        };
        let refused = case(Some("the list is empty"), "the export is refused with a message");
        for wanted in [
            (Tag::Negative, refused),
            (Tag::Negative, case(None, "files do not hold more than 500 rows")),
            (Tag::HappyPath, case(None, "each export is logged with its day")),
        ] {
            assert!(cases.contains(&wanted), "{wanted:?} in {cases:?}");
        }
        let second = Focus { beside: vec!["Empty list".to_owned()], ..plan[0].clone() };
        assert_eq!(second.cases(&story), [], "a second scenario is to say something else");
    }

    #[test]
    fn even_of_a_very_long_story_every_place_is_used() {
        // So many that comparing each with each would take hours.
        let text = format!("Export\n{}", "The export of 30 rows is never late.\n".repeat(60_000));
        let seen = seen(&text, 6);
        assert_eq!(seen.len(), 6);
        assert!(seen.iter().all(|(rules, _)| (1..=3).contains(&rules.len())), "{seen:?}");
    }

    proptest! {
        #[test]
        fn every_plan_has_the_three_kinds(text in "[A-Za-z0-9 .\n-]{1,300}", most in 3usize..=6) {
            if let Ok(story) = Story::from_text(text.as_bytes()) {
                let plan = plan(&story, most);
                prop_assert!((3..=most).contains(&plan.len()), "{plan:?}");
                prop_assert_eq!(plan[0].tag, Tag::HappyPath);
                prop_assert!(has(&plan, Tag::Negative) && has(&plan, Tag::EdgeCase), "{:?}", plan);
            }
        }
    }
}
