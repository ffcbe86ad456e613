//! `make bench-webhooks`: webhooks that are proven, written down and queued in a second, and the memory that takes, by Brine
//! and by an app of Atlassian's own framework (`tests/node/bench-express`), from one sender on the same machine, with the same
//! Postgres and Redis and the same durability. Prints a line for each, and how they compare.
//!
//! | variable | what it says |
//! |---|---|
//! | `BENCH_SECONDS` | how long each is measured, after a third of that to get warm; 10 |
//! | `BENCH_CONNECTIONS` | webhooks on their way at the same time, each on a connection of its own; 64 |
//! | `BENCH_BRINE` | what to measure of Brine: `web` (Postgres, Redis) or `serve` (SQLite, one process); `web` |
//! | `BENCH_PEER` | `0` leaves the peer out |

mod brine;
mod outcome;
mod peer;
mod processes;
mod request;
mod sender;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use brine_servers::{Postgres, Redis};
use brine_tests::fake_jira::{FakeJira, FakeOptions};

use brine::{Brine, Role};
use outcome::Outcome;
use peer::Peer;
use processes::Family;
use request::Webhooks;
use sender::Load;

/// Atlassian's framework runs in one process; Node's cluster lets it have both cores.
const PEER_PROCESSES: [usize; 2] = [1, 2];

struct Plan {
    load: Load,
    role: Role,
    peer: bool,
}

/// Both get a server that flushes each commit to the disk, and a queue that is on the disk within a second.
struct Servers {
    postgres: Postgres,
    redis: Redis,
}

impl Servers {
    fn start() -> Result<Self> {
        let redis = Redis::with(&["--appendonly", "yes", "--appendfsync", "everysec"])?;
        Ok(Self { postgres: Postgres::durable()?, redis })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-webhooks: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let plan = plan()?;
    println!("{}", outcome::heading(&plan.load));
    let mut peers = Vec::new();
    for processes in PEER_PROCESSES.into_iter().filter(|_| plan.peer) {
        let outcome = measure_peer(&plan, processes).await?;
        println!("{outcome}");
        peers.push(outcome);
    }
    let ours = measure_brine(&plan).await?;
    println!("{ours}");
    if let Some(comparison) = outcome::comparison(&ours, &peers) {
        println!("{comparison}");
    }
    Ok(())
}

fn plan() -> Result<Plan> {
    let seconds = number("BENCH_SECONDS", 10)?;
    let connections = usize::try_from(number("BENCH_CONNECTIONS", 64)?)?;
    ensure!(seconds > 0 && connections > 0, "BENCH_SECONDS and BENCH_CONNECTIONS are at least 1");
    let role = match variable("BENCH_BRINE").as_deref() {
        None | Some("web") => Role::Web,
        Some("serve") => Role::Serve,
        Some(other) => anyhow::bail!("BENCH_BRINE is {other:?}, which is neither web nor serve"),
    };
    let measured = Duration::from_secs(seconds);
    let load = Load { connections, warm: measured / 3, measured };
    Ok(Plan { load, role, peer: variable("BENCH_PEER").as_deref() != Some("0") })
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn number(name: &str, usual: u64) -> Result<u64> {
    variable(name).map_or(Ok(usual), |text| text.parse()).with_context(|| format!("{name} is not a whole number"))
}

async fn site() -> Result<FakeJira> {
    let jira = FakeJira::start(FakeOptions::default()).await?;
    jira.create_project("SHOP", "Web shop");
    Ok(jira)
}

async fn measure_peer(plan: &Plan, processes: usize) -> Result<Outcome> {
    let (servers, jira) = (Servers::start()?, site().await?);
    let database = servers.postgres.database()?;
    let peer = Peer::start(&jira, &database, servers.redis.port(), processes).await?;
    let webhooks = Webhooks::new(jira.install(peer.base()).await?, jira.person("alice")?)?;
    let run = plan.load.run(webhooks, Family::of(peer.process()?)).await?;
    let rows = servers.postgres.sql(&database, "SELECT COUNT(*) FROM jobs")?;
    let queued = servers.redis.cli(&["llen", "bull:webhooks:wait"])?;
    for (what, found) in [("row", rows), ("queued job", queued)] {
        ensure!(found.trim() == run.accepted.to_string(), "{} accepted, but {} {what}s", run.accepted, found.trim());
    }
    let name = if processes == 1 { "atlassian-connect-express".to_owned() } else { format!("the same × {processes}") };
    Ok(Outcome { name, run })
}

async fn measure_brine(plan: &Plan) -> Result<Outcome> {
    let (servers, jira) = (Servers::start()?, site().await?);
    let database = servers.postgres.database()?;
    let brine = Brine::start(&jira, plan.role, &database, &servers.redis.url()).await?;
    let installation = jira.install(brine.base()).await?;
    brine.write_by_itself(&jira).await?;
    let webhooks = Webhooks::new(installation, jira.person("alice")?)?;
    let run = plan.load.run(webhooks, Family::of(brine.process()?)).await?;
    let rows = match plan.role {
        Role::Web => servers.postgres.sql(&database, "SELECT COUNT(*) FROM jobs")?.trim().parse()?,
        Role::Serve => brine.jobs(&jira).await?,
    };
    ensure!(rows == run.accepted, "{} accepted, but {rows} rows", run.accepted);
    Ok(Outcome { name: plan.role.name().to_owned(), run })
}
