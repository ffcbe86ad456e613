//! `make bench-webhooks`: webhooks that are proven, written down and queued in a second, and the memory that takes, by Brine
//! and by an app of Atlassian's own framework (`tests/node/bench-express`), from one sender on the same machine, with the same
//! Postgres and Redis and the same durability. Each program is measured with several numbers of connections; what it makes at a p99
//! within the same limit for all counts. Prints a line for each measurement, and compares the fastest of the peers' with the fastest of ours
//! that also keeps to the memory that is wanted.
//!
//! | variable | what it says |
//! |---|---|
//! | `BENCH_SECONDS` | how long each is measured, after a third of that to get warm; 10 |
//! | `BENCH_CONNECTIONS` | webhooks on their way at the same time, each on a connection of its own: a list, fewest first; 32,64,128,256,512 |
//! | `BENCH_P99_MS` | the longest p99 with which a measurement counts; 200 |
//! | `BENCH_BRINE` | what to measure of Brine: `web` (Postgres, Redis) or `serve` (SQLite, one process); `web` |
//! | `BENCH_PEER` | `0` leaves the peer out |

mod brine;
mod outcome;
mod peer;
mod processes;
mod request;
mod sender;

use std::process::ExitCode;
use std::sync::Arc;
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

/// Numbers of connections among which each program finds its best.
const CONNECTIONS: &str = "32,64,128,256,512";
/// Longer than either needs at its best, and short enough for the five seconds in which Jira wants an answer to hold in a storm.
const P99_MS: u64 = 200;

struct Plan {
    loads: Vec<Load>,
    p99: Duration,
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
    println!("{}", outcome::heading(&plan.loads, plan.p99));
    let mut peers = Vec::new();
    for processes in PEER_PROCESSES.into_iter().filter(|_| plan.peer) {
        peers.extend(outcome::fastest(measure_peer(&plan, processes).await?));
    }
    let ours = measure_brine(&plan).await?;
    if plan.peer {
        println!("{}", outcome::comparison(&ours, &peers));
    }
    Ok(())
}

fn plan() -> Result<Plan> {
    let seconds = number("BENCH_SECONDS", 10)?;
    let p99 = Duration::from_millis(number("BENCH_P99_MS", P99_MS)?);
    ensure!(seconds > 0, "BENCH_SECONDS is at least 1");
    let role = match variable("BENCH_BRINE").as_deref() {
        None | Some("web") => Role::Web,
        Some("serve") => Role::Serve,
        Some(other) => anyhow::bail!("BENCH_BRINE is {other:?}, which is neither web nor serve"),
    };
    let measured = Duration::from_secs(seconds);
    let counts = variable("BENCH_CONNECTIONS").unwrap_or_else(|| CONNECTIONS.to_owned());
    let counts: Vec<usize> = counts
        .split(',')
        .map(|count| count.trim().parse().ok().filter(|count| *count > 0))
        .collect::<Option<_>>()
        .context("BENCH_CONNECTIONS is a list of whole numbers from 1")?;
    let loads = counts.into_iter().map(|connections| Load { connections, warm: measured / 3, measured }).collect();
    Ok(Plan { loads, p99, role, peer: variable("BENCH_PEER").as_deref() != Some("0") })
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

/// Runs all loads against one program, prints what came of each, and gives those that count and the number of webhooks accepted.
async fn measure(plan: &Plan, name: &str, webhooks: Webhooks, app: &Family) -> Result<(Vec<Outcome>, u64)> {
    let (webhooks, mut counting, mut accepted) = (Arc::new(webhooks), Vec::new(), 0);
    for load in &plan.loads {
        let run = load.run(Arc::clone(&webhooks), app).await?;
        accepted += run.accepted;
        let outcome = Outcome { name: name.to_owned(), connections: load.connections, run };
        println!("{outcome}");
        if outcome.p99() <= plan.p99 {
            counting.push(outcome);
        }
    }
    Ok((counting, accepted))
}

async fn measure_peer(plan: &Plan, processes: usize) -> Result<Vec<Outcome>> {
    let (servers, jira) = (Servers::start()?, site().await?);
    let database = servers.postgres.database()?;
    let peer = Peer::start(&jira, &database, servers.redis.port(), processes).await?;
    let webhooks = Webhooks::new(jira.install(peer.base()).await?, jira.person("alice")?)?;
    let name = if processes == 1 { "atlassian-connect-express".to_owned() } else { format!("the same × {processes}") };
    let (counting, accepted) = measure(plan, &name, webhooks, &Family::of(peer.process()?)).await?;
    let rows = servers.postgres.sql(&database, "SELECT COUNT(*) FROM jobs")?;
    let queued = servers.redis.cli(&["llen", "bull:webhooks:wait"])?;
    for (what, found) in [("row", rows), ("queued job", queued)] {
        ensure!(found.trim() == accepted.to_string(), "{accepted} accepted, but {} {what}s", found.trim());
    }
    Ok(counting)
}

async fn measure_brine(plan: &Plan) -> Result<Vec<Outcome>> {
    let (servers, jira) = (Servers::start()?, site().await?);
    let database = servers.postgres.database()?;
    let brine = Brine::start(&jira, plan.role, &database, &servers.redis.url()).await?;
    let installation = jira.install(brine.base()).await?;
    brine.write_by_itself(&jira).await?;
    let webhooks = Webhooks::new(installation, jira.person("alice")?)?;
    let (counting, accepted) = measure(plan, plan.role.name(), webhooks, &Family::of(brine.process()?)).await?;
    let rows: u64 = match plan.role {
        Role::Web => servers.postgres.sql(&database, "SELECT COUNT(*) FROM jobs")?.trim().parse()?,
        Role::Serve => brine.jobs(&jira).await?,
    };
    ensure!(rows == accepted, "{accepted} accepted, but {rows} rows");
    Ok(counting)
}
