//! LoRA fine-tuning of a base model on pairs of story and criteria.
//!
//! The lessons of one story are a tree (`tree`): the story is read once for all of them. The arithmetic (`ops`) is
//! candle's autograd with operations of our own on the CPU; a run (`run`) can be stopped or killed at any time and goes on
//! from its last checkpoint as if nothing had happened.

mod adam;
mod adapter;
mod chart;
mod checkpoint;
mod corpus;
mod crew;
mod error;
mod files;
mod from;
mod journal;
mod layer;
mod logits;
mod meter;
mod network;
mod ops;
mod report;
mod run;
mod schedule;
mod settings;
#[cfg(test)]
mod tests;
mod trainer;
mod tree;

use std::path::Path;

use brine_model::Base;
use candle_core::Device;

pub use corpus::Corpus;
pub use error::TuneError;
pub use journal::Entry;
pub use logits::logits;
pub use network::Network;
pub use run::{Ended, Run, Summary};
pub use settings::{DEFAULT, Linear, Settings};
pub use tree::{Sequence, Shape, Tree};

/// The base's weights and places for LoRA, on the GPU when the program was built for one.
///
/// # Errors
/// When they can't be read or do not fit into memory.
pub fn network(base: &Base, settings: &Settings) -> Result<Network, TuneError> {
    let device = device()?;
    Network::load(base.sizes(), base, settings, &device, ops::frozen::Precision::best(base.sizes(), &device))
}

/// Reads settings from a file; the defaults without one.
///
/// # Errors
/// When the file can't be read, or a setting can't be used.
pub fn settings(path: Option<&Path>) -> Result<Settings, TuneError> {
    let text = match path {
        Some(path) => std::fs::read_to_string(path).map_err(|cause| TuneError::io(path, cause))?,
        None => String::new(),
    };
    Settings::parse(&text)
}

fn device() -> candle_core::Result<Device> {
    if cfg!(feature = "cuda") {
        Device::new_cuda(0)
    } else if cfg!(feature = "metal") {
        Device::new_metal(0)
    } else {
        Ok(Device::Cpu)
    }
}
