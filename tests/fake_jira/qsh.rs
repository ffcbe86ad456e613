//! The query string hash as Jira computes it, written from Atlassian's description and on purpose not shared with Brine:
//! two independent readings of the rule hold each other.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// RFC 3986 "unreserved" stays as it is; everything else is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Lower-case hex SHA-256 of the canonical request.
pub fn qsh(method: &str, path: &str, query: &str) -> String {
    hex::encode(Sha256::digest(canonical(method, path, query)))
}

/// `METHOD&path&query`. `path` is raw (still encoded) and relative to the product's or app's base URL.
pub fn canonical(method: &str, path: &str, query: &str) -> String {
    format!("{}&{}&{}", method.to_uppercase(), canonical_path(path), canonical_query(query))
}

fn canonical_path(path: &str) -> String {
    let path = path.replace('&', "%26");
    let path = if path.starts_with('/') { path } else { format!("/{path}") };
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(shorter) => shorter.to_owned(),
    }
}

fn canonical_query(query: &str) -> String {
    let mut by_key: BTreeMap<String, Vec<Vec<u16>>> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = decode(key);
        if key != "jwt" {
            // Java compares strings by UTF-16 unit.
            by_key.entry(encode(&key)).or_default().push(decode(value).encode_utf16().collect());
        }
    }
    let pairs = by_key.into_iter().map(|(key, mut values)| {
        values.sort();
        let values: Vec<String> = values.iter().map(|value| encode(&String::from_utf16_lossy(value))).collect();
        format!("{key}={}", values.join(","))
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hashes_of_the_javascript_library_hold() {
        assert!(qsh("GET", "/path", "").starts_with("799be84a"), "{}", qsh("GET", "/path", ""));
        assert!(qsh("GET", "/", "").starts_with("c88caad1"), "{}", qsh("GET", "/", ""));
    }

    #[test]
    fn keys_are_sorted_encoded_and_repeated_values_joined() {
        let canonical = canonical("get", "/x/", "b=2&a%3A=1&a=z&a=y+y&jwt=gone&empty");
        assert_eq!(canonical, "GET&/x&a=y%20y,z&a%3A=1&b=2&empty=");
    }

    #[test]
    fn an_ampersand_in_the_path_is_encoded() {
        assert_eq!(canonical("GET", "a&b", ""), "GET&/a%26b&");
    }
}
