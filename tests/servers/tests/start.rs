//! The servers start, answer, come back, and are gone afterwards.

use std::net::TcpStream;

use anyhow::Result;
use brine_servers::{Postgres, Redis};

#[test]
fn postgres_comes_back_with_what_was_committed_and_is_gone_when_dropped() -> Result<()> {
    let mut server = Postgres::start()?;
    let url = server.database()?;
    server.sql(&url, "CREATE TABLE t (n BIGINT); INSERT INTO t VALUES (7)")?;
    server.again()?;
    assert_eq!(server.sql(&url, "SELECT n FROM t")?.trim(), "7");
    let other = server.database()?;
    assert!(server.sql(&other, "SELECT n FROM t").is_err());
    drop(server);
    Ok(())
}

#[test]
fn redis_forgets_and_is_gone_when_dropped() -> Result<()> {
    let mut server = Redis::start()?;
    server.cli(&["set", "a", "1"])?;
    assert_eq!(server.cli(&["get", "a"])?, "1");
    server.again()?;
    assert_eq!(server.cli(&["get", "a"])?, "");
    let port = server.port();
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    Ok(())
}
