//! `brine pairs …`: the data that a model is tuned with.

use std::collections::BTreeSet;
use std::path::PathBuf;

use brine_lab::data::{self, Pair};
use clap::{Args, Subcommand};

use crate::Failed;

/// Commands on pairs of story and criteria.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Turn files in text form ("%% domain: …") into one JSON Lines file
    Import(Import),
    /// Check that every pair can be learned from, and that no story is also in a set for measuring
    Check(Check),
}

#[derive(Args)]
pub(crate) struct Import {
    /// Files in text form
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where the pairs go
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Domains to hold out for measuring, separated by commas
    #[arg(long, value_name = "DOMAINS", value_delimiter = ',', requires = "dev")]
    hold_out: Vec<String>,
    /// Where the pairs of those domains go
    #[arg(long, value_name = "FILE")]
    dev: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Check {
    /// Pairs in JSON Lines
    file: PathBuf,
    /// Sets that must share no text with it
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
}

pub(crate) fn run(command: Command) -> Result<(), Failed> {
    match command {
        Command::Import(import) => bring_in(&import),
        Command::Check(check) => hold_against(&check),
    }
}

fn bring_in(import: &Import) -> Result<(), Failed> {
    let mut pairs = Vec::new();
    for file in &import.files {
        pairs.extend(data::read_text_form(file).map_err(Failed::input)?);
    }
    let domains: BTreeSet<&str> = pairs.iter().map(|pair| pair.domain.as_str()).collect();
    if let Some(unknown) = import.hold_out.iter().find(|domain| !domains.contains(domain.trim())) {
        return Err(Failed::input(format!("no pair is of the domain {unknown:?}")));
    }
    let (held, kept): (Vec<Pair>, Vec<Pair>) =
        pairs.into_iter().partition(|pair| import.hold_out.iter().any(|domain| domain.trim() == pair.domain));
    data::write(&import.out, &kept).map_err(Failed::ours)?;
    eprintln!("{} pairs in {}", kept.len(), import.out.display());
    if let Some(dev) = &import.dev {
        data::write(dev, &held).map_err(Failed::ours)?;
        eprintln!("{} pairs of {} domains in {}", held.len(), import.hold_out.len(), dev.display());
    }
    Ok(())
}

fn hold_against(check: &Check) -> Result<(), Failed> {
    let pairs = data::read(&check.file).map_err(Failed::input)?;
    let mut wrong: Vec<String> = Vec::new();
    let mut ids = BTreeSet::new();
    for pair in &pairs {
        if !ids.insert(&pair.id) {
            wrong.push(format!("pair {} stands there twice", pair.id));
        }
        if let Err(error) = data::lesson(pair) {
            wrong.push(error.to_string());
        }
    }
    for path in &check.against {
        let other = data::read(path).map_err(Failed::input)?;
        let name = path.display();
        wrong.extend(
            data::leaks(&pairs, &other)
                .into_iter()
                .map(|leak| format!("pair {} shares \"{}\" with {} of {name}", leak.id, leak.words, leak.other)),
        );
    }
    for line in &wrong {
        eprintln!("{line}");
    }
    if wrong.is_empty() {
        println!("{} pairs, nothing wrong", pairs.len());
        return Ok(());
    }
    Err(Failed::input(format!("{} of {} pairs need a look", wrong.len(), pairs.len())))
}
