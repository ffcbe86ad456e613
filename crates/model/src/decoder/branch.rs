//! Keys and values of one text behind the trunk.

use candle_core::{Result, Tensor};

/// Grows as it is written; a clone goes on by itself.
#[derive(Clone)]
pub(crate) struct Branch {
    layers: Vec<Layer>,
    tokens: usize,
}

/// What a layer holds.
#[derive(Clone)]
pub(super) enum Layer {
    /// On the CPU: keys and values of each key-value head, [tokens, head width].
    Memory { keys: Vec<Vec<f32>>, values: Vec<Vec<f32>> },
    /// Elsewhere: [kv heads, tokens, head width] each.
    Device { keys: Tensor, values: Tensor },
}

impl Branch {
    pub(super) fn new(layers: usize, kv_heads: usize) -> Self {
        let empty = || vec![Vec::new(); kv_heads];
        let layers = (0..layers).map(|_| Layer::Memory { keys: empty(), values: empty() }).collect();
        Self { layers, tokens: 0 }
    }

    /// How many tokens it holds.
    pub(crate) fn tokens(&self) -> usize {
        self.tokens
    }

    /// Adds a layer's keys and values [kv heads, head width] of one new token, in memory.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn append(&mut self, layer: usize, new_keys: &[f32], new_values: &[f32], width: usize) {
        if let Layer::Memory { keys, values } = &mut self.layers[layer] {
            for (held, new) in [(keys, new_keys), (values, new_values)] {
                for (held, new) in held.iter_mut().zip(new.chunks_exact(width)) {
                    held.extend_from_slice(new);
                }
            }
        }
    }

    /// Adds a layer's keys and values [kv heads, m, head width] of new tokens.
    pub(super) fn push(&mut self, layer: usize, new_keys: &Tensor, new_values: &Tensor) -> Result<()> {
        let layer = &mut self.layers[layer];
        match layer {
            Layer::Memory { keys, values } if new_keys.device().is_cpu() => {
                append(keys, new_keys)?;
                append(values, new_values)?;
            }
            Layer::Memory { .. } => {
                *layer = Layer::Device { keys: new_keys.contiguous()?, values: new_values.contiguous()? };
            }
            Layer::Device { keys, values } => {
                *keys = Tensor::cat(&[&*keys, new_keys], 1)?;
                *values = Tensor::cat(&[&*values, new_values], 1)?;
            }
        }
        Ok(())
    }

    /// All layers got so many tokens.
    pub(super) fn grow(&mut self, tokens: usize) {
        self.tokens += tokens;
    }

    pub(super) fn layer(&self, layer: usize) -> &Layer {
        &self.layers[layer]
    }
}

fn append(heads: &mut [Vec<f32>], new: &Tensor) -> Result<()> {
    for (head, held) in heads.iter_mut().enumerate() {
        held.extend(new.get(head)?.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(())
}
