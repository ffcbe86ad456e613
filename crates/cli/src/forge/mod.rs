//! `brine forge …`: what the Forge CLI deploys, made for one operator's server.

mod address;
mod app_id;
mod folder;
mod manifest;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::Failed;
use address::Address;
use app_id::AppId;
use manifest::Kind;

/// Commands on the Forge app.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write a folder that `forge deploy` takes as it is: the manifest and the pages
    App(App),
    /// Write the manifest alone
    Manifest(Manifest),
}

#[derive(Args)]
struct Target {
    /// Address under which Atlassian reaches this Brine, such as https://brine.example.com
    #[arg(long, env = "BRINE_BASE_URL", value_name = "URL")]
    base_url: Address,
    /// For sites where Brine came through Connect: keep its installation and its pages (Connect on Forge)
    #[arg(long)]
    connect: bool,
}

impl Target {
    /// How Jira is to reach Brine, where it can be so at this address.
    fn kind(&self) -> Result<Kind, Failed> {
        match self.connect {
            true => Ok(Kind::Connect),
            false if self.base_url.has_path() => Err(Failed::input(address::WrongAddress::PathInForge)),
            false => Ok(Kind::Remote),
        }
    }
}

#[derive(Args)]
pub(crate) struct App {
    #[command(flatten)]
    target: Target,
    /// Id of the app, as `forge register` gave it [default: the one in the folder; in a new folder `forge register` fills it in]
    #[arg(long, value_name = "ID")]
    app_id: Option<AppId>,
    /// The folder; what an earlier call put there is replaced
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

#[derive(Args)]
pub(crate) struct Manifest {
    #[command(flatten)]
    target: Target,
    /// Id of the app, as `forge register` gave it: a UUID or ari:cloud:ecosystem::app/UUID
    #[arg(long, value_name = "ID")]
    app_id: AppId,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(command: Command) -> Result<(), Failed> {
    match command {
        Command::App(App { target, app_id, out }) => {
            let kind = target.kind()?;
            let folder = folder::Folder::open(&out).map_err(Failed::input)?;
            let app_id = match app_id {
                Some(given) => Some(given),
                None => folder.app_id().map_err(Failed::input)?,
            };
            let text = manifest::text(kind, &target.base_url, app_id.as_ref()).map_err(Failed::ours)?;
            folder.write(kind, &text).map_err(Failed::ours)?;
            eprintln!("{}", next_steps(&out, app_id.as_ref()));
            Ok(())
        }
        Command::Manifest(Manifest { target, app_id, out }) => {
            let text = manifest::text(target.kind()?, &target.base_url, Some(&app_id)).map_err(Failed::ours)?;
            match out {
                Some(file) => std::fs::write(&file, text)
                    .map_err(|error| Failed::input(format!("{} can't be written: {error}", file.display()))),
                None => {
                    print!("{text}");
                    Ok(())
                }
            }
        }
    }
}

fn next_steps(out: &std::path::Path, app_id: Option<&AppId>) -> String {
    let mut lines = vec![format!("The app is in {}. Next, in that folder:", out.display())];
    let id = match app_id {
        Some(id) => id.to_string(),
        None => {
            lines.push("  forge register Brine    # writes the app's id into manifest.yml".to_owned());
            "the id in manifest.yml".to_owned()
        }
    };
    lines.push("  forge deploy --environment production".to_owned());
    lines.push("  forge install --environment production --product jira".to_owned());
    lines.push(format!("The server must know the app: BRINE_FORGE_APP_IDS holds {id}."));
    lines.join("\n")
}
