//! The two sides of a limit: how the titles of two scenarios begin that test it, one as the rule says, one just beyond.
//! A small model seldom comes to the other side by itself; from such a title it goes on.

use super::limit::{Kind, Limit};
use super::opposite::opposite;
use super::stated::{Stated, stated};

/// One side of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// How the title begins: "More than 500 rows".
    pub opening: String,
    /// The rule with this side in place of its own words: "Files hold more than 500 rows." On the other side of a rule that
    /// refuses, [`GAP`] stands for the refusal: "The pass is … after more than 60 minutes."
    pub turned: String,
    /// The same with every word of the rule.
    whole: String,
    beyond: Beyond,
    /// Whether something is refused or fails here.
    pub refuses: bool,
    /// It is not what the rule says, but what follows from it for the other side.
    pub is_other: bool,
    place: Place,
    /// The number that the limit is.
    number: String,
}

/// Stands in [`Side::turned`] where words of the rule do not hold.
pub const GAP: &str = " …";

/// Words by which a rule says that something is refused or fails.
const REFUSING: &[&str] = &[
    "not", "cannot", "can't", "never", "refused", "rejected", "denied", "ignored", "blocked", "declined", "invalid",
    "fails", "expires",
];

/// How the rule's words, turned to the other side, say what holds there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beyond {
    /// "Files hold more than 500 rows": by their opposite.
    Opposite,
    /// "It cannot be more than 60 days": as they are.
    AsSaid,
    /// "What is not back within 5 days": not at all.
    Unknown,
}

impl Beyond {
    fn of(kind: Kind, negations: usize) -> Self {
        match (kind, negations) {
            (Kind::Late, _) => Beyond::Unknown,
            (_, 0) => Beyond::Opposite,
            _ => Beyond::AsSaid,
        }
    }
}

/// Where a side lies, seen from the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Below,
    At,
    Above,
}

impl Side {
    /// What holds on the other side, as far as it can be told from the words of the rule.
    pub(super) fn outcomes(&self, story: &str) -> Vec<Stated> {
        let amid = small(&self.opening);
        let says_it =
            |one: &Stated| one.outcome.contains(&amid) || one.cause.as_ref().is_some_and(|it| it.contains(&amid));
        let turned = |one: Stated| match self.beyond {
            Beyond::Opposite => Some(Stated { outcome: opposite(&one.outcome)?, ..one }),
            Beyond::AsSaid => Some(one),
            Beyond::Unknown => None,
        };
        stated(&self.whole, story).into_iter().filter(says_it).filter_map(turned).collect()
    }

    /// Whether what is so before the outcome lies on this side: "less than 10", or 9.
    pub fn holds(&self, cause: &str) -> bool {
        let (cause, number) = (cause.to_lowercase(), &self.number);
        let before = |words: &[&str]| words.iter().any(|words| says(&cause, &format!("{words} {number}")));
        let next = |step: i64| {
            number.parse::<i64>().is_ok_and(|number| says(&cause, &(number.saturating_add(step)).to_string()))
        };
        let below = before(&["less than", "fewer than", "under", "below", "within"]) || next(-1);
        let above = before(&["more than", "over", "above", "after"]) || next(1);
        match self.place {
            Place::Below => below && !above,
            Place::At => says(&cause, number) && !below && !above,
            Place::Above => above && !below,
        }
    }
}

/// Whether a text holds these words, and not as part of longer ones or of another number.
fn says(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, found)| {
        let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(at + found.len()..).unwrap_or_default());
        !goes_on(before.chars().rev()) && !goes_on(behind.chars())
    })
}

/// Whether a word or number goes on with these.
fn goes_on(mut next: impl Iterator<Item = char>) -> bool {
    match next.next() {
        Some('.' | ',' | ':') => next.next().is_some_and(|c| c.is_ascii_digit()),
        other => other.is_some_and(char::is_alphanumeric),
    }
}

/// Both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sides {
    /// What the rule says.
    pub(super) said: Side,
    /// What it does not.
    pub(super) other: Side,
}

/// The sides of the first limit that a rule states.
pub(super) fn sides(rule: &str) -> Option<Sides> {
    let Limit { kind, number, amount, is_time, is_many, place: stated, negations } = Limit::of(rule)?;
    let fewer = if is_many { "Fewer" } else { "Less" };
    let exactly = (Place::At, format!("Exactly {amount}"));
    let (more, less) =
        ((Place::Above, format!("More than {amount}")), (Place::Below, format!("{fewer} than {amount}")));
    let (said, other) = match kind {
        Kind::Most => (exactly, more),
        Kind::Least => (exactly, less),
        Kind::Less => (less, exactly),
        Kind::More => (more, exactly),
        Kind::Within if is_time => {
            ((Place::Below, format!("Within {amount}")), (Place::Above, format!("After more than {amount}")))
        }
        Kind::After if is_time => ((Place::Above, format!("After {amount}")), less),
        Kind::Late if is_time => {
            ((Place::Above, format!("After {amount}")), (Place::Below, format!("Within {amount}")))
        }
        Kind::Within | Kind::After | Kind::Late => return None,
    };
    let said_refuses = rule.split_whitespace().filter(|word| is_refusal(word)).count() > negations;
    let side = |(place, opening): (Place, String), is_said: bool| {
        let (before, behind) = (rule.get(..stated.start)?, rule.get(stated.end..)?);
        let whole = format!("{before}{}{behind}", small(&opening));
        let turned = if said_refuses && !is_said { without_refusals(&whole) } else { whole.clone() };
        Some(Side {
            opening,
            turned,
            whole,
            beyond: Beyond::of(kind, negations),
            refuses: said_refuses == is_said,
            is_other: !is_said,
            place,
            number: number.clone(),
        })
    };
    Some(Sides { said: side(said, true)?, other: side(other, false)? })
}

/// With a small first letter, as it stands amid a sentence.
fn small(opening: &str) -> String {
    let mut letters = opening.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn is_refusal(word: &str) -> bool {
    REFUSING.contains(&word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().as_str())
}

fn without_refusals(rule: &str) -> String {
    let words = rule.split_whitespace().map(|word| if is_refusal(word) { GAP.trim_start() } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rule: &str) -> Option<(String, String)> {
        sides(rule).map(|sides| (sides.said.opening, sides.other.opening))
    }

    #[test]
    fn a_limit_has_two_sides() {
        let cases = [
            ("Files hold at most 500 rows.", "Exactly 500 rows", "More than 500 rows"),
            ("Groups have at least 10 pupils.", "Exactly 10 pupils", "Fewer than 10 pupils"),
            ("Sold while first class is less than 80 % full.", "Less than 80 % full", "Exactly 80 % full"),
            ("Users younger than 14 wait.", "Less than 14 wait", "Exactly 14 wait"),
            ("It is given back within 5 working days.", "Within 5 working days", "After more than 5 working days"),
            ("A check that is open after 60 minutes is logged.", "After 60 minutes", "Less than 60 minutes"),
            ("There are up to three pauses per year.", "Exactly three pauses", "More than three pauses"),
            ("A pause lasts 14 to 60 days, twice a year.", "Exactly 60 days", "More than 60 days"),
            ("Orders of 250 EUR or more are checked.", "Exactly 250 EUR", "Less than 250 EUR"),
            ("Tests fail in more than 1% of the runs.", "More than 1%", "Exactly 1%"),
        ];
        for (rule, said, other) in cases {
            assert_eq!(seen(rule), Some((said.to_owned(), other.to_owned())), "{rule}");
        }
    }

    #[test]
    fn a_rule_can_be_turned_to_either_side() {
        let turned = |rule: &str| sides(rule).map(|sides| (sides.said.turned, sides.other.turned));
        let seen = |said: &str, other: &str| Some((said.to_owned(), other.to_owned()));
        let rule = "Files hold at most 500 rows in a sheet.";
        let (exactly, more) = ("Files hold exactly 500 rows in a sheet.", "Files hold more than 500 rows in a sheet.");
        assert_eq!(turned(rule), seen(exactly, more));
        let rule = "The same pass is refused within 60 minutes of the last scan.";
        let after = "The same pass is … after more than 60 minutes of the last scan.";
        assert_eq!(turned(rule), seen(rule, after));
        assert_eq!(refusing(rule), Some((true, false)));
        let rule = "Orders of 250 EUR or more are checked.";
        let (exactly, less) = ("Orders of exactly 250 EUR are checked.", "Orders of less than 250 EUR are checked.");
        assert_eq!(turned(rule), seen(exactly, less));
    }

    fn refusing(rule: &str) -> Option<(bool, bool)> {
        sides(rule).map(|sides| (sides.said.refuses, sides.other.refuses))
    }

    #[test]
    fn a_not_before_a_limit_belongs_to_it() {
        let opened = |said: &str, other: &str| Some((said.to_owned(), other.to_owned()));
        let rule = "A robot that does not come back within 10 minutes is marked.";
        assert_eq!(
            (seen(rule), refusing(rule)),
            (opened("After 10 minutes", "Within 10 minutes"), Some((false, true)))
        );
        let rule = "A pause cannot be longer than 60 days.";
        assert_eq!((seen(rule), refusing(rule)), (opened("Exactly 60 days", "More than 60 days"), Some((false, true))));
        let rule = "A ticket older than 60 days cannot be used.";
        assert_eq!((seen(rule), refusing(rule)), (opened("More than 60 days", "Exactly 60 days"), Some((true, false))));
    }

    #[test]
    fn a_cause_lies_on_one_side() {
        let holds =
            |rule: &str, cause: &str| sides(rule).map(|sides| (sides.said.holds(cause), sides.other.holds(cause)));
        let files = "Files hold at most 500 rows.";
        assert_eq!(holds(files, "a file with 500 rows"), Some((true, false)));
        assert_eq!(holds(files, "a file with More than 500 rows"), Some((false, true)));
        assert_eq!(holds(files, "a file with 501 rows"), Some((false, true)));
        assert_eq!(holds(files, "a file with 499 rows"), Some((false, false)));
        assert_eq!(holds(files, "a file with 1,500 rows of 5000.500 cells"), Some((false, false)));
        let answers = "It is answered within 3 days.";
        assert_eq!(holds(answers, "a question of 2 days ago"), Some((true, false)));
        assert_eq!(holds(answers, "after more than 3 days"), Some((false, true)));
        assert_eq!(holds(answers, "a question"), Some((false, false)));
    }

    #[test]
    fn what_is_no_limit_has_none() {
        for rule in [
            "It is up to the clerk.",
            "After 3 wrong PINs the card is locked.",
            "Over the weekend.",
            "Room 12 is used.",
            "",
        ] {
            assert_eq!(seen(rule), None, "{rule}");
        }
    }
}
