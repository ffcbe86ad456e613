//! The single rules of U. Each takes the Then part without its quoted text and names what the story does not hold.

use brine_core::gherkin::content_words;

use super::super::keywords::plain;
use super::super::quantities::{self, number_word, value, words};
use super::unsupported::Source;

/// Nouns that name a role with rights or duties of its own. Words for anybody (user, person, team, someone) are left out.
const ROLES: &[&str] = &[
    "administrator",
    "admin",
    "manager",
    "supervisor",
    "approver",
    "reviewer",
    "auditor",
    "operator",
    "agent",
    "moderator",
    "editor",
    "owner",
    "customer",
    "client",
    "shopper",
    "buyer",
    "seller",
    "vendor",
    "supplier",
    "merchant",
    "cashier",
    "clerk",
    "accountant",
    "analyst",
    "engineer",
    "developer",
    "tester",
    "technician",
    "dispatcher",
    "driver",
    "courier",
    "passenger",
    "guest",
    "visitor",
    "member",
    "subscriber",
    "tenant",
    "landlord",
    "teacher",
    "student",
    "pupil",
    "parent",
    "doctor",
    "physician",
    "nurse",
    "patient",
    "pharmacist",
    "officer",
    "employee",
    "employer",
    "applicant",
    "candidate",
    "recruiter",
    "librarian",
    "planner",
    "coordinator",
    "director",
    "secretary",
    "inspector",
    "translator",
    "author",
    "publisher",
    "organiser",
    "organizer",
    "host",
    "speaker",
    "attendee",
    "citizen",
    "resident",
    "lawyer",
    "judge",
];

/// Words behind which a state is named.
const STATE_MARKS: &[&str] = &[
    "set to ",
    "changed to ",
    "changes to ",
    "moved to ",
    "moves to ",
    "switched to ",
    "marked as ",
    "flagged as ",
    "labelled as ",
    "shown as ",
    "listed as ",
];

/// Quoted text that neither the story nor the scenario's own head holds.
pub(super) fn quotes(source: &Source, text: &str) -> Vec<String> {
    let inside = text.split('"').skip(1).step_by(2);
    inside
        .map(str::trim)
        .filter(|quote| !quote.is_empty() && !quote.contains('<'))
        .filter(|quote| {
            let quote = plain(quote);
            !source.case.text.contains(&quote) && !source.head.contains(&quote)
        })
        .map(|quote| format!("quote \"{quote}\""))
        .collect()
}

/// Durations that the story does not hold. "A day" can be a rate: then it is enough that the story speaks of days.
pub(super) fn durations(source: &Source, text: &str) -> Vec<String> {
    let story = &source.case.quantities;
    quantities::durations(text)
        .into_iter()
        .filter(|found| !story.durations.contains(&found.value))
        .filter(|found| found.article.is_none_or(|unit| !story.units.contains(unit)))
        .map(|found| format!("duration {}", found.text))
        .collect()
}

/// Numbers outside of durations that the story does not hold.
pub(super) fn numbers(source: &Source, text: &str) -> Vec<String> {
    let rest = quantities::durations(text).iter().fold(text.to_owned(), |text, found| text.replace(&found.text, "…"));
    let known = &source.case.quantities.numbers;
    let digits = brine_core::gherkin::numbers(&rest).into_iter().filter(|number| !known.contains(&value(number)));
    let spelt = words(&rest).filter(|word| number_word(word).is_some_and(|number| !known.contains(&number)));
    digits.chain(spelt).map(|number| format!("number {number}")).collect()
}

/// Capitalised words inside a step that neither the story nor the scenario's own head holds.
pub(super) fn capitals(source: &Source, text: &str) -> Vec<String> {
    let head = content_words(&source.head);
    text.split_whitespace()
        .skip(1)
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .map(|word| word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word))
        .filter(|word| word.starts_with(char::is_uppercase) && !source.case.text.contains(&plain(word)))
        .filter(|word| content_words(word).iter().any(|stem| !source.case.stems.contains(stem) && !head.contains(stem)))
        .map(|word| format!("name {word}"))
        .collect()
}

/// The first content word behind a mark of a state, when neither story nor head holds it.
pub(super) fn states(source: &Source, text: &str) -> Vec<String> {
    let head = content_words(&source.head);
    let lower = text.to_lowercase();
    let behind = STATE_MARKS.iter().filter_map(|mark| lower.find(mark).map(|at| &lower[at + mark.len()..]));
    behind
        .filter_map(|rest| rest.split_whitespace().find(|word| !content_words(word).is_empty()))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.starts_with(|c: char| c.is_ascii_digit()))
        .filter(|word| content_words(word).iter().any(|stem| !source.case.stems.contains(stem) && !head.contains(stem)))
        .map(|word| format!("state {word}"))
        .collect()
}

/// Roles that the story does not name. A scenario's own Given does not make one known: a role is a rule, not a sample.
pub(super) fn roles(source: &Source, text: &str) -> Vec<String> {
    let known = |role: &str| {
        let short = if role == "administrator" { "admin" } else { role };
        source.case.text.contains(short)
    };
    let mut found = Vec::new();
    for word in words(text) {
        let role = ROLES.iter().find(|role| **role == word || word.strip_suffix('s') == Some(**role));
        if let Some(role) = role.filter(|role| !known(role)) {
            found.push(format!("role {role}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::case;
    use super::*;

    #[test]
    fn an_abbreviated_role_is_the_same_role() {
        let case = case("Lock a card", "The administrators and employees unlock cards; the pupils' parents are told.");
        let source = Source { case: &case, head: String::new() };
        assert!(roles(&source, "the admin, a parent, an employee and the pupil see it").is_empty());
        assert_eq!(roles(&source, "the managers see it"), ["role manager"]);
    }
}
