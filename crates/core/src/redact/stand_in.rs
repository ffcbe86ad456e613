//! The neutral texts that take the place of what was found. They lie in ranges that are set aside for examples (RFC 2606,
//! 5737, 3849), or are plain words with a number.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// What something found is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// The host of a URL, or a domain by itself.
    Host,
    /// A person who is mentioned.
    Mention,
    /// Atlassian's id of a person.
    Account,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A telephone number.
    Phone,
    /// The number of a card or a bank account.
    Card,
    /// A key, token or other identifier that nobody can guess.
    Key,
    /// A word of the list.
    Word,
}

impl Kind {
    /// The stand-in of this number, from 1.
    pub(super) fn stand_in(self, number: usize) -> String {
        match self {
            Kind::Email => format!("person{number}@example.com"),
            Kind::Host => format!("host{number}.example"),
            Kind::Mention => format!("@user{number}"),
            Kind::Account => format!("account-{number}"),
            Kind::Ipv4 => format!("192.0.2.{number}"),
            Kind::Ipv6 => format!("2001:db8::{number:x}"),
            Kind::Phone => format!("phone-{number}"),
            Kind::Card => format!("card-{number}"),
            Kind::Key => format!("key-{number}"),
            Kind::Word => format!("Name{number}"),
        }
    }

    /// So many stand-ins there are; those beyond share the last one.
    pub(super) fn most(self) -> usize {
        match self {
            Kind::Ipv4 => 254,
            Kind::Ipv6 => 0xffff,
            _ => 999_999,
        }
    }

    /// Of many of them, for a summary.
    pub(super) fn title(self) -> &'static str {
        match self {
            Kind::Email => "e-mail address",
            Kind::Host => "host",
            Kind::Mention => "mention",
            Kind::Account => "account id",
            Kind::Ipv4 | Kind::Ipv6 => "IP address",
            Kind::Phone => "phone number",
            Kind::Card => "card or bank number",
            Kind::Key => "key or token",
            Kind::Word => "listed word",
        }
    }
}

#[allow(clippy::expect_used, reason = "the pattern is a constant, and the tests compile it")]
static STAND_INS: LazyLock<Regex> = LazyLock::new(|| {
    let all = r"person\d{1,6}@example\.com|host\d{1,6}\.example|@user\d{1,6}|account-\d{1,6}|192\.0\.2\.\d{1,3}|2001:db8::[0-9a-f]{1,4}|(?:phone|card|key)-\d{1,6}|Name\d{1,6}";
    Regex::new(all).expect("a sound pattern")
});

/// Where stand-ins are in a text: those that stand by themselves.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    STAND_INS.find_iter(text).map(|found| found.range()).filter(|range| stands_alone(text, range)).collect()
}

pub(super) fn is_stand_in(text: &str) -> bool {
    find(text).first().is_some_and(|range| *range == (0..text.len()))
}

/// Not a part of something longer.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    !joins_before(&text[..range.start]) && !joins_after(&text[range.end..])
}

fn joins(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '@' | '%' | '+')
}

/// A stand-in behind this text would grow together with it.
pub(super) fn joins_before(text: &str) -> bool {
    text.chars().next_back().is_some_and(|c| joins(c) || c == '.' || c == ':')
}

/// A stand-in before this text would grow together with it. A full stop at the end of a sentence does not join.
pub(super) fn joins_after(text: &str) -> bool {
    let mut after = text.chars();
    match after.next() {
        Some('.' | ':') => after.next().is_some_and(char::is_alphanumeric),
        Some(c) => joins(c),
        None => false,
    }
}
