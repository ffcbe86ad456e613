//! `brine eval`: what several arms write for the same stories, measured and compared.

mod reading;

use std::path::PathBuf;
use std::time::Duration;

use brine_lab::eval::{self, Arm, Baseline, EvalError, Options, Progress, Table, Verdict};
use brine_model::catalogue::Folder;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use self::reading::Reading;
use crate::{Failed, ModelsFolder};

/// Arguments of `brine eval`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Stories, one JSON object a line: id, summary, description and, as far as known, language, criteria, facts, traps
    #[arg(value_name = "STORIES.jsonl", required = true)]
    stories: Vec<PathBuf>,
    /// Only the stories that this file names, one id a line
    #[arg(long, value_name = "FILE")]
    only: Option<PathBuf>,
    /// What is compared: a TOML file of [[arm]] tables with name, kind and settings
    #[arg(long, value_name = "FILE")]
    arms: Option<PathBuf>,
    /// One more arm: NAME=KIND,KEY=VALUE,… with the keys of the file, as in tuned=model,adapter=our-team,seed=1
    #[arg(long = "arm", value_name = "NAME=KIND,…")]
    arm: Vec<String>,
    /// Folder for outputs, table, rows and report; a broken run goes on where it stopped
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// At most so many stories, taken from all over the file
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Compare with stored values, and exit with 1 when one fell further than it may
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Stories that every model writes a second time, to see whether it repeats itself
    #[arg(long, default_value_t = 3, value_name = "N")]
    repeats: usize,
    /// Delete, add and reword a sentence in some stories, and see whether the criteria follow
    #[arg(long)]
    mutations: bool,
    /// Write nothing: measure what lies in the folder from an earlier run
    #[arg(long)]
    measure_only: bool,
    /// A model gives up on a story after so many seconds; that answer is lost
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    deadline: u64,
    #[command(flatten)]
    reading: Reading,
    /// Processor threads [default: all cores]
    #[arg(long, env = "BRINE_THREADS")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    models: ModelsFolder,
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Failed> {
    let cases = eval::stories_of(&arguments.stories, arguments.only.as_deref(), arguments.limit).map_err(failed)?;
    let mut arms = arguments.arms.as_deref().map_or_else(|| Ok(Vec::new()), Arm::read).map_err(failed)?;
    for text in &arguments.arm {
        arms.push(Arm::parse(text).map_err(failed)?);
    }
    let baseline = arguments.baseline.as_deref().map(Baseline::read).transpose().map_err(failed)?;
    let options = Options {
        out: arguments.out.clone(),
        models: Folder::new(arguments.models.folder),
        deadline: Duration::from_secs(arguments.deadline),
        repeats: arguments.repeats,
        mutations: arguments.mutations,
        measure_only: arguments.measure_only,
    };
    let bar = bar();
    let shown = bar.clone();
    let outputs = eval::run(&cases, &arms, &options, |progress| show(&shown, progress)).await;
    bar.finish_and_clear();
    let outputs = outputs.map_err(failed)?;
    let readings = arguments.reading.read(&cases, &arms, &outputs, &arguments.out).await?;
    let table = Table::with_readings(cases, arms, &outputs, readings);
    let command = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    eval::report::write(&table, &format!("brine {command}"), &arguments.out).map_err(failed)?;
    for (measure, verdict) in &table.verdicts {
        if let Verdict::ThrownOut(reason) = verdict {
            eprintln!("thrown out: {} ({reason})", measure.title());
        }
    }
    eprintln!("table, rows and report are in {}", arguments.out.display());
    print!("{}", eval::report::markdown(&table, &format!("brine {command}")));
    let drops = baseline.map_or_else(|| Ok(Vec::new()), |baseline| baseline.drops(&table)).map_err(failed)?;
    if drops.is_empty() { Ok(()) } else { Err(Failed::ours(format!("worse than the baseline\n{}", drops.join("\n")))) }
}

fn failed(error: EvalError) -> Failed {
    Failed::input(error)
}

/// The bar that [`show`] moves.
pub(crate) fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:32} {bar:30} {pos}/{len} {elapsed} {eta}");
    let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// How far a run is.
pub(crate) fn show(bar: &ProgressBar, progress: Progress<'_>) {
    // Each pass has its own pace: the time left is that of the pass.
    if progress.done == 0 {
        bar.reset_eta();
    }
    bar.set_length(progress.of as u64);
    bar.set_position(progress.done as u64);
    bar.set_message(format!("{}: {}", progress.arm, progress.pass));
}
