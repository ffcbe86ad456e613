//! `brine adapter promote`: a candidate is measured against what is in use, and takes its place only when it is better.

use std::path::{Path, PathBuf};
use std::time::Duration;

use brine_core::adf;
use brine_core::clock::Clock;
use brine_core::gherkin::form::MOST_SCENARIOS;
use brine_core::jobs::PLAIN;
use brine_lab::eval::{self, Arm, Kind, ModelArm, Options, Table};
use brine_lab::gate::{self, Decision};
use brine_model::catalogue::{Catalogue, Folder, Model};
use brine_model::{Adapter, Figures};
use clap::Args;

use crate::{Failed, ModelsFolder};

/// Arguments of `brine adapter promote`.
#[derive(Args)]
#[command(after_long_help = gate::RULE)]
pub(crate) struct Promote {
    /// Folder of the candidate, as `brine tune` leaves it
    #[arg(value_name = "FOLDER")]
    candidate: PathBuf,
    /// The name under which it is taken into use
    #[arg(long)]
    name: String,
    /// Held-out pairs: stories that the candidate has not learned from (JSON Lines)
    #[arg(long, value_name = "PAIRS.jsonl")]
    dev: PathBuf,
    /// What it has to be better than: a name, a folder, or "plain" [default: what is in use under the name, else "plain"]
    #[arg(long, value_name = "CURRENT")]
    against: Option<String>,
    /// Measure and judge alone; take nothing into use
    #[arg(long)]
    dry_run: bool,
    /// Folder for what both write; a broken run goes on where it stopped [default: a temporary one]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Write nothing: judge what lies in the folder from an earlier run
    #[arg(long, requires = "out", requires = "dry_run")]
    measure_only: bool,
    /// A model gives up on a story after so many seconds; that answer is lost
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    deadline: u64,
    /// Processor threads [default: all cores]
    #[arg(long, env = "BRINE_THREADS")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    models: ModelsFolder,
}

pub(super) async fn run(catalogue: &Catalogue, promote: Promote) -> Result<(), Failed> {
    let folder = Folder::new(promote.models.folder.clone());
    let slot = folder.slot(&promote.name).map_err(Failed::input)?;
    let candidate = Adapter::load(&promote.candidate, &promote.name).map_err(Failed::input)?;
    let model = base_of(catalogue, &candidate)?;
    let against = in_use(catalogue, &folder, model, &promote, &candidate)?;
    let decision = measure(&promote, &folder, model, &against).await?;
    print!("{}", decision.report(&against));
    if !decision.passed() {
        return Err(Failed::ours(format!("{} is not taken into use: {}", promote.name, decision.reasons.join("; "))));
    }
    if promote.dry_run {
        eprintln!("{} would be taken into use", promote.name);
        return Ok(());
    }
    let figures = Figures {
        promoted: adf::iso_date(Clock::system().now()).unwrap_or_default(),
        against,
        pairs: decision.lines.iter().map(|line| line.difference.stories).max().unwrap_or_default(),
        figures: decision.lines.iter().filter(|line| line.decides).map(gate::Line::words).collect(),
    };
    let version = slot.install(&promote.candidate, &figures).map_err(Failed::ours)?;
    eprintln!("version {version} of {} is in use; a running `brine serve` takes it at its next start", promote.name);
    eprintln!("go back with `brine adapter rollback {}`", promote.name);
    Ok(())
}

/// The model of the catalogue that the candidate was made for.
fn base_of<'a>(catalogue: &'a Catalogue, candidate: &Adapter) -> Result<&'a Model, Failed> {
    let mut models = catalogue.models().iter();
    models.find(|model| candidate.check_base(&model.name, &model.sha256).is_ok()).ok_or_else(|| {
        let known: Vec<&str> = catalogue.models().iter().map(|model| model.name.as_str()).collect();
        Failed::input(format!("the candidate was made for none of the catalogue's models ({})", known.join(", ")))
    })
}

/// What the candidate is held against: a name or folder that exists and fits, or "plain".
fn in_use(
    catalogue: &Catalogue,
    folder: &Folder,
    model: &Model,
    promote: &Promote,
    candidate: &Adapter,
) -> Result<String, Failed> {
    let known = folder.adapters(catalogue).iter().any(|offer| offer.name == promote.name);
    let usual = if known { promote.name.as_str() } else { PLAIN };
    let name = promote.against.as_deref().unwrap_or(usual);
    if name == PLAIN {
        return Ok(name.to_owned());
    }
    let present = folder.adapter(name).map_err(Failed::input)?;
    present.check_base(&model.name, &model.sha256).map_err(Failed::input)?;
    if present.sha256().map_err(Failed::input)? == candidate.sha256().map_err(Failed::input)? {
        return Err(Failed::input(format!("the candidate is the very adapter that {name} is")));
    }
    Ok(name.to_owned())
}

async fn measure(promote: &Promote, models: &Folder, model: &Model, against: &str) -> Result<Decision, Failed> {
    let cases = eval::stories(&promote.dev, None).map_err(Failed::input)?;
    // Told before an hour is spent on writing.
    if let Some(reason) = gate::too_few(cases.len()) {
        return Err(Failed::input(reason));
    }
    let temporary = tempfile::tempdir().map_err(Failed::ours)?;
    let options = Options {
        out: promote.out.clone().unwrap_or_else(|| temporary.path().to_owned()),
        models: models.clone(),
        deadline: Duration::from_secs(promote.deadline),
        repeats: 0,
        mutations: false,
        measure_only: promote.measure_only,
    };
    // A path, so that it is never taken for a name.
    let candidate = absolute(&promote.candidate)?;
    let in_use = Some(against).filter(|name| *name != PLAIN).map(str::to_owned);
    let arms = [arm("candidate", model, Some(candidate)), arm("in-use", model, in_use)];
    let bar = crate::eval::bar();
    let shown = bar.clone();
    let outputs = eval::run(&cases, &arms, &options, |progress| crate::eval::show(&shown, progress)).await;
    bar.finish_and_clear();
    let outputs = outputs.map_err(Failed::input)?;
    Ok(gate::decide(&Table::new(cases, arms.to_vec(), &outputs), &outputs))
}

fn absolute(path: &Path) -> Result<String, Failed> {
    let path = path.canonicalize().map_err(|error| Failed::input(format!("{}: {error}", path.display())))?;
    Ok(path.to_string_lossy().into_owned())
}

fn arm(name: &str, model: &Model, adapter: Option<String>) -> Arm {
    let settings = ModelArm {
        model: Some(model.name.clone()),
        adapter,
        prompt: None,
        seed: 0,
        samples: 1,
        max_scenarios: MOST_SCENARIOS,
    };
    Arm { name: name.to_owned(), kind: Kind::Model(settings) }
}
