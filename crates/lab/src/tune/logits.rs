//! What a base with an adapter says of a text, in full precision: other programs that load the adapter must find the same.

use brine_model::{Adapter, Base, ModelError};
use candle_core::{Device, Tensor};

use super::adapter::start;
use super::error::TuneError;
use super::layer::Weights;
use super::network::Network;
use super::ops::frozen::Precision;
use super::settings::Settings;
use super::tree::{Shape, Tree};

struct Merged<'a> {
    base: &'a Base,
    adapter: &'a Adapter,
}

impl Weights for Merged<'_> {
    fn tensor(&self, name: &str) -> Result<Option<Tensor>, ModelError> {
        if self.base.has(name) { self.base.merged(name, self.adapter).map(Some) } else { Ok(None) }
    }
}

/// The logits behind each of `tokens`, a row of the vocabulary's length each, computed in f32 on the CPU.
///
/// # Errors
/// When there are no tokens or more than the default `max_tokens`, or the adapter does not fit the base.
pub fn logits(base: &Base, adapter: &Adapter, tokens: &[u32]) -> Result<Vec<Vec<f32>>, TuneError> {
    let settings = Settings::parse("rank = 1")?;
    if tokens.is_empty() || tokens.len() > settings.max_tokens {
        return Err(TuneError::Data(format!("the text has {} tokens, not 1 to {}", tokens.len(), settings.max_tokens)));
    }
    let network = Network::load(base.sizes(), &Merged { base, adapter }, &settings, &Device::Cpu, Precision::Full)?;
    // LoRA as it starts adds nothing.
    let fitted = network.fit(&start(network.plan(), network.layers(), 0))?;
    let rows = (0..tokens.len() as u32).collect();
    let shape = Shape { prefix: 0, branches: std::iter::once(0..tokens.len()).collect() };
    let tree = Tree { tokens: tokens.to_vec(), shape, rows, targets: Vec::new() };
    Ok(fitted.logits(&tree)?.to_vec2()?)
}
