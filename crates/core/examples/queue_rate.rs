//! How fast Brine's queue in Redis is, next to BullMQ on the same server with the same durability: `make bench-queue`.
//!
//! Both run here, one after the other, round after round. What is counted: jobs that were added, taken and noted as finished.
//! The row in the jobs table, which Brine writes besides, is no part of this.

use std::error::Error;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use brine_core::clock::Clock;
use brine_core::ids::{JobId, TenantId};
use brine_core::jobs::Class;
use brine_core::queue::{Queue, RedisQueue, Ticket};
use brine_core::settings::QueueSettings;
use brine_servers::Redis;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

const JOBS: u64 = 20_000;
const CONSUMERS: usize = 16;
const TENANTS: u64 = 50;
const ROUNDS: usize = 3;
const PACE: u64 = 200;
const PACED_JOBS: u64 = 2000;
const MANY: u64 = 1_000_000;
const TAKES: usize = 2000;
/// How many jobs are in work, whatever the version of the keys.
const IN_WORK: &str = "local sum = 0 for _, key in ipairs(redis.call('keys', '*:work')) do sum = sum + redis.call('zcard', key) end return sum";

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Jobs a second, and milliseconds from adding to start.
#[derive(Debug, Deserialize)]
struct Measured {
    rate: f64,
    p50: Option<f64>,
    p99: Option<f64>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let server = Redis::with(&["--appendonly", "yes", "--appendfsync", "everysec"])?;
    println!("{}; appendonly yes, appendfsync everysec", version(&server)?);
    println!(
        "{JOBS} jobs of {TENANTS} tenants, {CONSUMERS} producers and as many consumers; {ROUNDS} rounds, the median\n"
    );
    for (name, mode) in [("added one by one", "one-by-one"), ("added in bulk, 500 at a time", "bulk")] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(rate(&server, mode == "bulk").await?);
            theirs.push(bullmq(&server, mode, JOBS)?.rate);
        }
        let (ours, theirs) = (median(ours), median(theirs));
        println!("{name}: Brine {ours:.0} jobs/s, BullMQ {theirs:.0} jobs/s, {:.1} times", ours / theirs);
    }
    let (p50, p99) = at_pace(&server).await?;
    let theirs = bullmq(&server, &PACE.to_string(), PACED_JOBS)?;
    let (their_p50, their_p99) = (theirs.p50.unwrap_or(f64::NAN), theirs.p99.unwrap_or(f64::NAN));
    println!(
        "from adding to start at {PACE} jobs/s, p50 / p99: Brine {p50:.2} / {p99:.2} ms, BullMQ {their_p50:.2} / {their_p99:.2} ms\n"
    );
    waiting(&server).await
}

/// With a limit that is never reached, so that the end of each job is noted in Redis.
async fn queue(server: &Redis) -> Result<Arc<RedisQueue>> {
    server.cli(&["flushall"])?;
    let settings =
        QueueSettings { url: Some(server.url().into()), name: "bench".to_owned(), tenant_concurrency: Some(1000) };
    Ok(Arc::new(RedisQueue::connect(&settings, Clock::system()).await?))
}

fn ticket(number: u64, tenants: u64) -> Ticket {
    Ticket {
        job: JobId::make(),
        tenant: TenantId::new(format!("0198c2f0-0000-7000-8000-{:012}", number % tenants)),
        class: Class::Bulk,
        not_before: Clock::system().now(),
        cost: 2000,
    }
}

async fn rate(server: &Redis, bulk: bool) -> Result<f64> {
    let queue = queue(server).await?;
    let left = Arc::new(AtomicU64::new(JOBS));
    let (done, mut all_done) = mpsc::channel::<()>(1);
    let mut tasks = JoinSet::new();
    for _ in 0..CONSUMERS {
        let (queue, left, done) = (Arc::clone(&queue), Arc::clone(&left), done.clone());
        tasks.spawn(async move {
            loop {
                let ticket = queue.pop().await;
                queue.finished(&ticket.tenant, &ticket.job).await;
                if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                    let _ = done.send(()).await;
                }
            }
        });
    }
    let begin = Instant::now();
    if bulk {
        for from in (0..JOBS).step_by(500) {
            queue.push_all((from..JOBS.min(from + 500)).map(|number| ticket(number, TENANTS)).collect()).await;
        }
    } else {
        for producer in 0..CONSUMERS {
            let queue = Arc::clone(&queue);
            tasks.spawn(async move {
                for number in (0..JOBS).skip(producer).step_by(CONSUMERS) {
                    queue.push(ticket(number, TENANTS)).await;
                }
            });
        }
    }
    all_done.recv().await;
    // The last notes may still be on their way: what is asked for after them is answered after them.
    queue.remove(&ticket(0, TENANTS)).await;
    let seconds = begin.elapsed().as_secs_f64();
    tasks.shutdown().await;
    let in_work = server.cli(&["eval", IN_WORK, "0"])?;
    if in_work != "0" {
        return Err(format!("{in_work} jobs were not noted as finished").into());
    }
    Ok(to_f64(JOBS) / seconds)
}

/// Milliseconds from adding to start, median and 99 of 100, at a pace that leaves workers idle at times.
async fn at_pace(server: &Redis) -> Result<(f64, f64)> {
    let queue = queue(server).await?;
    let (sender, mut started) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    for _ in 0..CONSUMERS {
        let (queue, sender) = (Arc::clone(&queue), sender.clone());
        tasks.spawn(async move {
            loop {
                let ticket = queue.pop().await;
                let _ = sender.send((ticket.job.clone(), Instant::now()));
                queue.finished(&ticket.tenant, &ticket.job).await;
            }
        });
    }
    let mut added = std::collections::HashMap::new();
    let mut ticks = tokio::time::interval(Duration::from_millis(1000 / PACE));
    for number in 0..PACED_JOBS {
        ticks.tick().await;
        let ticket = ticket(number, TENANTS);
        added.insert(ticket.job.clone(), Instant::now());
        let queue = Arc::clone(&queue);
        tasks.spawn(async move { queue.push(ticket).await });
    }
    let mut waits = Vec::new();
    for _ in 0..PACED_JOBS {
        let (job, at) = started.recv().await.ok_or("the consumers ended")?;
        let begin = added.get(&job).ok_or("an unknown job")?;
        waits.push(at.duration_since(*begin).as_secs_f64() * 1000.0);
    }
    tasks.shutdown().await;
    Ok((share(&mut waits, 50), share(&mut waits, 99)))
}

/// Memory of a waiting job, and what taking costs with few and with many of them.
async fn waiting(server: &Redis) -> Result<()> {
    for (tenants, jobs) in [(TENANTS, 1000), (TENANTS, MANY), (10_000, MANY)] {
        let queue = queue(server).await?;
        let before = used(server)?;
        for from in (0..jobs).step_by(10_000) {
            queue.push_all((from..jobs.min(from + 10_000)).map(|number| ticket(number, tenants)).collect()).await;
        }
        let bytes = (used(server)? - before) / to_f64(jobs);
        let mut takes = Vec::new();
        // As many are added as are taken, so that as many wait all the time.
        for number in 0..TAKES {
            let begin = Instant::now();
            let taken = queue.pop().await;
            takes.push(begin.elapsed().as_secs_f64() * 1000.0);
            queue.finished(&taken.tenant, &taken.job).await;
            queue.push(ticket(u64::try_from(number)?, tenants)).await;
        }
        let (p50, p99) = (share(&mut takes, 50), share(&mut takes, 99));
        println!("{jobs} waiting of {tenants} tenants: {bytes:.0} bytes each; a take {p50:.3} ms, p99 {p99:.3} ms");
    }
    Ok(())
}

fn bullmq(server: &Redis, mode: &str, jobs: u64) -> Result<Measured> {
    server.cli(&["flushall"])?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/node/bench/bullmq.mjs");
    let (port, jobs, consumers) = (server.port().to_string(), jobs.to_string(), CONSUMERS.to_string());
    let output = Command::new("node").args([script, &port, mode, &jobs, &consumers]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn version(server: &Redis) -> Result<String> {
    let info = server.cli(&["info", "server"])?;
    let version = info.lines().find_map(|line| line.strip_prefix("redis_version:")).unwrap_or("unknown");
    Ok(format!("Redis {}", version.trim()))
}

fn used(server: &Redis) -> Result<f64> {
    let info = server.cli(&["info", "memory"])?;
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")).ok_or("no used_memory")?;
    Ok(used.trim().parse()?)
}

fn median(mut values: Vec<f64>) -> f64 {
    share(&mut values, 50)
}

/// The value that so many of a hundred do not exceed.
fn share(values: &mut [f64], of_hundred: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() * of_hundred / 100).min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn to_f64(number: u64) -> f64 {
    number as f64
}
