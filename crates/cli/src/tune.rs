//! `brine tune`: pairs in, an adapter out.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use brine_lab::tune::{self, Corpus, Ended, Run};
use brine_model::Base;
use brine_model::catalogue::{Catalogue, Folder};
use clap::Args;

use crate::{Failed, ModelsFolder};

/// Arguments of `brine tune`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Pairs to learn from (JSON Lines)
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Pairs to measure the loss on, not learned from
    #[arg(long, value_name = "FILE")]
    dev: Option<PathBuf>,
    /// Settings in TOML; what it leaves out has its default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where adapter, checkpoint, progress.jsonl, chart and report go
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Begin with the weights of the adapter in this folder; its rank, alpha and targets must be those of the settings
    #[arg(long, value_name = "FOLDER", conflicts_with = "resume")]
    from: Option<PathBuf>,
    /// Go on from the folder's last checkpoint
    #[arg(long)]
    resume: bool,
    /// Base model from the catalogue [default: the one in the settings]
    #[arg(long)]
    base: Option<String>,
    /// Processor threads [default: all cores]
    #[arg(long, env = "BRINE_THREADS")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    models: ModelsFolder,
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Failed> {
    let stop = Arc::new(AtomicBool::new(false));
    let watched = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("stopping after this step");
            watched.store(true, Ordering::Relaxed);
        }
    });
    tokio::task::spawn_blocking(move || train(arguments, &stop)).await.map_err(Failed::ours)?
}

fn train(arguments: Arguments, stop: &AtomicBool) -> Result<(), Failed> {
    let mut settings = tune::settings(arguments.config.as_deref()).map_err(Failed::input)?;
    if let Some(base) = arguments.base {
        settings.base = base;
    }
    let catalogue = Catalogue::built_in().map_err(Failed::input)?;
    let model = catalogue.model(&settings.base).map_err(Failed::input)?;
    let path = Folder::new(arguments.models.folder).verify(model).map_err(Failed::input)?;
    let base = Base::open(&path).map_err(Failed::input)?;
    let read = |path: &PathBuf| Corpus::read(path, &base, settings.max_tokens).map_err(Failed::input);
    let train = read(&arguments.data)?;
    let dev = arguments.dev.as_ref().map(read).transpose()?.unwrap_or_default();
    eprintln!(
        "{} stories, {} lessons in {} trees, {} tokens, {} of them learned{}",
        train.pairs,
        train.lessons,
        train.trees.len(),
        train.tokens(),
        train.targets(),
        if train.dropped > 0 { format!("; {} lessons are too long", train.dropped) } else { String::new() }
    );
    let network = tune::network(&base, &settings).map_err(Failed::input)?;
    let run = Run {
        settings: &settings,
        base_sha256: base.sha256(),
        rotary: base.sizes().rotary,
        train: &train,
        dev: &dev,
        folder: &arguments.out,
        from: arguments.from.as_deref(),
        resume: arguments.resume,
        stop: &|| stop.load(Ordering::Relaxed),
    };
    match run.train(&network).map_err(Failed::input)? {
        Ended::Stopped { step } => eprintln!("stopped after step {step}; go on with --resume"),
        Ended::Finished(summary) => {
            let speed = summary.tokens as f64 / summary.seconds.max(1e-9);
            eprintln!(
                "{} steps in {:.0} s, {speed:.0} tokens/s, loss {:.3}",
                summary.steps, summary.seconds, summary.loss
            );
            if let Some((before, after)) = summary.dev_losses {
                eprintln!("dev loss {before:.3} before, {after:.3} after");
            }
            eprintln!("the adapter is in {}", summary.folder.display());
        }
    }
    Ok(())
}
