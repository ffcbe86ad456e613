//! `brine export-pairs`: what sites agreed to keep becomes pairs for tuning, without what points to anybody.

mod pairs;
mod select;

use std::path::PathBuf;

use brine_core::adf;
use brine_core::clock::{Clock, Millis};
use brine_core::ids::{ProjectKey, TenantId};
use brine_core::redact::Words;
use brine_core::settings::Settings;
use brine_core::store::Store;
use brine_lab::data;
use clap::Args;

use crate::Failed;
use crate::service::reader;

/// Arguments of `brine export-pairs`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Settings of the service, in TOML; BRINE_* variables of the environment come before it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the pairs go (JSON Lines)
    #[arg(long, value_name = "PAIRS.jsonl")]
    out: PathBuf,
    /// Only this site, by Brine's own id of it [default: every site that agreed]
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Only this Jira project
    #[arg(long, value_name = "KEY")]
    project: Option<String>,
    /// Only what was accepted on this day or later (YYYY-MM-DD, UTC)
    #[arg(long, value_name = "DATE", value_parser = day)]
    since: Option<Millis>,
    /// Only criteria that a person changed before they were accepted
    #[arg(long)]
    edited_only: bool,
    /// Share of the issues to hold out for measuring, as in 0.2; an issue is always on the same side
    #[arg(long, value_name = "SHARE", requires = "dev", value_parser = share)]
    hold_out: Option<f64>,
    /// Where the pairs that are held out go
    #[arg(long, value_name = "FILE", requires = "hold_out")]
    dev: Option<PathBuf>,
    /// Words to replace besides what is found by its form, one word or phrase a line: names of people, customers, products
    #[arg(long, value_name = "FILE")]
    redact_words: Option<PathBuf>,
}

fn day(text: &str) -> Result<Millis, String> {
    adf::start_of_day(text).ok_or_else(|| "expected a day such as 2026-11-26".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| "expected a number between 0 and 1".to_owned())
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Failed> {
    let settings = Settings::load(arguments.config.as_deref()).map_err(Failed::input)?;
    let words = arguments.redact_words.as_deref().map(Words::read).transpose().map_err(Failed::input)?;
    let store = reader(&settings, &Clock::system()).await?;
    let wanted = select::Wanted {
        project: arguments.project.map(ProjectKey::new),
        since: arguments.since,
        edited_only: arguments.edited_only,
        hold_out: arguments.hold_out,
    };
    let mut chosen = select::Chosen::default();
    for tenant in tenants(&store, arguments.tenant).await? {
        let kept = store.examples(&tenant).await.map_err(Failed::ours)?;
        chosen.add(&tenant, kept, &wanted);
    }
    store.close().await;
    if chosen.train.is_empty() && chosen.dev.is_empty() {
        let reason = format!("of {} accepted drafts that are kept, none is wanted; nothing was written", chosen.kept);
        return Err(Failed::input(reason));
    }
    let mut made = pairs::Made::new(words.unwrap_or_default());
    let train = made.pairs(&chosen.train);
    let dev = made.pairs(&chosen.dev);
    data::write(&arguments.out, &train).map_err(Failed::ours)?;
    eprintln!("{} pairs in {}", train.len(), arguments.out.display());
    if let Some(path) = &arguments.dev {
        data::write(path, &dev).map_err(Failed::ours)?;
        eprintln!("{} pairs held out in {}", dev.len(), path.display());
    }
    eprintln!("of {} accepted drafts that are kept; of an issue only the newest counts", chosen.kept);
    if made.left_out > 0 {
        eprintln!("{} left out: they are no Gherkin in our form any more", made.left_out);
    }
    eprintln!("replaced: {}", made.counts);
    Ok(())
}

/// The sites that agreed, or the wanted one if it did.
async fn tenants(store: &Store, wanted: Option<String>) -> Result<Vec<TenantId>, Failed> {
    let agreed = store.tenants_that_keep().await.map_err(Failed::ours)?;
    let how = "a Jira administrator switches it on on Brine's admin page (\"Keep accepted criteria for tuning\")";
    let Some(wanted) = wanted.map(TenantId::new) else {
        return if agreed.is_empty() {
            Err(Failed::input(format!("no site has agreed that accepted criteria are kept; {how}")))
        } else {
            Ok(agreed)
        };
    };
    if agreed.contains(&wanted) {
        return Ok(vec![wanted]);
    }
    let known: Vec<&str> = agreed.iter().map(TenantId::as_str).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(Failed::input(format!(
        "the site {wanted} has not agreed that accepted criteria are kept (those that have: {known}); {how}"
    )))
}
