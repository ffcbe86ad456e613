//! What is told on stderr while a model is fetched: a bar for people, a line now and then for logs.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use brine_model::catalogue::{Model, Step};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

/// Percent from one line of a log to the next.
const APART: u64 = 10;

pub(crate) struct Telling {
    bar: ProgressBar,
    terminal: bool,
    begun: AtomicBool,
    told: AtomicU64,
}

impl Telling {
    pub(crate) fn new(model: &Model) -> Self {
        let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
        let bar = ProgressBar::new(model.size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let terminal = std::io::stderr().is_terminal();
        Self { bar, terminal, begun: AtomicBool::new(false), told: AtomicU64::new(0) }
    }

    pub(crate) fn tell(&self, step: Step<'_>) {
        match step {
            Step::Waiting => self.line("another process is fetching it: waiting for that one"),
            Step::From(source) => {
                self.begun.store(false, Ordering::Relaxed);
                self.line(&format!("from: {source}"));
            }
            Step::Again(reason) => self.line(&format!("once more: {reason}")),
            Step::Failed(_, reason) => self.line(&format!("not from there: {reason}")),
            Step::Bytes(done, of) => self.bytes(done, of),
        }
    }

    fn bytes(&self, done: u64, of: u64) {
        self.bar.set_position(done);
        if !self.begun.swap(true, Ordering::Relaxed) {
            // What lay here already says nothing of the speed.
            self.bar.reset_eta();
            if done > 0 && done < of {
                self.line(&format!("{} are here already", HumanBytes(done)));
            }
        }
        let percent = done * 100 / of.max(1) / APART * APART;
        if !self.terminal && percent > self.told.fetch_max(percent, Ordering::Relaxed) {
            self.line(&format!("{percent} % of {}", HumanBytes(of)));
        }
    }

    fn line(&self, text: &str) {
        self.bar.suspend(|| eprintln!("  {text}"));
    }

    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
