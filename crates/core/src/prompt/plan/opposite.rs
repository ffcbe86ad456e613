//! What holds on the other side of a limit: the opposite of what the rule says, in its own words. "A controller can mute a
//! vessel for up to 24 hours" becomes "a controller cannot mute a vessel for more than 24 hours".

use super::clause::{bare, base, main_verb};
use super::note::is_note;

/// Verbs that "not" follows, and those that it turns back.
const BEFORE_NOT: &[&str] = &["is", "are", "was", "were", "may", "will", "does", "do"];
/// Behind these a clause has a second verb, which would keep its sense.
const SECOND: &[&str] = &[" and ", " or ", " but ", ", "];

/// What negates a clause behind its verb, so that turning that does not do: "there is no check".
const UNTURNED: &[&str] = &["no", "never", "nobody", "nothing", "neither"];

/// The opposite of a clause, as far as a verb in it is known that can be turned.
pub(super) fn opposite(clause: &str) -> Option<String> {
    let words: Vec<&str> = clause.split_whitespace().collect();
    if is_note(clause) || words.iter().any(|word| bare(word) == "only") {
        return None;
    }
    let place = main_verb(&words)?;
    let (subject, rest) = words.split_at(place);
    let (verb, behind) = rest.split_first()?;
    if behind.first().is_some_and(|next| UNTURNED.contains(next)) {
        return None;
    }
    let behind: String = behind.iter().map(|word| format!(" {word}")).collect();
    let cut = SECOND.iter().filter_map(|second| behind.find(second)).min().unwrap_or(behind.len());
    let behind = behind.get(..cut)?.trim_start();
    let (predicate, behind) = turned(&bare(verb), behind);
    Some([subject.join(" ").as_str(), &predicate, behind].join(" ").trim_end().to_owned())
}

/// The verb turned, and what is left behind it.
fn turned<'a>(verb: &str, behind: &'a str) -> (String, &'a str) {
    let positive = behind.strip_prefix("not ");
    match (verb, positive) {
        ("can" | "must" | "may", Some(behind)) => ("can".to_owned(), behind),
        ("cannot" | "can't" | "mustn't", _) => ("can".to_owned(), behind),
        ("can" | "must", None) => ("cannot".to_owned(), behind),
        (verb, Some(behind)) if BEFORE_NOT.contains(&verb) => (verb.to_owned(), behind),
        (verb, None) if BEFORE_NOT.contains(&verb) => (format!("{verb} not"), behind),
        ("has", _) => ("does not have".to_owned(), behind),
        ("have", _) => ("do not have".to_owned(), behind),
        (verb, _) => match base(verb) {
            Some(base) => (format!("does not {base}"), behind),
            None => (format!("do not {verb}"), behind),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_is_turned_at_its_verb() {
        let cases = [
            (
                "a controller can mute a vessel for more than 24 hours",
                "a controller cannot mute a vessel for more than 24 hours",
            ),
            (
                "upgrades are sold while first class is exactly 80 % full",
                "upgrades are not sold while first class is exactly 80 % full",
            ),
            ("the pass is refused after more than 60 minutes", "the pass is not refused after more than 60 minutes"),
            (
                "a check that is open for 59 minutes puts a reminder on the list",
                "a check that is open for 59 minutes does not put a reminder on the list",
            ),
            ("the card goes back to the shop", "the card does not go back to the shop"),
            ("cards cannot be used within 6 months", "cards can be used within 6 months"),
            ("it must not be longer than 9 days", "it can be longer than 9 days"),
            ("the plan ends and the whole rest is due", "the plan does not end"),
            ("tickets expire after more than 6 days", "tickets do not expire after more than 6 days"),
        ];
        for (clause, wanted) in cases {
            assert_eq!(opposite(clause).as_deref(), Some(wanted));
        }
    }

    #[test]
    fn what_has_no_verb_has_no_opposite() {
        let more = ["with 3 successful runs there is no check", "a robot updates only at night", "this holds: 50 %"];
        for clause in ["", "the", "one plan a person", "is"].into_iter().chain(more) {
            assert_eq!(opposite(clause), None, "{clause}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_clause_makes_it_panic(clause in "(the card|is|not|cannot|goes|that|and|é|,| |[a-z]{0,5}|\\PC){0,12}") {
            let _ = opposite(&clause);
        }
    }
}
