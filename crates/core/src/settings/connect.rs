//! Atlassian Connect: whose word is taken, and who may install.

use url::Url;

use super::reader::Reader;
use super::{Server, is_loopback};

/// Atlassian Connect.
#[derive(Clone, Debug)]
pub struct Connect {
    /// Where Atlassian publishes the keys that sign installations.
    pub keys_url: Url,
    /// The script that Jira's pages give to embedded apps.
    pub host_script_url: Url,
    /// Host patterns of the sites that may install: "*.atlassian.net", "jira.example.com", "127.0.0.1:*".
    pub allowed_sites: Vec<String>,
}

pub(super) fn read(reader: &mut Reader) -> Option<Connect> {
    let keys_url = reader.web_address("connect.keys_url");
    let host_script_url = reader.web_address("connect.host_script_url");
    let allowed_sites = reader.list("connect.allowed_sites");
    if let Some(sites) = &allowed_sites {
        if sites.is_empty() {
            reader.refuse("connect.allowed_sites", "must name at least one site");
        }
        for site in sites.iter().filter(|site| !is_site_pattern(site)) {
            reader.refuse("connect.allowed_sites", format!("must hold hosts such as *.atlassian.net, got {site:?}"));
        }
    }
    Some(Connect { keys_url: keys_url?, host_script_url: host_script_url?, allowed_sites: allowed_sites? })
}

impl Connect {
    /// A site on this machine makes sense only for a Brine that is not reached from elsewhere: otherwise anyone who can
    /// sign an installation could make it speak to what else runs here.
    pub(super) fn check_against(&self, server: &Server, reader: &mut Reader) {
        if is_loopback(&server.base_url) {
            return;
        }
        for site in self.allowed_sites.iter().filter(|site| is_local_pattern(site)) {
            let base_url = &server.base_url;
            reader.refuse(
                "connect.allowed_sites",
                format!("must not name this machine ({site:?}) while server.base_url is {base_url}"),
            );
        }
        if is_loopback(&self.keys_url) {
            reader.refuse("connect.keys_url", "must not point to this machine while server.base_url does not");
        }
    }
}

/// `host`, `host:port`, `host:*`, with `*.` in front for any name below a domain of at least two parts.
fn is_site_pattern(pattern: &str) -> bool {
    let (host, port) = split_port(pattern);
    if port.is_some_and(|port| port != "*" && port.parse::<u16>().is_err()) {
        return false;
    }
    if host == "[::1]" {
        return true;
    }
    let (name, least_dots) = match host.strip_prefix("*.") {
        Some(rest) => (rest, 1),
        None => (host, 0),
    };
    let parts_are_fine =
        name.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    parts_are_fine && name.matches('.').count() >= least_dots
}

fn is_local_pattern(pattern: &str) -> bool {
    let (host, _) = split_port(pattern);
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

fn split_port(pattern: &str) -> (&str, Option<&str>) {
    match pattern.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some((host, port)) => (host, Some(port)),
        None => (pattern, None),
    }
}
