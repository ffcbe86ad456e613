//! `brine model …`

use brine_model::catalogue::{Catalogue, Folder, Model};
use clap::{Args, Subcommand};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::{Failed, ModelsFolder};

/// Commands on models.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// The known models, and which of them are on this machine
    List(ModelsFolder),
    /// Fetch a model, unless it is here already
    Pull(Pull),
    /// All that is known of a model
    Show(Named),
    /// Check a model's file against its published size and SHA-256
    Verify(Named),
}

#[derive(Args)]
pub(crate) struct Pull {
    #[command(flatten)]
    named: Named,
    /// Fetch it even when it is here
    #[arg(long)]
    force: bool,
    /// Address of the model hub; without one, only the other sources are tried
    #[arg(long = "hub", env = "BRINE_HUB_URL", value_name = "URL")]
    hub: Option<String>,
}

#[derive(Args)]
pub(crate) struct Named {
    /// Name in the catalogue [default: the default model]
    name: Option<String>,
    #[command(flatten)]
    models: ModelsFolder,
}

pub(crate) async fn run(command: Command) -> Result<(), Failed> {
    let catalogue = Catalogue::built_in().map_err(Failed::input)?;
    match command {
        Command::List(models) => {
            let folder = Folder::new(models.folder);
            for model in catalogue.models() {
                let here = if folder.verify(model).is_ok() { "here" } else { "not here" };
                let default = if model.default { " (default)" } else { "" };
                println!(
                    "{:<16} {:<32} {:>10}  {:<12} {here}{default}",
                    model.name,
                    model.title,
                    size(model),
                    model.licence
                );
            }
            Ok(())
        }
        Command::Pull(pull) => fetch(&catalogue, pull).await,
        Command::Show(named) => {
            let model = catalogue.model(named.name.as_deref()).map_err(Failed::input)?;
            show(model, &Folder::new(named.models.folder));
            Ok(())
        }
        Command::Verify(named) => {
            let model = catalogue.model(named.name.as_deref()).map_err(Failed::input)?;
            let path = Folder::new(named.models.folder).verify(model).map_err(Failed::input)?;
            println!("{} is the published file", path.display());
            Ok(())
        }
    }
}

async fn fetch(catalogue: &Catalogue, pull: Pull) -> Result<(), Failed> {
    let model = catalogue.model(pull.named.name.as_deref()).map_err(Failed::input)?;
    let folder = Folder::new(pull.named.models.folder);
    if !pull.force && folder.verify(model).is_ok() {
        eprintln!("{} is here already: {}", model.name, folder.file(model).display());
        return Ok(());
    }
    eprintln!("{} ({}), licence {}", model.title, size(model), model.licence);
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    let bar = ProgressBar::new(model.size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let path = folder.pull(model, pull.hub.as_deref(), pull.force, &|done, _| bar.set_position(done)).await;
    bar.finish_and_clear();
    let path = path.map_err(Failed::input)?;
    eprintln!("{} is ready: {}", model.name, path.display());
    Ok(())
}

fn show(model: &Model, folder: &Folder) {
    println!("name        {}", model.name);
    println!("title       {}", model.title);
    println!("parameters  {}", model.parameters);
    println!("licence     {}", model.licence);
    println!("size        {} bytes", model.size);
    println!("sha256      {}", model.sha256);
    for source in &model.sources {
        println!("source      {source}");
    }
    let state = match folder.verify(model) {
        Ok(path) => path.display().to_string(),
        Err(error) => error.to_string(),
    };
    println!("on disk     {state}");
}

fn size(model: &Model) -> String {
    HumanBytes(model.size).to_string()
}
