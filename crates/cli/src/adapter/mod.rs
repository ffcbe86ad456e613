//! `brine adapter …`

mod list;
mod promote;

use brine_model::catalogue::{Catalogue, Folder};
use clap::{Args, Subcommand};

use crate::{Failed, ModelsFolder};

/// Commands on adapters.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// The adapters that can be named: those that came with Brine, and those in the folder of models
    List(ModelsFolder),
    /// All that is known of an adapter
    Show(Named),
    /// Check an adapter's files: against the catalogue when it came with Brine, else that they load, fit a model of the
    /// catalogue, and are what they were when they were taken into use
    Verify(Named),
    /// Measure an adapter against what is in use, and take it into use if it is better
    Promote(Box<promote::Promote>),
    /// Go back to the version that was in use before
    Rollback(Rollback),
}

#[derive(Args)]
pub(crate) struct Rollback {
    /// Name, as `brine adapter list` shows it
    name: String,
    #[command(flatten)]
    models: ModelsFolder,
}

impl Command {
    /// Processor threads that were asked for.
    pub(crate) fn threads(&self) -> Option<usize> {
        match self {
            Command::Promote(promote) => promote.threads,
            _ => None,
        }
    }
}

#[derive(Args)]
pub(crate) struct Named {
    /// Name, as `brine adapter list` shows it, or a folder
    name: String,
    #[command(flatten)]
    models: ModelsFolder,
}

pub(crate) async fn run(command: Command) -> Result<(), Failed> {
    let catalogue = Catalogue::built_in().map_err(Failed::input)?;
    match command {
        Command::List(models) => {
            list::all(&catalogue, &Folder::new(models.folder));
            Ok(())
        }
        Command::Show(named) => list::show(&catalogue, &Folder::new(named.models.folder), &named.name),
        Command::Verify(named) => list::verify(&catalogue, &Folder::new(named.models.folder), &named.name),
        Command::Promote(promote) => promote::run(&catalogue, *promote).await,
        Command::Rollback(rollback) => roll_back(&catalogue, &rollback),
    }
}

fn roll_back(catalogue: &Catalogue, rollback: &Rollback) -> Result<(), Failed> {
    let Rollback { name, models } = rollback;
    let slot = Folder::new(models.folder.clone()).slot(name).map_err(Failed::input)?;
    let shipped = catalogue.adapters().iter().any(|known| known.name == *name);
    let now = match slot.roll_back(shipped).map_err(Failed::input)? {
        Some(version) => format!("version {version} of {name}"),
        None => format!("the {name} that came with Brine"),
    };
    println!("{now} is in use; a running `brine serve` takes it at its next start");
    Ok(())
}
