//! The progress bar of a run; hidden when nobody looks.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::checkpoint::Mark;

/// On stderr.
pub(crate) struct Meter {
    bar: ProgressBar,
    /// Where this sitting began: earlier ones may have been on another machine.
    began: Mark,
}

impl Meter {
    /// Of a run of so many steps that stands there.
    pub(crate) fn new(steps: usize, mark: &Mark) -> Self {
        let style = ProgressStyle::with_template("{bar:30} step {pos}/{len}  {msg}");
        let bar = ProgressBar::new(steps as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_position(mark.step as u64);
        bar.enable_steady_tick(Duration::from_secs(1));
        Self { bar, began: mark.clone() }
    }

    /// After a step; `limit` in seconds may be infinite.
    pub(crate) fn step(&self, mark: &Mark, loss: f64, all: usize, limit: f64) {
        self.bar.set_position(mark.step as u64);
        let (steps, seconds) = ((mark.step - self.began.step).max(1), mark.seconds - self.began.seconds);
        let left = (seconds / steps as f64 * (all - mark.step) as f64).min(limit - mark.seconds).max(0.0);
        let speed = (mark.tokens - self.began.tokens) as f64 / seconds.max(1e-9);
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
