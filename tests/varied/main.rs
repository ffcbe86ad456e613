//! `make varied`: many stories of every kind through `brine generate`, each answer judged by the official Gherkin parser
//! and by the form of our criteria. Prints one line a kind, and ends with 1 when a single one falls short.

mod form;
mod stories;

use std::collections::BTreeMap;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use brine_tests::harness::{brine_binary, parse_officially};
use indicatif::ProgressBar;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use stories::Story;

/// How many stories, unless the first argument says otherwise.
const STORIES: usize = 200;
const PATIENCE: Duration = Duration::from_secs(300);

#[derive(Default)]
struct Tally {
    stories: usize,
    good: usize,
    slowest: Duration,
    total: Duration,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("varied: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<bool> {
    let count =
        std::env::args().nth(1).map_or(Ok(STORIES), |text| text.parse()).context("the first argument is a number")?;
    let stories = stories::varied(count);
    let bar = ProgressBar::new(stories.len() as u64);
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for story in &stories {
        bar.set_message(story.kind);
        let tally = tallies.entry(story.kind).or_default();
        let start = Instant::now();
        let judged = judge(story).await;
        let took = start.elapsed();
        tally.stories += 1;
        tally.total += took;
        tally.slowest = tally.slowest.max(took);
        match judged {
            Ok(()) => tally.good += 1,
            Err(error) => bar.suspend(|| eprintln!("story {} ({}): {error:#}", story.number, story.kind)),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    println!("{:<14} {:>7} {:>5} {:>10} {:>10}", "kind", "stories", "good", "mean s", "slowest s");
    for (kind, tally) in &tallies {
        let mean = tally.total.as_secs_f64() / tally.stories.max(1) as f64;
        let slowest = tally.slowest.as_secs_f64();
        println!("{kind:<14} {:>7} {:>5} {mean:>10.1} {slowest:>10.1}", tally.stories, tally.good);
    }
    let good: usize = tallies.values().map(|tally| tally.good).sum();
    println!("{good} of {} keep the form, parse officially, and end with exit code 0", stories.len());
    Ok(good == stories.len())
}

async fn judge(story: &Story) -> Result<()> {
    let mut child = Command::new(brine_binary()?)
        .args(["generate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = child.stdin.take().context("no standard input")?;
    input.write_all(story.text.as_bytes()).await?;
    drop(input);
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.context("it took too long")??;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(0), "exit code {:?}: {said}", output.status.code());
    let feature = String::from_utf8(output.stdout).context("the answer is not text")?;
    let verdict = parse_officially(&feature).await?;
    form::check(&verdict).with_context(|| feature.clone())
}
