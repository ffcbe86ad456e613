//! `report.md`: a finished run in words and numbers.

use std::fmt::Write;

use super::chart;
use super::error::TuneError;
use super::files;
use super::journal::Entry;
use super::run::{Run, Summary};

/// Writes report and chart into the run's folder.
///
/// # Errors
/// When a file can't be written.
pub(crate) fn write(run: &Run, summary: &Summary, entries: &[Entry]) -> Result<(), TuneError> {
    let drawn = chart::draw(entries);
    files::replace(&run.folder.join("loss.svg"), drawn.as_bytes())?;
    files::replace(&run.folder.join("report.md"), text(run, summary).as_bytes())
}

fn text(run: &Run, summary: &Summary) -> String {
    let (train, settings) = (run.train, run.settings);
    let mut rows = vec![
        ("stories", train.pairs.to_string()),
        ("lessons", train.lessons.to_string()),
        ("lessons left out (longer than max_tokens)", train.dropped.to_string()),
        ("trees (lessons that share a story)", train.trees.len().to_string()),
        ("tokens in a pass, shared starts once", train.tokens().to_string()),
        ("tokens in a pass, every lesson from its start", train.unshared_tokens().to_string()),
        ("tokens learned in a pass", train.targets().to_string()),
        ("steps", summary.steps.to_string()),
        ("tokens read in training", summary.tokens.to_string()),
        ("minutes of training", format!("{:.1}", summary.seconds / 60.0)),
        ("tokens a second", format!("{:.0}", summary.tokens as f64 / summary.seconds.max(1e-9))),
        ("loss over the last tenth of the steps, nats a token", format!("{:.4}", summary.loss)),
    ];
    if let Some((before, after)) = summary.dev_losses {
        let trees = run.dev.trees.len().min(settings.dev_trees);
        rows.push(("dev trees measured", trees.to_string()));
        rows.push(("dev loss before, nats a token", format!("{before:.4}")));
        rows.push(("dev loss after, nats a token", format!("{after:.4}")));
    }
    let mut text =
        format!("# Adapter {}\n\nTuned from {} (SHA-256 {}).\n\n", settings.adapter, settings.base, run.base_sha256);
    text += "| | |\n|---|---|\n";
    for (name, value) in rows {
        // Writing to a string can't fail.
        let _ = writeln!(text, "| {name} | {value} |");
    }
    text += "\n![loss](loss.svg)\n\n## Settings\n\n```toml\n";
    text += &toml::to_string(settings).unwrap_or_default();
    text += "```\n";
    text
}
