//! The part of `brine eval` that has criteria read: sheets for readers, their rows, and a server as a reader.

use std::path::{Path, PathBuf};
use std::time::Duration;

use brine_lab::eval::reading::{Judge, JudgeSettings, Key, Plan, Reader, Readings, judge_key_from_environment, sheets};
use brine_lab::eval::{Arm, Case, Outputs};
use brine_model::remote::Patience;
use clap::Args;
use indicatif::ProgressBar;
use tokio_util::sync::CancellationToken;

use super::{bar, failed};
use crate::Failed;

/// Where sheets and the judge's answers go when nothing else is said, below the folder of the evaluation.
const SHEETS: &str = "reading";

/// Options of reading.
#[derive(Args)]
#[command(next_help_heading = "Reading")]
pub(super) struct Reading {
    /// Write blind sheets for readers of any kind into this folder, with the key in key.jsonl beside them
    #[arg(long, value_name = "FOLDER")]
    sheets: Option<PathBuf>,
    /// What readers answered to the sheets, one JSON object a line: a file, or NAME=FILE, for each reader
    #[arg(long, value_name = "FILE", num_args = 1..)]
    readings: Vec<PathBuf>,
    /// A server that reads as well: whatever speaks the protocol of chat completions, as in http://localhost:8080/v1; its
    /// key goes into the variable BRINE_JUDGE_KEY
    #[arg(long, value_name = "URL", requires = "judge_model")]
    judge: Option<String>,
    /// The model on that server; never the one that wrote
    #[arg(long, value_name = "NAME", requires = "judge")]
    judge_model: Option<String>,
    /// Have readers choose between the sets of two arms, in both orders
    #[arg(long, value_name = "ARM,ARM", value_parser = pair)]
    judge_pairs: Vec<(String, String)>,
    /// Don't have whole sets held against the facts of their stories
    #[arg(long)]
    no_rules: bool,
    /// Questions to the judge at a time
    #[arg(long, default_value_t = 4, value_name = "N")]
    judge_parallel: usize,
    /// The judge gives up on an answer after so many seconds; the next run tries again
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    judge_deadline: u64,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once(',').map(|(one, other)| (one.trim(), other.trim())) {
        Some((one, other)) if !one.is_empty() && !other.is_empty() && one != other => {
            Ok((one.to_owned(), other.to_owned()))
        }
        _ => Err("expected two different arms, as in tuned,plain".to_owned()),
    }
}

impl Reading {
    /// Writes sheets, asks the judge, counts the rows; none when nobody is to read.
    pub(super) async fn read(
        &self,
        cases: &[Case],
        arms: &[Arm],
        outputs: &[Outputs],
        out: &Path,
    ) -> Result<Option<Readings>, Failed> {
        if self.sheets.is_none() && self.readings.is_empty() && self.judge.is_none() {
            return Ok(None);
        }
        let folder = self.sheets.clone().unwrap_or_else(|| out.join(SHEETS));
        let plan = Plan { cases, arms, outputs, choices: &self.judge_pairs, rules: !self.no_rules };
        let key = sheets(&plan, &folder).map_err(failed)?;
        eprintln!("sheets are in {}; key.jsonl says what is behind their numbers", folder.display());
        let mut readers = Reader::read_all(&self.readings, &key).map_err(failed)?;
        if let (Some(address), Some(model)) = (&self.judge, &self.judge_model) {
            readers.push(self.ask(address, model, &key, cases, &folder).await?);
        }
        if readers.is_empty() {
            return Ok(None);
        }
        let readings = Readings::new(&key, &readers);
        for reader in readings.attention.iter().filter(|reader| reader.unread > 0) {
            eprintln!("{} has not read {} of the numbers", reader.reader, reader.unread);
        }
        for reader in readings.attention.iter().filter(|reader| reader.dropped) {
            eprintln!(
                "{} saw only {} of {} scenarios that are wrong on purpose, and is not counted",
                reader.reader, reader.seen, reader.of
            );
        }
        Ok(Some(readings))
    }

    async fn ask(
        &self,
        address: &str,
        model: &str,
        key: &Key,
        cases: &[Case],
        folder: &Path,
    ) -> Result<Reader, Failed> {
        let judge = Judge::new(JudgeSettings {
            address: address.to_owned(),
            model: model.to_owned(),
            key: judge_key_from_environment(),
            deadline: Duration::from_secs(self.judge_deadline),
            patience: Patience::default(),
            parallel: self.judge_parallel,
        });
        let judge = judge.map_err(failed)?;
        if judge.key_in_the_clear() {
            eprintln!("note: the key goes to this server without TLS and can be read on its way");
        }
        let bar = bar();
        bar.set_message(format!("{model} reads"));
        let cancel = CancellationToken::new();
        let watched = cancel.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                watched.cancel();
            }
        });
        let read = judge.read(key, cases, folder, &cancel, |done, of| progress(&bar, done, of)).await;
        bar.finish_and_clear();
        let (reader, spent) = read.map_err(failed)?;
        eprintln!(
            "{model}: {} questions, {} tokens read, {} written, {} numbers without a usable answer",
            spent.questions, spent.read, spent.written, spent.lost
        );
        Ok(reader)
    }
}

fn progress(bar: &ProgressBar, done: usize, of: usize) {
    bar.set_length(of as u64);
    bar.set_position(done as u64);
}
