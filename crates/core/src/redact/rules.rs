//! What is looked for, in order: a later rule sees only what the earlier ones left.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::numbers;
use super::stand_in::Kind;

/// Something to replace.
pub(super) struct Found {
    pub(super) kind: Kind,
    /// The same for the same thing in another spelling.
    pub(super) key: String,
    pub(super) range: Range<usize>,
}

/// What of a text is replaced, and the key of what stood there.
type Part = (Range<usize>, String);

pub(super) struct Rule {
    kind: Kind,
    pattern: Regex,
    /// The part of a match that is replaced, and its key; none when it is something else after all.
    take: fn(&str, Range<usize>) -> Option<Part>,
}

impl Rule {
    pub(super) fn find(&self, text: &str) -> Vec<Found> {
        let take = |found: regex::Match<'_>| {
            let (range, key) = (self.take)(text, found.range())?;
            Some(Found { kind: self.kind, key, range })
        };
        self.pattern.find_iter(text).filter_map(take).collect()
    }
}

const TAGS: [&str; 7] =
    ["happy-path", "negative", "edge-case", "security", "performance", "accessibility", "assumption"];

#[allow(clippy::expect_used, reason = "the patterns are constants, and the tests compile them")]
pub(super) static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rule = |kind, pattern: &str, take| Rule { kind, pattern: Regex::new(pattern).expect("a sound pattern"), take };
    vec![
        rule(Kind::Key, r"(?s)-----BEGIN [A-Z0-9 ]+-----.*?-----END [A-Z0-9 ]+-----", whole),
        rule(Kind::Key, KNOWN_KEYS, whole),
        rule(Kind::Account, r"\b\d{5,6}:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b", whole),
        rule(Kind::Key, r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b", whole),
        rule(Kind::Key, r"\b[A-Za-z0-9_]{24,}\b", key_like),
        rule(Kind::Host, r#"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#<>"'|\\]+"#, authority),
        rule(Kind::Email, r"[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+", whole),
        rule(Kind::Host, r"\bwww\.[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+", whole),
        rule(Kind::Host, DOMAINS, alone),
        rule(Kind::Mention, r"\[~[^\]\s]+\]", whole),
        rule(Kind::Mention, r"@\p{L}[\p{L}\p{N}_'’-]*(?:\.[\p{L}\p{N}]+)*(?: \p{Lu}[\p{L}'’-]+){0,2}", mention),
        rule(Kind::Ipv4, r"\d{1,3}(?:\.\d{1,3}){3}", ipv4),
        rule(Kind::Ipv6, r"[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,8}", ipv6),
        rule(Kind::Card, r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?", iban),
        rule(Kind::Card, r"\d(?:[ -]?\d){12,18}", card),
        rule(Kind::Phone, r"\+\d[\d ()./-]{5,20}\d", phone),
        rule(Kind::Phone, r"\(?0\d[\d ()./-]{5,20}\d", phone),
        rule(Kind::Phone, r"\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}", phone),
    ]
});

/// Keys that say by their beginning whose they are, and tokens of three parts.
const KNOWN_KEYS: &str = r"\b(?:(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}|ATATT[\w=-]{20,}|eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]+)?)";
/// Lower case alone: ASP.NET is no address.
const DOMAINS: &str = r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|io|dev|app|cloud|info|biz|eu|de|at|ch|uk|fr|nl|es|it|pl|se|us|ca|au|in|jp|gov|edu)\b";

fn whole(text: &str, range: Range<usize>) -> Option<Part> {
    let key = text[range.clone()].to_lowercase();
    Some((range, key))
}

/// Not a part of something longer: a file name, a path in code, an address that another rule left alone.
fn alone(text: &str, range: Range<usize>) -> Option<Part> {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '@' | '.' | ':');
    // A path may follow.
    let free =
        !before(text, &range).is_some_and(joins) && (text[range.end..].starts_with('/') || !after_joins(text, &range));
    if free { whole(text, range) } else { None }
}

/// Long, and of small letters, capitals and digits, or of hexadecimal digits.
fn key_like(text: &str, range: Range<usize>) -> Option<Part> {
    let word = &text[range.clone()];
    let has = |kind: fn(&u8) -> bool| word.as_bytes().iter().filter(|b| kind(b)).count();
    let (small, capital, digit) = (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase), has(u8::is_ascii_digit));
    let hexadecimal = has(u8::is_ascii_hexdigit) == word.len() && digit >= 2 && small + capital >= 2;
    let mixed = small >= 2 && capital >= 2 && digit >= 2;
    (hexadecimal || mixed).then(|| (range, word.to_owned()))
}

/// The host with its port and whoever logs in there.
fn authority(text: &str, range: Range<usize>) -> Option<Part> {
    let found = &text[range.clone()];
    let start = range.start + found.find("://")? + 3;
    let name = text[start..range.end].trim_end_matches(['.', ',', ';', ':', '!', ')', ']', '}', '*', '_', '`']);
    let host = name.rsplit_once('@').map_or(name, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    (!name.is_empty()).then(|| (start..start + name.len(), host.to_lowercase()))
}

fn mention(text: &str, range: Range<usize>) -> Option<Part> {
    let name = &text[range.start + 1..range.end];
    let in_a_word = before(text, &range).is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if in_a_word || TAGS.contains(&name.split(' ').next().unwrap_or(name)) {
        return None;
    }
    whole(text, range)
}

fn ipv4(text: &str, range: Range<usize>) -> Option<Part> {
    let address: Ipv4Addr = text[range.clone()].parse().ok()?;
    let in_a_number =
        before(text, &range).is_some_and(|c| c.is_alphanumeric() || c == '.') || after_joins(text, &range);
    (!in_a_number).then(|| (range, address.to_string()))
}

fn ipv6(text: &str, range: Range<usize>) -> Option<Part> {
    let found = &text[range.clone()];
    let address: Ipv6Addr = found.parse().ok()?;
    let in_a_word = before(text, &range).is_some_and(|c| c.is_alphanumeric() || c == ':') || after_joins(text, &range);
    let likely = found.len() > 5 && found.bytes().any(|b| b.is_ascii_digit());
    (likely && !in_a_word).then(|| (range, address.to_string()))
}

fn iban(text: &str, range: Range<usize>) -> Option<Part> {
    let compact: String = text[range.clone()].chars().filter(|c| *c != ' ').collect();
    let free = !before(text, &range).is_some_and(char::is_alphanumeric) && !after_joins(text, &range);
    (free && numbers::is_iban(&compact)).then_some((range, compact))
}

fn card(text: &str, range: Range<usize>) -> Option<Part> {
    number(text, range, numbers::is_card)
}

fn phone(text: &str, range: Range<usize>) -> Option<Part> {
    number(text, range, numbers::is_phone)
}

/// A number that stands by itself and that `fits`; its digits are the key.
fn number(text: &str, range: Range<usize>, fits: fn(&str) -> bool) -> Option<Part> {
    let found = &text[range.clone()];
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '.' | ',' | '-' | '+' | '/' | '_');
    if before(text, &range).is_some_and(joins) || after_joins(text, &range) || !fits(found) {
        return None;
    }
    Some((range, numbers::digits(found)))
}

fn before(text: &str, range: &Range<usize>) -> Option<char> {
    text[..range.start].chars().next_back()
}

/// What follows belongs to the same word or number: a full stop at the end of a sentence does not.
fn after_joins(text: &str, range: &Range<usize>) -> bool {
    let mut after = text[range.end..].chars();
    match after.next() {
        Some('.' | ',' | ':' | '-' | '/') => after.next().is_some_and(char::is_alphanumeric),
        Some(c) => c.is_alphanumeric() || matches!(c, '_' | '@'),
        None => false,
    }
}
