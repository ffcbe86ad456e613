//! The progress bar of a run; hidden when nobody looks.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::checkpoint::Mark;

/// On stderr.
pub(crate) struct Meter {
    bar: ProgressBar,
    /// Seconds of earlier sittings count for the speed only after the first step of this one.
    first: usize,
}

impl Meter {
    pub(crate) fn new(steps: usize, done: usize) -> Self {
        let style = ProgressStyle::with_template("{bar:30} step {pos}/{len}  {msg}");
        let bar = ProgressBar::new(steps as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_position(done as u64);
        bar.enable_steady_tick(Duration::from_secs(1));
        Self { bar, first: done }
    }

    /// After a step; `limit` in seconds may be infinite.
    pub(crate) fn step(&self, mark: &Mark, loss: f64, all: usize, limit: f64) {
        self.bar.set_position(mark.step as u64);
        debug_assert!(mark.step > self.first);
        let left = (mark.seconds / mark.step as f64 * (all - mark.step) as f64).min(limit - mark.seconds).max(0.0);
        let speed = mark.tokens as f64 / mark.seconds.max(1e-9);
        let left = indicatif::HumanDuration(Duration::from_secs_f64(left));
        self.bar.set_message(format!("loss {loss:.3}  {speed:.0} tokens/s  {left} left"));
    }

    /// What is done besides training.
    pub(crate) fn say(&self, what: &'static str) {
        self.bar.set_message(what);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
