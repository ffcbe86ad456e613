//! Real Postgres and Redis servers for tests: each is started on loopback with a folder of its own, and is gone when it is
//! dropped or when the process of the test ends, however it ends. A machine without their programs fails the test and is told
//! what to install (`scripts/setup.sh test`).

mod certificate;
mod disk;
mod leash;
mod postgres;
mod redis;

pub use disk::SmallDisk;
pub use postgres::Postgres;
pub use redis::Redis;

use std::net::TcpListener;

use anyhow::Result;

/// A port of loopback that nobody listens on now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
