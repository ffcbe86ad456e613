//! `brine distill`: a teacher writes criteria for stories, and what passes the rules becomes pairs to tune a model with.

use std::path::PathBuf;
use std::time::Duration;

use brine_core::clock::Clock;
use brine_lab::distill::{
    DistillError, Files, Filters, ModelSettings, ModelTeacher, Options, Progress, Run, ServerSettings, ServerTeacher,
    Summary, Teacher, TeacherError, Work, key_from_environment,
};
use brine_model::catalogue::Folder;
use brine_model::remote::Patience;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use crate::{Failed, ModelsFolder};

/// Arguments of `brine distill`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Stories, one JSON object a line as in files of pairs; criteria in it are ignored
    #[arg(value_name = "STORIES.jsonl")]
    stories: PathBuf,
    /// Where accepted pairs go; the same command goes on where an earlier one stopped
    #[arg(long, value_name = "PAIRS.jsonl")]
    out: PathBuf,
    /// Where rejected answers go, with their reasons [default: PAIRS.rejected.jsonl beside the pairs]
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,
    /// Sets for measuring: a story that shares text with one of them makes no pair
    #[arg(long, value_name = "DEV.jsonl", num_args = 1..)]
    against: Vec<PathBuf>,
    /// Teacher: a model from the catalogue [default: the default model]
    #[arg(long, value_name = "NAME")]
    teacher_model: Option<String>,
    /// Adapter for that model: a name in the folder of models, or a folder
    #[arg(long, value_name = "NAME|FOLDER")]
    teacher_adapter: Option<String>,
    /// Prompt [default: that of the adapter, or shown@1; for a server teacher@2, which tells the whole form]
    #[arg(long, value_name = "NAME")]
    teacher_prompt: Option<String>,
    /// Teacher: a server with chat completions below this address; its key is read from BRINE_TEACHER_KEY
    #[arg(long, value_name = "URL", requires = "server_model", conflicts_with_all = ["teacher_model", "teacher_adapter"])]
    server: Option<String>,
    /// What the server calls its model
    #[arg(long, value_name = "NAME", requires = "server")]
    server_model: Option<String>,
    /// Answers to each story, of which the best by the rules is kept
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    samples: u32,
    /// Seed of the first sample; the next one has the next seed
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Share of the story's rules that a scenario must rest on, 0 to 1
    #[arg(long, default_value_t = 0.5, value_name = "SHARE", value_parser = share)]
    cover: f64,
    /// Share of a story's facts that must be found, 0 to 1; stories without facts pass
    #[arg(long, value_name = "SHARE", value_parser = share)]
    facts: Option<f64>,
    /// At most so many stories, taken from all over the file
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The teacher gives up on an answer after so many seconds; the next run tries again
    #[arg(long, default_value_t = 120, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    deadline: u64,
    /// Processor threads [default: all cores]
    #[arg(long, env = "BRINE_THREADS")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    models: ModelsFolder,
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Failed> {
    let work = Work::read(&arguments.stories, &arguments.against).map_err(failed)?;
    let deadline = Duration::from_secs(arguments.deadline);
    let bar = bar();
    let summary = match (&arguments.server, &arguments.server_model) {
        (Some(address), Some(model)) => {
            let settings = ServerSettings {
                address: address.clone(),
                model: model.clone(),
                prompt: arguments.teacher_prompt.clone(),
                key: key_from_environment(),
                deadline,
                patience: Patience::default(),
            };
            let shown = bar.clone();
            let paused =
                move |pause: Duration| shown.set_message(format!("waiting {} s for the server", pause.as_secs()));
            let unusable = |error: TeacherError| failed(error.into());
            let teacher = ServerTeacher::new(settings).map_err(unusable)?.on_pause(paused);
            if teacher.key_in_the_clear() {
                eprintln!("note: the key goes to this server without TLS and can be read on its way");
            }
            write(&arguments, &work, &teacher, &bar).await?
        }
        _ => {
            let settings = ModelSettings {
                model: arguments.teacher_model.clone(),
                adapter: arguments.teacher_adapter.clone(),
                prompt: arguments.teacher_prompt.clone(),
                deadline,
            };
            bar.set_message("loading the model");
            let teacher =
                ModelTeacher::load(&settings, &Folder::new(arguments.models.folder.clone())).map_err(failed)?;
            write(&arguments, &work, &teacher, &bar).await?
        }
    };
    print!("{}", summary.table());
    if summary.stopped {
        eprintln!("stopped; the same command goes on");
        return Ok(());
    }
    match summary.lost_reason {
        None => Ok(()),
        Some(reason) => Err(Failed::ours(format!(
            "{} of the stories had no answer ({reason}); the same command tries them again",
            summary.lost
        ))),
    }
}

async fn write(
    arguments: &Arguments,
    work: &Work,
    teacher: &impl Teacher,
    bar: &ProgressBar,
) -> Result<Summary, Failed> {
    let cancel = CancellationToken::new();
    let watched = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            watched.cancel();
        }
    });
    let files = Files::new(arguments.out.clone(), arguments.rejected.clone());
    let options = Options {
        seed: arguments.seed,
        samples: arguments.samples,
        filters: Filters { cover: arguments.cover, facts: arguments.facts },
        limit: arguments.limit,
    };
    let clock = Clock::system();
    let run = Run { work, teacher, options, files: &files, clock: &clock, cancel: &cancel };
    bar.enable_steady_tick(Duration::from_millis(200));
    let summary = run.write(|progress| show(bar, progress)).await;
    bar.finish_and_clear();
    summary.map_err(failed)
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {eta} {msg}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_length(progress.of as u64);
    bar.set_position(progress.done as u64);
    bar.set_message(format!("{} accepted, {} rejected", progress.accepted, progress.rejected));
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share goes from 0 to 1".to_owned()),
    }
}

fn failed(error: DistillError) -> Failed {
    if error.is_input() { Failed::input(error) } else { Failed::ours(error) }
}
