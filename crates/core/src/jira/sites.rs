//! Which sites may install: the base URL of an install payload is where we will send signed requests, so it must be a
//! host that the operator named. Anything else would let an installer turn us against the operator's own network.

use url::{Host, Url};

use crate::ids::CloudId;

/// Host patterns: "*.atlassian.net" (https, any name below), "jira.example.com" (https), and for one machine
/// "127.0.0.1:*" or "localhost:8931" (http or https, that port or any).
#[derive(Clone, Debug)]
pub struct AllowedSites(Vec<Pattern>);

#[derive(Clone, Debug)]
struct Pattern {
    host: String,
    below: bool,
    port: Port,
}

#[derive(Clone, Copy, Debug)]
enum Port {
    Standard,
    Any,
    This(u16),
}

/// Why an address is not a site of ours. Holds no part of the address, which came from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// No URL, or one with a user, a query or a fragment.
    #[error("the site's base URL is not a plain web address")]
    NotPlain,
    /// http outside this machine.
    #[error("the site's base URL must begin with https://")]
    NotHttps,
    /// No pattern fits.
    #[error("the site's host is not among the allowed sites (setting connect.allowed_sites)")]
    NotAllowed,
}

impl AllowedSites {
    /// Reads the patterns; one that is no pattern fits nothing.
    pub fn new(patterns: &[String]) -> Self {
        Self(patterns.iter().filter_map(|pattern| Pattern::parse(pattern)).collect())
    }

    /// The base URL when it is a site of ours.
    pub fn check(&self, base_url: &str) -> Result<Url, SiteError> {
        // The URL parser forgives white space and backslashes; other readers of the same text may not.
        if base_url.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(SiteError::NotPlain);
        }
        let url = Url::parse(base_url).map_err(|_| SiteError::NotPlain)?;
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if !is_plain {
            return Err(SiteError::NotPlain);
        }
        let is_local = match url.host().ok_or(SiteError::NotPlain)? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        match url.scheme() {
            "https" => {}
            "http" if is_local => {}
            "http" => return Err(SiteError::NotHttps),
            _ => return Err(SiteError::NotPlain),
        }
        if self.0.iter().any(|pattern| pattern.fits(&url)) { Ok(url) } else { Err(SiteError::NotAllowed) }
    }
}

/// Where Atlassian takes calls to a site's REST API by Forge.
const API_HOST: &str = "api.atlassian.com";

impl AllowedSites {
    /// The address of a site's REST API as a call by Forge gives it, when it is Atlassian's own or an allowed site's.
    /// Tokens of that site go there.
    pub fn check_api(&self, given: Option<&str>, cloud_id: &CloudId) -> Result<Url, SiteError> {
        let usual = format!("https://{API_HOST}/ex/jira/{cloud_id}");
        let address = given.unwrap_or(&usual);
        let atlassian = Self(Pattern::parse(API_HOST).into_iter().collect());
        atlassian.check(address).or_else(|_| self.check(address))
    }
}

impl Pattern {
    fn parse(pattern: &str) -> Option<Self> {
        let pattern = pattern.trim().to_ascii_lowercase();
        let (host, port) = match pattern.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            None => (pattern.as_str(), Port::Standard),
            Some((host, "*")) => (host, Port::Any),
            Some((host, port)) => (host, Port::This(port.parse().ok()?)),
        };
        let (host, below) = match host.strip_prefix("*.") {
            Some(host) => (host, true),
            None => (host, false),
        };
        // A star anywhere else, or before a single label ("*.net"), would allow what nobody meant.
        let is_sound = !host.is_empty() && !host.contains('*') && (!below || host.contains('.'));
        is_sound.then(|| Self { host: host.to_owned(), below, port })
    }

    fn fits(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let host_fits = if self.below {
            host.strip_suffix(&self.host).and_then(|rest| rest.strip_suffix('.')).is_some_and(|name| !name.is_empty())
        } else {
            host == self.host
        };
        host_fits
            && match self.port {
                Port::Standard => url.port().is_none(),
                Port::Any => true,
                Port::This(port) => url.port_or_known_default() == Some(port),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::{AllowedSites, SiteError};
    use crate::ids::CloudId;

    #[test]
    fn tokens_of_a_site_go_to_atlassian_or_to_an_allowed_site() {
        let sites = sites(&["*.atlassian.net", "127.0.0.1:*"]);
        let checked = |address: Option<&str>| sites.check_api(address, &CloudId::new("c-1")).map(|url| url.to_string());
        assert_eq!(checked(None).as_deref(), Ok("https://api.atlassian.com/ex/jira/c-1"));
        for good in ["https://api.atlassian.com/ex/jira/c-1", "http://127.0.0.1:4711/ex/jira/c-1"] {
            assert_eq!(checked(Some(good)).as_deref(), Ok(good));
        }
        for bad in [
            "https://api.atlassian.com.evil.example/ex/jira/c-1",
            "https://evil.example/ex/jira/c-1",
            "http://api.atlassian.com/ex/jira/c-1",
            "https://api.atlassian.com@evil.example/ex/jira/c-1",
            "http://169.254.169.254/ex/jira/c-1",
            "http://localhost:1/ex/jira/c-1",
            "",
        ] {
            assert!(checked(Some(bad)).is_err(), "{bad}");
        }
    }

    fn sites(patterns: &[&str]) -> AllowedSites {
        AllowedSites::new(&patterns.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn sites_that_are_named_may_install() {
        let sites = sites(&["*.atlassian.net", "Jira.Example.com", "127.0.0.1:*", "localhost:8931", "[::1]:*"]);
        for url in [
            "https://acme.atlassian.net",
            "https://ACME.atlassian.net/",
            "https://acme.atlassian.net:443/jira",
            "https://jira.example.com",
            "http://127.0.0.1:4711",
            "https://127.0.0.1",
            "http://localhost:8931/",
            "http://[::1]:80",
        ] {
            assert!(sites.check(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn everything_else_may_not() {
        let sites = sites(&["*.atlassian.net", "localhost:8931", "*", "*.net", "10.0.0.*", ""]);
        for (url, error) in [
            ("https://atlassian.net", SiteError::NotAllowed),
            ("https://.atlassian.net", SiteError::NotAllowed),
            ("https://evilatlassian.net", SiteError::NotAllowed),
            ("https://acme.atlassian.net.evil.example", SiteError::NotAllowed),
            ("https://acme.atlassian.net.", SiteError::NotAllowed),
            ("https://acme.atlassian.net:8443", SiteError::NotAllowed),
            ("https://evil.example", SiteError::NotAllowed),
            ("https://evil.net", SiteError::NotAllowed),
            ("https://10.0.0.1", SiteError::NotAllowed),
            ("https://169.254.169.254", SiteError::NotAllowed),
            ("https://[::ffff:127.0.0.1]:8931", SiteError::NotAllowed),
            ("http://127.0.0.1:8931", SiteError::NotAllowed),
            ("http://localhost:22", SiteError::NotAllowed),
            ("http://localhost", SiteError::NotAllowed),
            ("http://acme.atlassian.net", SiteError::NotHttps),
            ("http://169.254.169.254/latest/meta-data", SiteError::NotHttps),
            ("https://evil.example#.atlassian.net", SiteError::NotPlain),
            ("https://evil.example?.atlassian.net", SiteError::NotPlain),
            ("https://acme.atlassian.net@evil.example", SiteError::NotPlain),
            ("https://user:pw@acme.atlassian.net", SiteError::NotPlain),
            ("https://evil.example\\.atlassian.net", SiteError::NotPlain),
            ("https://acme.atlassian.net\n", SiteError::NotPlain),
            ("file:///etc/passwd", SiteError::NotPlain),
            ("ftp://localhost:8931", SiteError::NotPlain),
            ("gopher:localhost", SiteError::NotPlain),
            ("acme.atlassian.net", SiteError::NotPlain),
            ("", SiteError::NotPlain),
        ] {
            assert_eq!(sites.check(url), Err(error), "{url}");
        }
    }
}
