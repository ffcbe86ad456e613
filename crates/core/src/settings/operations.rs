//! Where operators look: health and metrics, apart from what Jira reaches.

use std::net::{Ipv4Addr, SocketAddr};

use super::reader::Reader;

const USUAL_PORT: u16 = 8931;

/// The operators' address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operations {
    /// Nothing is served.
    Off,
    /// The usual address of this machine. Another Brine may have it already: that is no reason not to start.
    Usual(SocketAddr),
    /// What the operator asked for.
    At(SocketAddr),
}

pub(super) fn read(reader: &mut Reader) -> Option<Operations> {
    match reader.optional_text("operations.bind").as_deref() {
        None => Some(Operations::Usual((Ipv4Addr::LOCALHOST, USUAL_PORT).into())),
        Some("off") => Some(Operations::Off),
        Some(_) => {
            let bind = reader.parsed("operations.bind", "an address and a port such as 127.0.0.1:8931, or off")?;
            Some(Operations::At(bind))
        }
    }
}
