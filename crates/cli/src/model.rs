//! `brine model …`

use brine_model::catalogue::{Catalogue, Fit, Folder, Hub, Model, Pip, Purpose, Reach};
use clap::{Args, Subcommand};
use indicatif::HumanBytes;
use secrecy::SecretString;

use crate::pulling::Telling;
use crate::{Failed, ModelsFolder};

/// Commands on models.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// The known models: which of them are on this machine, which ones fit it, and which one is the default
    List(ModelsFolder),
    /// Fetch a model, unless it is here already; an interrupted download is gone on with
    Pull(Pull),
    /// All that is known of a model
    Show(Named),
    /// Check a model's file against its published size and SHA-256
    Verify(Named),
}

#[derive(Args)]
#[command(
    after_help = "A token for repositories that want one is read from BRINE_HUB_TOKEN; for the public hub else from HF_TOKEN."
)]
pub(crate) struct Pull {
    #[command(flatten)]
    named: Named,
    /// Fetch it even when it is here
    #[arg(long)]
    force: bool,
    /// Address of the model hub, which is asked first; "none" leaves it out
    #[arg(long = "hub", env = "BRINE_HUB_URL", value_name = "URL", default_value = Hub::PUBLIC)]
    hub: String,
}

#[derive(Args)]
pub(crate) struct Named {
    /// Name in the catalogue [default: the one that `brine model list` calls the default]
    #[arg(env = "BRINE_MODEL")]
    name: Option<String>,
    #[command(flatten)]
    models: ModelsFolder,
}

impl Named {
    fn find(self, catalogue: &Catalogue) -> Result<(&Model, Folder), Failed> {
        let folder = Folder::new(self.models.folder);
        let model = folder.choose(catalogue, self.name.as_deref()).map_err(Failed::input)?;
        Ok((model, folder))
    }
}

pub(crate) async fn run(command: Command) -> Result<(), Failed> {
    let catalogue = Catalogue::built_in().map_err(Failed::input)?;
    match command {
        Command::List(models) => list(&catalogue, &Folder::new(models.folder)),
        Command::Pull(pull) => fetch(&catalogue, pull).await,
        Command::Show(named) => {
            let (model, folder) = named.find(&catalogue)?;
            show(model, &folder);
            Ok(())
        }
        Command::Verify(named) => {
            let (model, folder) = named.find(&catalogue)?;
            let path = folder.verify(model).map_err(Failed::input)?;
            println!("{} is the published file", path.display());
            Ok(())
        }
    }
}

fn list(catalogue: &Catalogue, folder: &Folder) -> Result<(), Failed> {
    let fit = Fit::here();
    let (default, why) = folder.default_model(catalogue, fit).map_err(Failed::input)?;
    for model in catalogue.models() {
        let here = if folder.holds(model) { "here" } else { "not here" };
        let told = match model.purpose {
            Purpose::Tests => "for tests alone".to_owned(),
            Purpose::Criteria => fit.verdict(model),
        };
        let mark = if model.name == default.name { " (default)" } else { "" };
        let (name, title, size, licence) = (&model.name, &model.title, size(model), &model.licence);
        println!("{name:<20} {title:<38} {size:>10}  {licence:<12} {here:<9} {told}{mark}");
    }
    println!("The default is {}: {why}.", default.name);
    Ok(())
}

async fn fetch(catalogue: &Catalogue, pull: Pull) -> Result<(), Failed> {
    let reach = Reach { hub: hub(&pull.hub)?, pip: Pip::default() };
    let (model, folder) = pull.named.find(catalogue)?;
    if !pull.force && folder.verify(model).is_ok() {
        eprintln!("{} is here already: {}", model.name, folder.file(model).display());
        return Ok(());
    }
    eprintln!("{} ({}), licence {}", model.title, size(model), model.licence);
    let telling = Telling::new(model);
    let path = folder.pull(model, &reach, pull.force, &|step| telling.tell(step)).await;
    telling.end();
    let path = path.map_err(Failed::input)?;
    eprintln!("{} is ready: {}", model.name, path.display());
    Ok(())
}

fn hub(address: &str) -> Result<Option<Hub>, Failed> {
    if matches!(address.trim(), "" | "none") {
        return Ok(None);
    }
    let variable =
        |name| std::env::var(name).ok().map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
    // Another hub is no business of a token that was made for the public one.
    let public = || variable("HF_TOKEN").filter(|_| address.trim().trim_end_matches('/') == Hub::PUBLIC);
    let token = variable("BRINE_HUB_TOKEN").or_else(public).map(SecretString::from);
    Hub::at(address.trim(), token).map(Some).map_err(Failed::input)
}

fn show(model: &Model, folder: &Folder) {
    println!("name        {}", model.name);
    println!("title       {}", model.title);
    println!("parameters  {}", model.parameters);
    println!("licence     {}", model.licence);
    println!("size        {} bytes", model.size);
    println!("sha256      {}", model.sha256);
    println!("memory      {}", Fit::here().verdict(model));
    if model.purpose == Purpose::Tests {
        println!("purpose     tests alone");
    }
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
