//! Keys and values of the trunk, one tensor a layer, allocated once.

use candle_core::{DType, Device, Result, Tensor};

use crate::decoder::config::Config;

pub(super) struct Cache {
    layers: Vec<(Tensor, Tensor)>,
}

impl Cache {
    /// Room for `tokens` tokens.
    pub(super) fn new(config: &Config, tokens: usize, device: &Device) -> Result<Self> {
        let shape = (config.kv_heads, tokens, config.head_width);
        let empty = || Tensor::zeros(shape, DType::F32, device);
        let layers = (0..config.layers).map(|_| Ok((empty()?, empty()?))).collect::<Result<Vec<_>>>()?;
        Ok(Self { layers })
    }

    /// Stores keys and values [kv_heads, m, head_width] from position `at` on; gives all up to their end.
    pub(super) fn extend(&self, layer: usize, at: usize, keys: &Tensor, values: &Tensor) -> Result<(Tensor, Tensor)> {
        let (all_keys, all_values) = &self.layers[layer];
        all_keys.slice_set(&keys.contiguous()?, 1, at)?;
        all_values.slice_set(&values.contiguous()?, 1, at)?;
        self.first(layer, at + keys.dim(1)?)
    }

    /// Keys and values of the first `tokens` tokens: [kv_heads, tokens, head_width].
    pub(super) fn first(&self, layer: usize, tokens: usize) -> Result<(Tensor, Tensor)> {
        let (keys, values) = &self.layers[layer];
        Ok((keys.narrow(1, 0, tokens)?, values.narrow(1, 0, tokens)?))
    }
}
