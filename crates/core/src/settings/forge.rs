//! Atlassian Forge: which apps' calls are taken, and whose keys prove them.

use url::Url;

use super::reader::Reader;
use super::{Server, is_loopback};

/// What every app id begins with, as tokens name it.
const APP: &str = "ari:cloud:ecosystem::app/";

/// Atlassian Forge.
#[derive(Clone, Debug)]
pub struct Forge {
    /// Where Atlassian publishes the keys that sign invocation tokens.
    pub jwks_url: Url,
    /// The Forge apps whose calls are taken, as full ids ("ari:cloud:ecosystem::app/…"). None: no call by Forge is taken.
    pub app_ids: Vec<String>,
}

pub(super) fn read(reader: &mut Reader) -> Option<Forge> {
    let jwks_url = reader.web_address("forge.jwks_url");
    let app_ids = reader.list("forge.app_ids");
    let mut full = Vec::new();
    for id in app_ids.iter().flatten() {
        let bare = id.strip_prefix(APP).unwrap_or(id);
        if (1..=100).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            full.push(format!("{APP}{bare}"));
        } else {
            reader.refuse("forge.app_ids", format!("must hold ids such as {APP}<uuid>, got {id:?}"));
        }
    }
    app_ids?;
    Some(Forge { jwks_url: jwks_url?, app_ids: full })
}

impl Forge {
    /// Keys from this machine prove nothing to a Brine that is reached from elsewhere.
    pub(super) fn check_against(&self, server: &Server, reader: &mut Reader) {
        if is_loopback(&self.jwks_url) && !is_loopback(&server.base_url) {
            reader.refuse("forge.jwks_url", "must not point to this machine while server.base_url does not");
        }
    }
}
