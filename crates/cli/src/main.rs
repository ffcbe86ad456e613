//! `brine`: the one binary. Each command parses its arguments, loads what it needs, and calls a crate.

mod adapter;
mod distill;
mod eval;
mod export;
mod forge;
mod generate;
mod input;
mod model;
mod pairs;
mod pulling;
mod service;
mod tune;
mod workers;
mod writers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::service::Role;

/// Acceptance criteria for Jira stories, written by a small model on your own machine.
#[derive(Parser)]
#[command(version, about, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write acceptance criteria for one story
    Generate(generate::Arguments),
    /// Let a teacher write criteria for stories, and keep what passes the rules as pairs to tune a model with
    Distill(distill::Arguments),
    /// Measure and compare what models and controls write for a file of stories
    Eval(eval::Arguments),
    /// List and check adapters: what fine-tuning adds to a model
    #[command(subcommand)]
    Adapter(adapter::Command),
    /// Write what sites agreed to keep as pairs for tuning, without what points to anybody
    ExportPairs(export::Arguments),
    /// Write the Forge app that a Jira administrator deploys: its manifest and its pages
    #[command(subcommand)]
    Forge(forge::Command),
    /// List, fetch and check models
    #[command(subcommand)]
    Model(model::Command),
    /// Bring in and check the pairs of story and criteria that a model is tuned with
    #[command(subcommand)]
    Pairs(pairs::Command),
    /// Run the Jira app: web pages, queue, database and model in one process
    Serve(service::Arguments),
    /// Run the web side alone, for a database and a queue that several processes share
    Web(service::Arguments),
    /// Run the side that writes criteria alone, for a database and a queue that several processes share
    Worker(service::Arguments),
    /// List the workers that live, what they write with, and how busy they are
    Workers(service::Arguments),
    /// Tune a model on pairs of story and criteria
    Tune(tune::Arguments),
}

/// Where model files lie: the same option for every command that needs a model.
#[derive(clap::Args, Clone)]
struct ModelsFolder {
    /// Folder of model files [default: brine/models in the user's cache]
    #[arg(long = "models", env = "BRINE_MODELS", value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// What went wrong, and the exit code: 2 when the input or the model is at fault, 1 otherwise.
struct Failed {
    message: String,
    code: u8,
}

impl Failed {
    fn input(error: impl std::fmt::Display) -> Self {
        Self { message: error.to_string(), code: 2 }
    }

    /// There was not enough time.
    fn late(error: impl std::fmt::Display) -> Self {
        Self { message: error.to_string(), code: 3 }
    }

    fn ours(error: impl std::fmt::Display) -> Self {
        Self { message: error.to_string(), code: 1 }
    }
}

/// Tells the arithmetic how many threads to use: as many as given, else one for each core that this process may use.
fn set_threads(given: Option<usize>) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = given.filter(|threads| *threads > 0).unwrap_or(cores);
    for variable in brine_model::THREAD_VARIABLES {
        if std::env::var_os(variable).is_none() {
            // SAFETY: nothing else runs yet; `main` calls this before any thread is started.
            #[allow(unsafe_code)]
            unsafe {
                std::env::set_var(variable, threads.to_string());
            }
        }
    }
}

fn run(command: Command) -> Result<(), Failed> {
    let settings = match &command {
        Command::Serve(arguments)
        | Command::Web(arguments)
        | Command::Worker(arguments)
        | Command::Workers(arguments) => Some(arguments.settings()?),
        _ => None,
    };
    set_threads(match (&command, &settings) {
        (Command::Generate(arguments), _) => arguments.threads,
        (Command::Distill(arguments), _) => arguments.threads,
        (Command::Eval(arguments), _) => arguments.threads,
        (Command::Tune(arguments), _) => arguments.threads,
        (Command::Adapter(command), _) => command.threads(),
        (_, settings) => settings.as_ref().and_then(|settings| settings.model.threads),
    });
    tokio::runtime::Runtime::new().map_err(Failed::ours)?.block_on(async {
        match (command, settings) {
            (Command::Generate(arguments), _) => generate::run(arguments).await,
            (Command::Distill(arguments), _) => distill::run(arguments).await,
            (Command::Eval(arguments), _) => eval::run(arguments).await,
            (Command::Adapter(command), _) => adapter::run(command).await,
            (Command::ExportPairs(arguments), _) => export::run(arguments).await,
            (Command::Forge(command), _) => forge::run(command),
            (Command::Model(command), _) => model::run(command).await,
            (Command::Pairs(command), _) => pairs::run(command),
            (Command::Tune(arguments), _) => tune::run(arguments).await,
            (Command::Serve(arguments), read) => service::run(arguments.unless(read)?, Role::Serve).await,
            (Command::Web(arguments), read) => service::run(arguments.unless(read)?, Role::Web).await,
            (Command::Worker(arguments), read) => service::run(arguments.unless(read)?, Role::Worker).await,
            (Command::Workers(arguments), read) => workers::run(arguments.unless(read)?).await,
        }
    })
}

fn main() -> ExitCode {
    let done = run(Arguments::parse().command);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed { message, code }) => {
            eprintln!("brine: {message}");
            ExitCode::from(code)
        }
    }
}
