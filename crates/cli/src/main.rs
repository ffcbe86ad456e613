//! `brine`: the one binary. Each command parses its arguments, loads what it needs, and calls a crate.

mod generate;
mod model;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
    /// List, fetch and check models
    #[command(subcommand)]
    Model(model::Command),
    /// Run the Jira app: web pages, queue, database and model in one process
    Serve(serve::Arguments),
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

    fn ours(error: impl std::fmt::Display) -> Self {
        Self { message: error.to_string(), code: 1 }
    }
}

/// Tells the arithmetic how many threads to use: `BRINE_THREADS`, else one for each core that this process may use.
fn set_threads() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let given = std::env::var("BRINE_THREADS").ok().and_then(|threads| threads.trim().parse().ok());
    let threads: usize = given.filter(|threads| *threads > 0).unwrap_or(cores);
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

fn main() -> ExitCode {
    set_threads();
    let arguments = Arguments::parse();
    let done = tokio::runtime::Runtime::new().map_err(Failed::ours).and_then(|runtime| {
        runtime.block_on(async {
            match arguments.command {
                Command::Generate(arguments) => generate::run(arguments).await,
                Command::Model(command) => model::run(command).await,
                Command::Serve(arguments) => serve::run(arguments).await,
            }
        })
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed { message, code }) => {
            eprintln!("brine: {message}");
            ExitCode::from(code)
        }
    }
}
