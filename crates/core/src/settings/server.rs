//! Where the server listens and how it is reached.

use std::net::SocketAddr;

use url::Url;

use super::reader::Reader;

/// The web server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it listens; port 0 takes any free one.
    pub bind: SocketAddr,
    /// The address under which Jira and browsers reach it.
    pub base_url: Url,
    /// A proxy in front of it names the caller's address in `X-Forwarded-For`; otherwise that header is not believed.
    pub behind_proxy: bool,
}

pub(super) fn read(reader: &mut Reader) -> Option<Server> {
    let bind = reader.parsed("server.bind", "an address and a port such as 127.0.0.1:8930");
    let base_url = reader.web_address("server.base_url");
    if let Some(url) = &base_url
        && (url.query().is_some() || url.fragment().is_some())
    {
        reader.refuse("server.base_url", "must end after its path");
    }
    let behind_proxy = reader.switch("server.behind_proxy");
    Some(Server { bind: bind?, base_url: base_url?, behind_proxy: behind_proxy? })
}
