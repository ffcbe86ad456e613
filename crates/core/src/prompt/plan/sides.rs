//! The two sides of a limit: how the titles of two scenarios begin that test it, one as the rule says, one just beyond.
//! A small model seldom comes to the other side by itself; from such a title it goes on.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// One side of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// How the title begins: "More than 500 rows".
    pub opening: String,
    /// The rule with this side in place of its own words: "Files hold more than 500 rows."
    pub turned: String,
    place: Place,
    /// The number, as the rule writes it.
    amount: String,
}

/// Where a side lies, seen from the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Below,
    At,
    Above,
}

impl Side {
    /// Whether what is so before the outcome lies on this side: "less than 10", or 9.
    pub fn holds(&self, cause: &str) -> bool {
        let (cause, amount) = (cause.to_lowercase(), &self.amount);
        let before = |words: &[&str]| words.iter().any(|words| says(&cause, &format!("{words} {amount}")));
        let next = |step: i64| amount.parse::<i64>().is_ok_and(|number| says(&cause, &(number + step).to_string()));
        let below = before(&["less than", "fewer than", "under", "below", "within"]) || next(-1);
        let above = before(&["more than", "over", "above", "after"]) || next(1);
        match self.place {
            Place::Below => below && !above,
            Place::At => says(&cause, amount) && !below && !above,
            Place::Above => above && !below,
        }
    }
}

/// Whether a text holds these words, and not as part of longer ones or of another number.
fn says(text: &str, words: &str) -> bool {
    let goes_on = |mut next: std::iter::Peekable<&mut dyn Iterator<Item = char>>| match next.next() {
        Some('.' | ',' | ':') => next.peek().is_some_and(char::is_ascii_digit),
        other => other.is_some_and(char::is_alphanumeric),
    };
    text.match_indices(words).any(|(at, found)| {
        let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(at + found.len()..).unwrap_or_default());
        let (before, behind): (&mut dyn Iterator<Item = char>, &mut dyn Iterator<Item = char>) =
            (&mut before.chars().rev(), &mut behind.chars());
        !goes_on(before.peekable()) && !goes_on(behind.peekable())
    })
}

/// Both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sides {
    /// What the rule says.
    pub(super) said: Side,
    /// What it does not.
    pub(super) other: Side,
}

/// A way to state a limit.
#[derive(Clone, Copy)]
enum Kind {
    /// "at most 5", "5 or fewer"
    Most,
    /// "at least 5", "5 or more"
    Least,
    /// "less than 5"
    Less,
    /// "more than 5"
    More,
    /// "within 5 days"
    Within,
    /// "after 5 days"
    After,
}

/// A number in digits or a word, and up to two words of what is counted. What follows a comma or a full stop is another matter.
const AMOUNT: &str = r"(?P<amount>\d[\d.,:]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|twelve)(?P<unit>(?:\s?[%€$£]|\s?[\p{L}\-]+)?(?: [\p{L}\-]+)?)";
const TIMES: &[&str] = &["second", "sec", "minute", "min", "hour", "h", "day", "week", "month", "year"];
/// Words that are no part of what is counted.
const BEYOND_UNIT: &[&str] = &[
    "a", "after", "ago", "an", "and", "are", "as", "at", "before", "but", "by", "can", "cannot", "for", "from", "has",
    "have", "if", "in", "into", "is", "it", "may", "must", "no", "not", "of", "on", "or", "per", "that", "the", "then",
    "to", "until", "with",
];

static PATTERNS: LazyLock<Vec<(Kind, Regex)>> = LazyLock::new(|| {
    let before = [
        (Kind::Most, "at most|no more than|not more than|up to|(?:a )?maximum (?:of )?|max"),
        (Kind::Least, "at least|no less than|not less than|no fewer than|(?:a )?minimum (?:of )?|min"),
        (Kind::Less, "less than|fewer than|under|below|younger than|shorter than|lower than"),
        (Kind::More, "more than|over|above|older than|longer than|larger than|higher than|exceeds"),
        (Kind::Within, "within"),
        (Kind::After, "after"),
    ];
    let behind =
        [(Kind::Least, "or more|or older|or longer|or later"), (Kind::Most, "or less|or fewer|or younger|or shorter")];
    let before = before.map(|(kind, words)| (kind, format!(r"(?i)\b(?:{words})\s*{AMOUNT}")));
    let behind = behind.map(|(kind, words)| (kind, format!(r"(?i)\b{AMOUNT} (?:{words})\b")));
    let range = (Kind::Most, format!(r"(?i)\b\d+ ?(?:to|-|–|and) ?{AMOUNT}"));
    let all = before.into_iter().chain(behind).chain([range]);
    all.filter_map(|(kind, pattern)| Some((kind, Regex::new(&pattern).ok()?))).collect()
});

/// The sides of the first limit that a rule states.
pub(super) fn sides(rule: &str) -> Option<Sides> {
    let found = PATTERNS.iter().filter_map(|(kind, pattern)| Some((*kind, pattern.captures(rule)?)));
    let (kind, first) = found.min_by_key(|(_, captures)| captures.get(0).map(|whole| whole.start()))?;
    let (amount, is_time, is_many) = amount(&first)?;
    let number = first.name("amount")?.as_str();
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
        Kind::Within | Kind::After => return None,
    };
    let side = |(place, opening): (Place, String)| {
        let (start, end) = words_of(&first, rule, &amount)?;
        let (before, behind) = (rule.get(..start)?, rule.get(end..)?);
        let amid = format!("{}{}", opening.get(..1)?.to_lowercase(), opening.get(1..)?);
        Some(Side { turned: format!("{before}{amid}{behind}"), opening, place, amount: number.to_lowercase() })
    };
    Some(Sides { said: side(said)?, other: side(other)? })
}

/// From where to where in the rule the limit is stated, without what follows the things that are counted.
fn words_of(captures: &Captures, rule: &str, amount: &str) -> Option<(usize, usize)> {
    let (whole, number) = (captures.get(0)?, captures.name("amount")?);
    let unit = captures.name("unit")?;
    // "5 or more": all of it; "at most 5 days in": to the days.
    let end = if whole.end() > unit.end() { whole.end() } else { number.start() + amount.len() };
    rule.is_char_boundary(end).then_some((whole.start(), end))
}

/// The amount with what is counted, whether that is a time, and whether it is things of which there are many.
fn amount(captures: &Captures) -> Option<(String, bool, bool)> {
    let (amount, unit) = (captures.name("amount")?.as_str(), captures.name("unit")?.as_str());
    let words: Vec<&str> =
        unit.split_whitespace().take_while(|word| !BEYOND_UNIT.contains(&word.to_lowercase().as_str())).collect();
    let is_time = words.iter().any(|word| TIMES.contains(&word.to_lowercase().trim_end_matches('s')));
    let is_many = !is_time && words.last().is_some_and(|word| word.len() > 3 && word.ends_with('s'));
    let glue = if unit.starts_with(' ') || words.is_empty() { " " } else { "" };
    Some((format!("{amount}{glue}{}", words.join(" ")).trim_end().to_owned(), is_time, is_many))
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
        let rule = "Orders of 250 EUR or more are checked.";
        let (exactly, less) = ("Orders of exactly 250 EUR are checked.", "Orders of less than 250 EUR are checked.");
        assert_eq!(turned(rule), seen(exactly, less));
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

    #[test]
    fn all_patterns_are_right() {
        assert_eq!(PATTERNS.len(), 9);
    }
}
