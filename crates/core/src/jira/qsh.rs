//! The query string hash of Connect: binds a token to one method, path and query.
//!
//! canonical request = METHOD `&` path `&` query; the hash is its SHA-256 in lower-case hex. Atlassian's own
//! implementations differ in two places (order of keys; path raw or decoded), so a signer has one hash and a verifier
//! accepts up to four.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The hashes that stand for one request. The first is the one to sign with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashes(Vec<String>);

impl Hashes {
    /// The hash that Jira computes: keys in their encoded order, path as sent.
    pub fn signing(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// Whether `qsh` is one of them. Takes the same time for every `qsh` of the right length.
    pub fn accepts(&self, qsh: &str) -> bool {
        self.0.iter().fold(false, |found, hash| bool::from(hash.as_bytes().ct_eq(qsh.as_bytes())) | found)
    }
}

/// The hashes of a request as it stands on the wire: `raw_path` and `raw_query` are not decoded, `base_path` is the path
/// of the base URL of the side that receives it ("" or "/" when it has none).
pub fn query_string_hash(method: &str, raw_path: &str, raw_query: &str, base_path: &str) -> Hashes {
    let method = method.to_ascii_uppercase();
    let path = below_base(raw_path, base_path);
    let mut paths = vec![canonical_path(path)];
    let decoded = canonical_path(&percent_decode_str(path).decode_utf8_lossy());
    if !paths.contains(&decoded) {
        paths.push(decoded);
    }
    let mut hashes = Vec::with_capacity(4);
    for path in &paths {
        for query in canonical_queries(raw_query) {
            let hash = hex::encode(Sha256::digest(format!("{method}&{path}&{query}")));
            if !hashes.contains(&hash) {
                hashes.push(hash);
            }
        }
    }
    Hashes(hashes)
}

/// Encodes everything but RFC 3986's unreserved characters: what the hash is made of, and therefore what we send.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The path with the base's own path taken off, at a segment's border only.
fn below_base<'a>(raw_path: &'a str, base_path: &str) -> &'a str {
    let base = base_path.trim_end_matches('/');
    match raw_path.strip_prefix(base) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
        _ => raw_path,
    }
}

fn canonical_path(path: &str) -> String {
    let mut path = path.replace('&', "%26");
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    if path.len() > 1 && path.ends_with('/') {
        path.pop();
    }
    path
}

/// The canonical query with its keys sorted as encoded (Java, Python), then as decoded UTF-16 (JavaScript).
fn canonical_queries(raw_query: &str) -> [String; 2] {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in raw_query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = form_decode(key);
        if key != "jwt" {
            values.entry(key).or_default().push(form_decode(value));
        }
    }
    let mut pairs: Vec<(String, String, String)> = values
        .into_iter()
        .map(|(key, mut values)| {
            values.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            let values: Vec<String> = values.iter().map(|value| encode(value)).collect();
            (encode(&key), key, values.join(","))
        })
        .collect();
    pairs.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    let by_encoded_key = joined(&pairs);
    pairs.sort_by(|(_, a, _), (_, b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    [by_encoded_key, joined(&pairs)]
}

fn joined(pairs: &[(String, String, String)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(key, _, values)| format!("{key}={values}")).collect();
    pairs.join("&")
}

fn form_decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
#[path = "qsh_tests.rs"]
mod tests;
