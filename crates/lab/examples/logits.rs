//! Prints the logits of a text with the model of the tests and an adapter as JSON, for `scripts/peft/compare.py`.
//!
//!     logits ADAPTER-FOLDER TEXT

use anyhow::{Context, Result};
use brine_lab::tune;
use brine_model::catalogue::{Catalogue, Folder};
use brine_model::{Adapter, Base};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (folder, text) = arguments.next().zip(arguments.next()).context("usage: logits ADAPTER-FOLDER TEXT")?;
    let catalogue = Catalogue::built_in()?;
    let model = catalogue.model("smollm2-135m")?;
    let base = Base::open(&Folder::new(None).verify(model)?)?;
    let adapter = Adapter::load(std::path::Path::new(&folder), "adapter")?;
    adapter.check_base(&model.name, base.sha256())?;
    let tokens = base.encode(&text);
    let logits = tune::logits(&base, &adapter, &tokens)?;
    println!("{}", serde_json::json!({ "tokens": tokens, "logits": logits }));
    Ok(())
}
