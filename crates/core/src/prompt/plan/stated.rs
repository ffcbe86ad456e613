//! What a rule says will be so, in its own words: clauses that can stand behind "Then" as they are, and what they follow from
//! behind "When". A small model that writes an outcome freely turns a rule into its opposite now and then; one that picks
//! among these can't.

use super::clause::{
    Form, Piece, bare, completed, form, is_cause, is_condition, is_determiner, is_preposition, is_verb, pieces,
    second_subject, without_link,
};
use super::note::{labelled, noted};
use super::wording::{has_room, in_a_sentence, in_present, is_fit};

/// So many clauses of a rule at most: each can be taken or left.
const MOST: usize = 4;

/// An outcome that a rule states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    /// The event or state that it follows from, where the rule says it in a clause of its own.
    pub(super) cause: Option<String>,
    /// What is so then.
    pub(super) outcome: String,
}

/// The outcomes of `rule`, in its order; `story` tells which of its first words are names.
pub(super) fn stated(rule: &str, story: &str) -> Vec<Stated> {
    if let Some(noted) = noted(rule) {
        return vec![noted];
    }
    let mut reader = Reader::default();
    for piece in pieces(rule) {
        reader.read(&piece);
    }
    let mut found = reader.found;
    if found.is_empty() {
        found.extend(labelled(rule));
    }
    for one in &mut found {
        one.outcome = in_present(&one.outcome);
    }
    found.retain(|one| is_fit(&one.outcome) && one.cause.as_deref().is_none_or(is_fit));
    found.truncate(MOST);
    let small = |clause: &str| in_a_sentence(clause, story);
    found.iter().map(|one| Stated { cause: one.cause.as_deref().map(small), outcome: small(&one.outcome) }).collect()
}

/// Reads a rule piece by piece.
#[derive(Default)]
struct Reader {
    found: Vec<Stated>,
    /// What the sentence began with: "If …,".
    cause: Option<String>,
    /// What was spoken of, and nothing said of it yet.
    subject: Option<String>,
    /// When or where what follows is so: "After 5 failed checks,".
    lead: Option<String>,
    /// The sentence has begun.
    begun: bool,
    /// The rest of the sentence belongs to a condition.
    skips: bool,
    /// The last piece was a clause that may go on.
    goes_on: bool,
}

impl Reader {
    fn read(&mut self, piece: &Piece) {
        let (clause, linked) = without_link(piece.text);
        let first = bare(clause.split_whitespace().next().unwrap_or_default());
        if is_cause(&first) || is_condition(&first) || (first == "as" && !self.begun) {
            // Behind the clause that depends on it, a condition may go on behind further commas.
            self.skips = self.begun;
            (self.subject, self.goes_on) = (None, false);
            if is_cause(&first) && !self.begun {
                self.read_cause(piece, clause.split_once(' ').map_or("", |(_, cause)| cause));
            }
        } else if !self.skips {
            self.read_clause(piece, clause, linked && is_verb(&first), is_determiner(&first));
        }
        self.begun = !piece.ends_sentence;
        if piece.ends_sentence {
            *self = Self { found: std::mem::take(&mut self.found), ..Self::default() };
        }
    }

    fn read_cause(&mut self, piece: &Piece, text: &str) {
        let (cause, outcome) = text.split_at(second_subject(text).unwrap_or(text.len()));
        let cause = cause.trim_end();
        self.cause = (form(cause) == Form::Clause && is_fit(cause)).then(|| cause.to_owned());
        if !outcome.is_empty() {
            self.read_clause(piece, outcome, false, true);
        }
    }

    /// `has_no_subject`: it goes on with a verb; `names_one`: it begins with a subject of its own.
    fn read_clause(&mut self, piece: &Piece, clause: &str, has_no_subject: bool, names_one: bool) {
        if let Some(last) = self.found.last_mut().filter(|_| self.goes_on && has_no_subject) {
            // What is too long for a step stays so.
            if has_room(&last.outcome) {
                last.outcome = format!("{} {}", last.outcome, piece.text);
            }
            return;
        }
        let whole = match self.subject.take().filter(|_| !names_one) {
            Some(subject) => format!("{subject}, {}", piece.text),
            None => clause.to_owned(),
        };
        let whole = if self.begun { whole } else { completed(&whole).unwrap_or(whole) };
        let form = form(&whole);
        let whole = match self.lead.take().filter(|_| form == Form::Clause) {
            Some(lead) => format!("{lead} {whole}"),
            None => whole,
        };
        self.goes_on = form == Form::Clause;
        if form == Form::Other && !self.begun && is_preposition(&bare(clause.split(' ').next().unwrap_or_default())) {
            self.lead = Some(whole.clone());
        }
        match form {
            Form::Clause => self.add(&whole, piece.ends_sentence),
            Form::Subject => self.subject = Some(whole).filter(|subject| has_room(subject)),
            Form::Other => {}
        }
    }

    fn add(&mut self, clause: &str, ends_sentence: bool) {
        let Some((outcome, cause)) = at_cause(clause) else {
            self.found.push(Stated { cause: self.cause.clone(), outcome: clause.to_owned() });
            return;
        };
        // A condition that goes on behind a comma is not known whole, and what depends on it is not without it.
        (self.skips, self.goes_on) = (!ends_sentence, false);
        if ends_sentence {
            let apart =
                is_fit(outcome) && is_fit(cause) && form(cause) == Form::Clause && form(outcome) == Form::Clause;
            self.found.push(match apart {
                true => Stated { cause: Some(cause.to_owned()), outcome: outcome.to_owned() },
                false => Stated { cause: None, outcome: clause.to_owned() },
            });
        }
    }
}

/// A clause before and behind the "when" in it.
fn at_cause(clause: &str) -> Option<(&str, &str)> {
    let at = clause.match_indices(' ').map(|(at, _)| at).find(|at| {
        let next = clause.get(at + 1..).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
        is_cause(next)
    })?;
    let (outcome, rest) = (clause.get(..at)?, clause.get(at + 1..)?);
    Some((outcome, rest.split_once(' ')?.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rule: &str, story: &str) -> Vec<String> {
        let whole = |one: Stated| match one.cause {
            Some(cause) => format!("{cause} => {}", one.outcome),
            None => one.outcome,
        };
        stated(rule, story).into_iter().map(whole).collect()
    }

    #[test]
    fn what_a_rule_says_will_be_so_is_found() {
        let cases: &[(&str, &[&str])] = &[
            (
                "Lost passes are blocked by the office; the scanner shows \"Blocked\" in red.",
                &["lost passes are blocked by the office", "the scanner shows \"Blocked\" in red"],
            ),
            (
                "A card that is active, blocked or reported stolen cannot be sold.",
                &["a card that is active, blocked or reported stolen cannot be sold"],
            ),
            (
                "On a fire the robot reports \"Fire\", and gives its task back.",
                &["on a fire the robot reports \"Fire\" and gives its task back"],
            ),
            (
                "The list should be shown at 9. Robots shall take another route. The app shall also tell the clerk.",
                &["the list is shown at 9", "robots take another route"],
            ),
            (
                "Only one plan per person at a time. At most 2 robots per ride, and none at night. Valid for 365 days, not longer.",
                &[
                    "there is only one plan per person at a time",
                    "there are at most 2 robots per ride",
                    "it is valid for 365 days",
                ],
            ),
            (
                "After 5 failed checks on one card, this card cannot be checked; it can be used.",
                &["after 5 failed checks on one card this card cannot be checked", "it can be used"],
            ),
            (
                "The display changes at 15:30, unless the holder has checked in, or the ticket was scanned.",
                &["the display changes at 15:30"],
            ),
        ];
        for (rule, outcomes) in cases {
            assert_eq!(seen(rule, rule), *outcomes, "{rule}");
        }
    }

    #[test]
    fn what_an_outcome_follows_from_is_its_cause() {
        let cases: &[(&str, &[&str])] = &[
            (
                "If the payment fails or the receipt is voided, the card goes back to \"Inactive\". It is logged for ever.",
                &[
                    "the payment fails or the receipt is voided => the card goes back to \"Inactive\"",
                    "it is logged for ever",
                ],
            ),
            (
                "An alert is raised when a vessel has sent no position.",
                &["a vessel has sent no position => an alert is raised"],
            ),
            ("The test passes when the machine boots, the database answers, and the row count differs by 1 %.", &[]),
            (
                "When a person presses the call button the lift is in \"Person\" mode and robots wait.",
                &["a person presses the call button => the lift is in \"Person\" mode and robots wait"],
            ),
            (
                "If the lift does not answer for 60 seconds the robot reports \"Blocked\" and gives its task back.",
                &["the lift does not answer for 60 seconds => the robot reports \"Blocked\" and gives its task back"],
            ),
            ("The gate unlocks when the zone is \"Still\".", &["the gate unlocks when the zone is \"Still\""]),
        ];
        for (rule, outcomes) in cases {
            assert_eq!(seen(rule, rule), *outcomes, "{rule}");
        }
    }

    #[test]
    fn what_says_nothing_or_not_as_a_fact_is_no_outcome() {
        let cases = [
            "As a clerk, I want to see the list, so that nobody waits.",
            "The list should not be shown in the morning.",
            "Own wedding 2 days, close relatives more.",
            "rejected → goes to waste in the ward",
            "The clerks want to play back where a ship has been.",
            "If no rate of today is available",
            "Is it ok?",
            "",
        ];
        for rule in cases {
            assert_eq!(seen(rule, rule), Vec::<String>::new(), "{rule}");
        }
    }

    #[test]
    fn names_keep_their_capitals() {
        let story = "Cards in Germany\nShops in Germany sell it. Cards are sold there as cards.";
        let first = |rule: &str| seen(rule, story).into_iter().next();
        assert_eq!(first("Germany has another rule.").as_deref(), Some("Germany has another rule"));
        assert_eq!(first("Cards have another rule.").as_deref(), Some("cards have another rule"));
        assert_eq!(first("PINs have another rule.").as_deref(), Some("PINs have another rule"));
        assert_eq!(first("A rule has an end.").as_deref(), Some("a rule has an end"));
    }

    #[test]
    fn a_sentence_of_a_whole_book_takes_no_time() {
        let ends = [" the card is".repeat(20_000), ", blocked".repeat(20_000), ", and is it".repeat(20_000)];
        for end in ends {
            let rule = format!("If a card that is locked{end}.");
            assert_eq!(seen(&rule, &rule), Vec::<String>::new());
        }
        let rule = format!("A card that is locked{} is refused.", ", blocked".repeat(20_000));
        assert_eq!(seen(&rule, &rule), Vec::<String>::new());
    }

    proptest::proptest! {
        #[test]
        fn no_rule_makes_it_panic(rule in "(The card|is|it|and|if|that|é|\u{201c}|\"|,|;|\\.|-|\u{2013}| |[A-Za-z]{0,5}|\\PC){0,20}") {
            for Stated { cause, outcome } in stated(&rule, &rule) {
                let fit = |clause: &str| is_fit(clause);
                proptest::prop_assert!(fit(&outcome) && cause.as_deref().is_none_or(fit), "{cause:?} {outcome}");
            }
        }
    }
}
