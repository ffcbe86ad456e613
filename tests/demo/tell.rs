//! What the demo prints: results on standard output, progress on standard error.

use std::time::Duration;

use brine_tests::fake_jira::FakeJira;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::stories::Story;

/// A line that shows that something goes on. Without a terminal it says so once.
pub(crate) fn step(message: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(message.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner:.blue} {msg} {elapsed:.dim}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    if bar.is_hidden() {
        eprintln!("{message}");
    }
    bar
}

/// Ends a step with what came of it.
pub(crate) fn done(step: &ProgressBar, message: &str) {
    step.finish_and_clear();
    eprintln!("{message}");
}

/// What the job is at.
pub(crate) fn progress(step: &ProgressBar, key: &str, job: &Value) {
    let number = |field: &str| job.pointer(&format!("/progress/{field}")).and_then(Value::as_u64).unwrap_or_default();
    let stage = match job.pointer("/progress/stage").and_then(Value::as_str) {
        Some("queued") => format!("in the queue, {} before it", number("ahead")),
        Some("reading") => "reading the story".to_owned(),
        Some("writing") => format!("writing scenario {}", number("scenario")),
        Some("checking") => "checking".to_owned(),
        Some("publishing") => "writing to Jira".to_owned(),
        _ => "waiting".to_owned(),
    };
    step.set_message(format!("{key}: {stage}"));
}

/// A story and its criteria.
pub(crate) fn story(key: &str, story: &Story, criteria: &str, took: Duration) {
    println!("\n{0}\n{key}  {1}\n{0}\n\n{2}\n", "═".repeat(78), story.summary, story.description);
    println!("── Acceptance criteria, read from Jira {:.1} s after the story was made ──\n", took.as_secs_f64());
    println!("{}\n", criteria.trim_end());
}

/// Where to look.
pub(crate) fn addresses(jira: &FakeJira) {
    let base = jira.base_url();
    println!("Look at it in a browser, until Ctrl-C:");
    println!("  the issues            {base}/?user=alice");
    println!("  the list of jobs      {base}/admin?user=carol");
    println!("  the project settings  {base}/projects/SHOP/settings?user=carol");
    println!("  as bob, who may look  {base}/?user=bob\n");
}
