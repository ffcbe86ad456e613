//! `brine generate`: one story in, criteria on stdout, progress on stderr.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use brine_core::adf;
use brine_core::clock::Clock;
use brine_core::gherkin::Criteria;
use brine_core::gherkin::form::{FEWEST_SCENARIOS, MOST_SCENARIOS};
use brine_core::story::Story;
use brine_model::catalogue::{Catalogue, Folder};
use brine_model::{DraftEvent, DraftRequest, Drafted, WriteError};
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use tokio_util::sync::CancellationToken;

use crate::{Failed, ModelsFolder, input};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A .feature file
    Feature,
    /// Criteria, findings and provenance
    Json,
    /// An Atlassian document, as it would be written to Jira
    Adf,
}

/// Arguments of `brine generate`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The story: its first line is the summary, the rest the description, with Markdown or Jira's wiki markup if you like; or
    /// JSON as Jira gives it: {"summary", "description"}, an issue, or a search result with one issue; - reads stdin
    #[arg(value_name = "FILE")]
    story: PathBuf,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Feature)]
    format: Format,
    /// Model from the catalogue [default: the one that `brine model list` calls the default]
    #[arg(long, env = "BRINE_MODEL")]
    model: Option<String>,
    /// Adapter for the model: a name of `brine adapter list`, a folder, or "plain" for none [default: the catalogue's]
    #[arg(long, env = "BRINE_ADAPTER", value_name = "NAME|FOLDER")]
    adapter: Option<String>,
    /// Same story, same seed, same words
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// At most so many scenarios
    #[arg(long, default_value_t = MOST_SCENARIOS, value_parser = clap::value_parser!(u8).range(i64::from(FEWEST_SCENARIOS)..=i64::from(MOST_SCENARIOS)))]
    max_scenarios: u8,
    /// Prompt, with or without its version [default: the adapter's; without an adapter "shown"]
    #[arg(long, env = "BRINE_PROMPT")]
    prompt: Option<String>,
    /// Give up after so many seconds
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    deadline: u64,
    /// Processor threads [default: all cores]
    #[arg(long, env = "BRINE_THREADS")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    models: ModelsFolder,
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Failed> {
    let story = read(&arguments.story)?;
    let catalogue = Catalogue::built_in().map_err(Failed::input)?;
    let folder = Folder::new(arguments.models.folder);
    let model = folder.choose(&catalogue, arguments.model.as_deref()).map_err(Failed::input)?;
    let path = folder.verify(model).map_err(Failed::input)?;
    let spinner = ProgressBar::new_spinner().with_message("loading the model");
    spinner.enable_steady_tick(Duration::from_millis(100));
    let writer = crate::writers::writer(&folder, model, &path, arguments.adapter.as_deref())?;
    let request = DraftRequest {
        story: story.clone(),
        max_scenarios: arguments.max_scenarios,
        seed: arguments.seed,
        prompt: arguments.prompt,
        deadline: Duration::from_secs(arguments.deadline),
    };
    let mut so_far = Criteria { language: story.language().language(), ..Criteria::default() };
    let told = |event| {
        tell(&spinner, &event);
        if let DraftEvent::Scenario(scenario) = event {
            so_far.scenarios.push(*scenario);
        }
    };
    let drafted = writer.draft(request, CancellationToken::new(), told).await;
    spinner.finish_and_clear();
    let drafted = match drafted {
        Ok(drafted) => drafted,
        Err(WriteError::Deadline(after)) => return Err(late(arguments.format, &story, &so_far, after)),
        Err(error) => return Err(Failed::input(error)),
    };
    for note in &drafted.notes {
        eprintln!("note: {note}");
    }
    for finding in &drafted.findings {
        let place = finding.scenario.map(|place| format!("scenario {}: ", place + 1)).unwrap_or_default();
        eprintln!("finding: {place}{}", finding.message);
    }
    let usage = &drafted.usage;
    eprintln!(
        "{} scenarios; the first after {:.1} s, all after {:.1} s; {} tokens read, {} written ({:.0} a second)",
        drafted.criteria.scenarios.len(),
        usage.first_scenario.as_secs_f64(),
        usage.total.as_secs_f64(),
        usage.prompt_tokens,
        usage.written_tokens,
        usage.written_tokens as f64 / usage.writing.as_secs_f64().max(f64::MIN_POSITIVE)
    );
    print!("{}", printed(arguments.format, &story, &drafted)?);
    Ok(())
}

/// What was finished in time is printed, as a .feature file alone: only that can say that it is not whole.
fn late(format: Format, story: &Story, so_far: &Criteria, after: Duration) -> Failed {
    let count = so_far.scenarios.len();
    if format == Format::Feature && count > 0 {
        let feature = so_far.to_feature(story.summary(), &[]);
        println!("{feature}\n  # Cut off after {} s: the set is not whole.", after.as_secs());
    }
    Failed::late(format!(
        "the model did not finish within {} s ({count} scenarios were); raise --deadline or use a faster machine",
        after.as_secs()
    ))
}

fn read(path: &Path) -> Result<Story, Failed> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| Failed::input(format!("{}: {error}", path.display())))?;
    input::story(&bytes).map_err(Failed::input)
}

fn tell(spinner: &ProgressBar, event: &DraftEvent) {
    match event {
        DraftEvent::Reading => spinner.set_message("reading the story"),
        DraftEvent::Writing { scenario, of } => {
            spinner.set_message(format!("writing scenario {scenario} of at most {of}"))
        }
        DraftEvent::Scenario(_) => {}
        DraftEvent::Checking => spinner.set_message("checking"),
    }
}

fn printed(format: Format, story: &Story, drafted: &Drafted) -> Result<String, Failed> {
    match format {
        Format::Feature => Ok(drafted.criteria.to_feature(story.summary(), &drafted.notes)),
        Format::Json => {
            let value = serde_json::json!({
                "summary": story.summary(),
                "criteria": drafted.criteria,
                "findings": drafted.findings,
                "notes": drafted.notes,
                "provenance": drafted.provenance,
            });
            serde_json::to_string_pretty(&value).map(|text| text + "\n").map_err(Failed::ours)
        }
        Format::Adf => {
            let provenance = &drafted.provenance;
            let attribution = adf::Attribution {
                model: provenance.model.clone(),
                adapter: provenance.adapter.clone(),
                prompt: provenance.prompt.clone(),
                date: adf::iso_date(Clock::system().now()).unwrap_or_default(),
            };
            let document = adf::document(adf::criteria_nodes(&drafted.criteria, &attribution));
            serde_json::to_string_pretty(&document).map(|text| text + "\n").map_err(Failed::ours)
        }
    }
}
