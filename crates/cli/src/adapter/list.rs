//! What is known of adapters, in words.

use brine_model::catalogue::{Catalogue, Folder, KnownAdapter};
use brine_model::{Adapter, Offer, Origin};

use crate::Failed;

/// One line an adapter, and one for each version of it.
pub(super) fn all(catalogue: &Catalogue, folder: &Folder) {
    let offers = folder.adapters(catalogue);
    if offers.is_empty() {
        println!("no adapters: none came with Brine, and none lies in {}/adapters", folder.path().display());
    }
    for offer in offers {
        let known = known(catalogue, &offer.name);
        let title = known.map_or("", |known| known.title.as_str());
        let default = if known.is_some_and(|known| known.default) { " (default)" } else { "" };
        println!("{:<24} {:<32} {:<16} {}{default}", offer.name, title, base(catalogue, &offer), origin(&offer));
        for line in versions(folder, &offer) {
            println!("  {line}");
        }
    }
}

/// Field by field.
pub(super) fn show(catalogue: &Catalogue, folder: &Folder, name: &str) -> Result<(), Failed> {
    let adapter = folder.adapter(name).map_err(Failed::input)?;
    println!("name        {}", adapter.name());
    let offers = folder.adapters(catalogue);
    let offer = offers.iter().find(|offer| offer.name == name);
    if let Some(known) = known(catalogue, name).filter(|_| offer.is_some_and(|o| o.origin == Origin::Shipped)) {
        println!("title       {}", known.title);
        println!("licence     {}", known.licence);
    }
    println!("base        {}", adapter_base(catalogue, &adapter));
    println!("prompt      {}", adapter.prompt().unwrap_or("(none named)"));
    println!("sha256      {}", adapter.sha256().map_err(Failed::input)?);
    if let Some(offer) = offer {
        println!("from        {}", origin(offer));
        for line in versions(folder, offer) {
            println!("version     {line}");
        }
    }
    Ok(())
}

/// Says that the adapter is what it ought to be, or fails with what is wrong.
pub(super) fn verify(catalogue: &Catalogue, folder: &Folder, name: &str) -> Result<(), Failed> {
    let adapter = folder.adapter(name).map_err(Failed::input)?;
    let sha256 = adapter.sha256().map_err(Failed::input)?;
    let offers = folder.adapters(catalogue);
    let shipped = offers.iter().any(|offer| offer.name == name && offer.origin == Origin::Shipped);
    if let Some(known) = known(catalogue, name).filter(|_| shipped) {
        if known.sha256 != sha256 {
            return Err(Failed::input(format!("{name} is not what was published: its SHA-256 is {sha256}")));
        }
    } else if let Some((_, version)) = adapter.name().split_once('@')
        && !sha256.starts_with(version)
    {
        return Err(Failed::input(format!("{} was altered since it was taken into use", adapter.name())));
    }
    let Some(base) = fitting_base(catalogue, &adapter) else {
        return Err(Failed::input(format!("{} fits no model of the catalogue", adapter.name())));
    };
    println!("{} is sound and fits {base}", adapter.name());
    Ok(())
}

fn known<'a>(catalogue: &'a Catalogue, name: &str) -> Option<&'a KnownAdapter> {
    catalogue.adapters().iter().find(|known| known.name == name)
}

fn base(catalogue: &Catalogue, offer: &Offer) -> String {
    if offer.head.is_err() {
        return "(unusable)".to_owned();
    }
    let fits = catalogue.models().iter().find(|model| offer.fits(model).is_ok());
    fits.map_or_else(|| "(unknown base)".to_owned(), |model| model.name.clone())
}

fn adapter_base(catalogue: &Catalogue, adapter: &Adapter) -> String {
    fitting_base(catalogue, adapter).unwrap_or("(not in the catalogue)").to_owned()
}

fn fitting_base<'a>(catalogue: &'a Catalogue, adapter: &Adapter) -> Option<&'a str> {
    let fits = catalogue.models().iter().find(|model| adapter.check_base(&model.name, &model.sha256).is_ok());
    fits.map(|model| model.name.as_str())
}

fn origin(offer: &Offer) -> String {
    match (&offer.origin, &offer.head) {
        (_, Err(error)) => error.to_string(),
        (Origin::Shipped, _) => "came with Brine".to_owned(),
        (Origin::Local { version: None }, _) => "in the folder of models".to_owned(),
        (Origin::Local { version: Some(version) }, _) => format!("in the folder of models, version {version}"),
    }
}

/// "1a2b3c4d5e6f  in use  2026-11-26, against plain on 71 pairs: …", the one in use first.
fn versions(folder: &Folder, offer: &Offer) -> Vec<String> {
    let Ok(slot) = folder.slot(&offer.name) else { return Vec::new() };
    let line = |(place, version): (usize, String)| {
        let state = if place == 0 { "in use " } else { "earlier" };
        let figures = slot.figures(&version).map_or_else(
            || "(it lay here before there were versions)".to_owned(),
            |known| {
                let figures = known.figures.join("; ");
                format!("{}, against {} on {} pairs: {figures}", known.promoted, known.against, known.pairs)
            },
        );
        format!("{version}  {state}  {figures}")
    };
    slot.versions().into_iter().enumerate().map(line).collect()
}
