//! The sender: so many connections, each of which sends the next webhook as soon as the last one was answered. It has one
//! thread, so that it leaves the other core alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::processes::{Family, Spent};
use crate::request::{Token, Webhooks};

/// The longest head of an answer; these answers have no body.
const ANSWER_BYTES: usize = 64 * 1024;

/// What is sent.
pub(crate) struct Load {
    pub(crate) connections: usize,
    /// Not measured: programs get warm, connections are made.
    pub(crate) warm: Duration,
    pub(crate) measured: Duration,
}

/// What came of it.
pub(crate) struct Run {
    /// Of the whole run.
    pub(crate) accepted: u64,
    /// Of the time that is measured.
    pub(crate) per_second: f64,
    /// From the first byte sent to the answer's last, shortest first, of the time that is measured.
    pub(crate) latencies: Vec<Duration>,
    /// The most that the app took, in bytes.
    pub(crate) memory: u64,
    /// Processor time by program, of the time that is measured.
    pub(crate) spent: Spent,
}

impl Load {
    pub(crate) async fn run(&self, webhooks: Arc<Webhooks>, app: &Family) -> Result<Run> {
        let start = Instant::now();
        let (from, until) = (start + self.warm, start + self.warm + self.measured);
        let connections = self.connections;
        let sending = tokio::task::spawn_blocking(move || send(&webhooks, connections, until));
        tokio::time::sleep_until(from.into()).await;
        let before = Spent::now()?;
        let mut memory = 0;
        while Instant::now() < until {
            memory = memory.max(app.memory()?);
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let spent = Spent::now()?.since(&before);
        let answers = sending.await??;
        let measured: Vec<_> = answers.iter().filter(|(at, _)| *at >= from && *at < until).collect();
        ensure!(!measured.is_empty(), "nothing was answered in the time that is measured");
        let mut latencies: Vec<Duration> = measured.iter().map(|(_, latency)| *latency).collect();
        latencies.sort_unstable();
        let per_second = measured.len() as f64 / self.measured.as_secs_f64();
        Ok(Run { accepted: answers.len() as u64, per_second, latencies, memory, spent })
    }
}

type Answer = (Instant, Duration);

fn send(webhooks: &Webhooks, connections: usize, until: Instant) -> Result<Vec<Answer>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let all = (0..connections).map(|_| connection(webhooks, until));
    let answers = runtime.block_on(futures::future::try_join_all(all))?;
    Ok(answers.into_iter().flatten().collect())
}

async fn connection(webhooks: &Webhooks, until: Instant) -> Result<Vec<Answer>> {
    let mut stream = TcpStream::connect(webhooks.host()).await?;
    stream.set_nodelay(true)?;
    let (mut token, mut request, mut answer, mut answers) = (Token::default(), Vec::new(), Vec::new(), Vec::new());
    loop {
        let sent = Instant::now();
        if sent >= until {
            return Ok(answers);
        }
        webhooks.next(&mut token, &mut request)?;
        stream.write_all(&request).await?;
        answer.clear();
        while !answer.ends_with(b"\r\n\r\n") {
            let read = stream.read_buf(&mut answer).await?;
            ensure!(read > 0 && answer.len() < ANSWER_BYTES, "no answer: {}", String::from_utf8_lossy(&answer));
            // Anything else may have a body, whose end is not looked for.
            let status = answer.get(9..12);
            ensure!(status.is_none_or(|status| status == b"204"), "{}", String::from_utf8_lossy(&answer));
        }
        let answered = Instant::now();
        answers.push((answered, answered.duration_since(sent)));
    }
}
