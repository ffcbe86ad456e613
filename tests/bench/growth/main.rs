//! `make bench-growth`: how many jobs a minute 1, 2, 4 and 8 workers do when the model itself costs nothing but its time: real
//! `brine web` and `brine worker` processes on Postgres and Redis, the fake Jira, and a stand-in that answers after a pause.
//! The first argument is the number of stories for each row.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use brine_tests::chaos::{Cluster, Shape};

const STORIES: usize = 200;
/// As long as a story takes on a fast GPU, and next to nothing.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1)];

#[actix_web::main]
async fn main() -> Result<()> {
    let stories =
        std::env::args().nth(1).map_or(Ok(STORIES), |text| text.parse()).context("the argument is a number")?;
    println!("{:>14} {:>8} {:>8} {:>12} {:>8}", "model takes", "workers", "stories", "stories/min", "growth");
    for pause in PAUSES {
        let mut first = None;
        for workers in [1, 2, 4, 8] {
            let cluster =
                Cluster::start(Shape { workers, slots: 1, target: "description", disk: None, max_crashes: 2 }).await?;
            cluster.model.set_pause(pause);
            // Everything is loaded and connected once a story is through.
            cluster.settled(&cluster.stories(workers)?).await?;
            let began = Instant::now();
            cluster.settled(&cluster.stories(stories)?).await?;
            let rate = stories as f64 * 60.0 / began.elapsed().as_secs_f64();
            let growth = rate / *first.get_or_insert(rate);
            println!("{:>11} ms {workers:>8} {stories:>8} {rate:>12.0} {growth:>7.1}x", pause.as_millis());
        }
    }
    Ok(())
}
