//! The address under which Forge calls the operator's server.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// An HTTPS address by name, without anything after its path, and without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address(String);

/// Why Forge could not call an address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WrongAddress {
    /// Not an address at all.
    #[error("this is no address; give one such as https://brine.example.com")]
    Form,
    /// Another scheme.
    #[error("the address must begin with https://: Forge calls no other")]
    NotHttps,
    /// An IP address, this machine, or a name that only a local network knows.
    #[error("Atlassian must reach the address from outside: give a public name such as brine.example.com")]
    NotPublic,
    /// A user name or password in the address.
    #[error("the address must hold no user name or password")]
    Credentials,
    /// A query or a fragment.
    #[error("the address must end after its path: without ? and #")]
    Rest,
    /// A path that is not read the same way by everyone.
    #[error("the path may hold letters, digits and . _ ~ - between single slashes, and no . or .. alone")]
    Path,
    /// A path where Forge would drop it.
    #[error("with Forge the address must have no path: the pages' calls are resolved against the host alone")]
    PathInForge,
}

impl Address {
    /// There is something after the host.
    pub(super) fn has_path(&self) -> bool {
        self.0.trim_start_matches("https://").contains('/')
    }
}

impl FromStr for Address {
    type Err = WrongAddress;

    fn from_str(text: &str) -> Result<Self, WrongAddress> {
        let url = Url::parse(text).map_err(|_| WrongAddress::Form)?;
        if url.scheme() != "https" {
            return Err(WrongAddress::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WrongAddress::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(WrongAddress::Rest);
        }
        match url.host() {
            Some(Host::Domain(name)) if is_public(name) => {}
            _ => return Err(WrongAddress::NotPublic),
        }
        let path = url.path().trim_end_matches('/');
        // The parser has taken . and .. away already: what it changed is not what was meant.
        let unchanged = text.trim_end_matches('/').ends_with(path);
        if !unchanged || !path.split('/').skip(1).all(is_plain) || text.contains("/.") || text.contains('\\') {
            return Err(WrongAddress::Path);
        }
        Ok(Self(format!("{}{path}", url.origin().ascii_serialization())))
    }
}

fn is_public(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let local = [".localhost", ".local", ".internal", ".test", ".invalid", ".home.arpa"];
    let known = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    known && name.contains('.') && !local.iter().any(|end| name.ends_with(end))
}

fn is_plain(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~-".contains(&b))
}

impl fmt::Display for Address {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_public_https_address_is_kept_without_the_slash_at_its_end() {
        for (text, kept) in [
            ("https://brine.example.com", "https://brine.example.com"),
            ("https://brine.example.com/", "https://brine.example.com"),
            ("HTTPS://Brine.Example.com:8443/", "https://brine.example.com:8443"),
            ("https://example.com/apps/brine_1/", "https://example.com/apps/brine_1"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!((address.to_string().as_str(), address.has_path()), (kept, kept.contains("/apps")));
        }
    }

    #[test]
    fn each_wrong_address_is_told_what_is_wrong_with_it() {
        for (text, wrong) in [
            ("", WrongAddress::Form),
            ("brine.example.com", WrongAddress::Form),
            ("http://brine.example.com", WrongAddress::NotHttps),
            ("ftp://brine.example.com", WrongAddress::NotHttps),
            ("https://localhost", WrongAddress::NotPublic),
            ("https://brine", WrongAddress::NotPublic),
            ("https://brine.internal", WrongAddress::NotPublic),
            ("https://10.0.0.7", WrongAddress::NotPublic),
            ("https://[::1]", WrongAddress::NotPublic),
            ("https://a:b@brine.example.com", WrongAddress::Credentials),
            ("https://brine.example.com?x=1", WrongAddress::Rest),
            ("https://brine.example.com/#top", WrongAddress::Rest),
            ("https://brine.example.com/a/../b", WrongAddress::Path),
            ("https://brine.example.com/./a", WrongAddress::Path),
            ("https://brine.example.com/a//b", WrongAddress::Path),
            ("https://brine.example.com/a%2Fb", WrongAddress::Path),
            ("https://brine.example.com/a\\b", WrongAddress::Path),
            ("https://brine.example.com/a b", WrongAddress::Path),
            ("https://brine.example.com/\"a", WrongAddress::Path),
        ] {
            assert_eq!(text.parse::<Address>(), Err(wrong), "{text:?}");
        }
    }
}
