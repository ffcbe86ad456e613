//! Words that tell how English rules are built. They are few, and enough for what is written in stories.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Verbs that are finite in every place.
const AUXILIARIES: &[&str] = &[
    "is", "are", "was", "were", "isn't", "aren't", "has", "have", "hasn't", "haven't", "can", "cannot", "can't", "may",
    "should", "shall", "must", "mustn't", "will", "won't", "does", "do", "doesn't", "don't",
];
/// Other verbs of rules, in the third person; without their last letter in the plural. None that is as often a noun.
const VERBS: &str = "\
    accepts adds allows answers appears applies approves arrives asks assigns beats becomes begins belongs blocks \
    brings buys calculates calls cancels carries changes chooses clears closes comes compares confirms connects \
    contains continues copies costs counts covers creates crosses cuts decides declines deletes delivers depends \
    describes detects differs disables disappears drives drops earns enables ends enters equals exceeds expires \
    explains extends fails falls fills finds finishes flashes follows freezes generates gets gives goes grants \
    hangs happens hears hides holds ignores implies includes informs invites joins keeps knows lapses lasts leads learns \
    leaves lets lies lists locks loses lowers makes marks means moves needs notifies occurs opens overrides owns \
    passes pays permits picks plays presses prevents prints produces protects provides publishes purges puts \
    raises reaches reappears receives records reduces refuses rejects releases remains reminds removes reopens \
    repeats replaces reports requires reserves resets responds restarts restores resumes returns rises runs saves \
    says sees selects sells sends serves sets shows skips splits starts stays stops stores submits suggests \
    supports takes tells tries triggers turns unlocks updates uploads uses validates verifies waits warns wins \
    works writes";

static KNOWN: LazyLock<HashSet<&str>> =
    LazyLock::new(|| VERBS.split_whitespace().chain(AUXILIARIES.iter().copied()).collect());
static PLURALS: LazyLock<HashSet<String>> = LazyLock::new(|| VERBS.split_whitespace().filter_map(base).collect());

/// Words that begin the event or state on which something happens.
const CAUSES: &[&str] = &["if", "when", "whenever", "once"];
/// Other words that begin what holds only under a condition, or why it does.
const CONDITIONS: &[&str] = &["unless", "until", "while", "because", "so", "although", "than", "till"];
/// Words that begin what is said of a thing.
const RELATIVES: &[&str] = &["that", "who", "which", "whose", "where"];
/// Words that begin when or where something is so.
const PREPOSITIONS: &[&str] =
    &["with", "without", "in", "on", "at", "during", "after", "before", "from", "by", "for", "within", "under"];
/// Besides prepositions, words that call for a further one.
const CALLING: &[&str] =
    &["of", "to", "into", "than", "as", "and", "or", "but", "not", "per", "via", "that", "who", "which", "if", "when"];
/// Words that bind a clause to the one before.
const LINKS: &[&str] = &["and", "but", "or", "then", "otherwise", "also", "therefore"];
/// Words that a thing is named with.
const DETERMINERS: &[&str] = &[
    "the", "a", "an", "this", "these", "it", "they", "its", "their", "no", "nobody", "each", "every", "all", "only",
    "there", "he", "she", "both", "any",
];

/// Whether it is a verb that a subject stands before.
pub(super) fn is_finite(word: &str) -> bool {
    KNOWN.contains(word)
}

/// Whether it is a verb, for a clause that goes on without a subject of its own.
pub(in super::super) fn is_verb(word: &str) -> bool {
    is_finite(word) || PLURALS.contains(word)
}

pub(in super::super) fn is_cause(word: &str) -> bool {
    CAUSES.contains(&word)
}

pub(in super::super) fn is_condition(word: &str) -> bool {
    CONDITIONS.contains(&word)
}

pub(in super::super) fn is_preposition(word: &str) -> bool {
    PREPOSITIONS.contains(&word)
}

/// "goes" is "go"; also how it stands behind a plural.
pub(in super::super) fn base(verb: &str) -> Option<String> {
    if let Some(root) = verb.strip_suffix("ies").filter(|root| root.len() > 1) {
        return Some(format!("{root}y"));
    }
    let hissing = ["sses", "shes", "ches", "xes", "zzes", "oes"].iter().any(|ending| verb.ends_with(ending));
    verb.strip_suffix(if hissing { "es" } else { "s" }).map(str::to_owned)
}

/// "go" is "goes".
pub(in super::super) fn third_person(verb: &str) -> String {
    let ends = |endings: &[&str]| endings.iter().any(|ending| verb.ends_with(ending));
    match verb.strip_suffix('y') {
        _ if verb == "have" => "has".to_owned(),
        Some(root) if !ends(&["ay", "ey", "oy", "uy"]) => format!("{root}ies"),
        _ if ends(&["s", "x", "z", "ch", "sh", "o"]) => format!("{verb}es"),
        _ => format!("{verb}s"),
    }
}

/// Whether it begins what is said of a thing.
pub(super) fn is_relative(word: &str) -> bool {
    RELATIVES.contains(&word)
}

pub(in super::super) fn is_determiner(word: &str) -> bool {
    DETERMINERS.contains(&word)
}

/// A verb in the plural behind a noun in the plural: "tickets end".
pub(super) fn is_plural(words: &[String], place: usize) -> bool {
    let is_verb = PLURALS.contains(words[place].as_str());
    is_verb && words[place - 1].ends_with('s') && !is_finite(&words[place - 1])
}

/// In lower case, without the marks around it.
pub(in super::super) fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// Without the "and" or "otherwise" before it, and whether there was one.
pub(in super::super) fn without_link(text: &str) -> (&str, bool) {
    let (mut rest, mut linked) = (text, false);
    while let Some((_, behind)) = rest.split_once(' ').filter(|(first, _)| LINKS.contains(&bare(first).as_str())) {
        (rest, linked) = (behind.trim_start(), true);
    }
    (rest, linked)
}

/// Whether a phrase can end with the word: it calls for no further one.
pub(super) fn ends_a_phrase(word: &str) -> bool {
    !(is_verb(word) || is_determiner(word) || PREPOSITIONS.contains(&word) || CALLING.contains(&word))
}
