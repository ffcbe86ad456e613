//! The shape of a model, out of the metadata of its GGUF file.

use candle_core::quantized::gguf_file::Content;

/// Which way two values of a head are paired by the rotary embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotary {
    /// Neighbours (GGUF files of the Llama family: q and k rows are stored permuted for it).
    Interleaved,
    /// The two halves of a head (Qwen2).
    Halves,
}

/// Sizes in numbers of values.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) layers: usize,
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head_width: usize,
    pub(crate) norm_epsilon: f32,
    pub(crate) rotary_base: f32,
    pub(crate) rotary: Rotary,
    /// The longest text that the model was made for, in tokens.
    pub(crate) context: usize,
}

impl Config {
    /// The error says what is missing or not supported.
    pub(crate) fn from_gguf(content: &Content) -> Result<Self, String> {
        let architecture = content.metadata.get("general.architecture").and_then(|value| value.to_string().ok());
        let architecture = architecture.ok_or("it names no architecture")?.as_str();
        let rotary = match architecture {
            "llama" => Rotary::Interleaved,
            "qwen2" => Rotary::Halves,
            other => return Err(format!("its architecture {other:?} is not supported (supported: llama, qwen2)")),
        };
        let value = |key: &str| content.metadata.get(&format!("{architecture}.{key}"));
        let size = |key: &str| {
            let found = value(key).and_then(|value| value.to_u32().ok()).filter(|size| *size > 0);
            found.map(|size| size as usize).ok_or_else(|| format!("it has no usable {architecture}.{key}"))
        };
        let heads = size("attention.head_count")?;
        let width = size("embedding_length")?;
        let config = Self {
            layers: size("block_count")?,
            heads,
            kv_heads: size("attention.head_count_kv").unwrap_or(heads),
            head_width: size("attention.key_length").unwrap_or(width / heads),
            norm_epsilon: value("attention.layer_norm_rms_epsilon")
                .and_then(|value| value.to_f32().ok())
                .unwrap_or(1e-5),
            rotary_base: value("rope.freq_base").and_then(|value| value.to_f32().ok()).unwrap_or(10_000.0),
            rotary,
            context: size("context_length")?,
        };
        if !config.heads.is_multiple_of(config.kv_heads) || !config.head_width.is_multiple_of(2) {
            return Err("its attention heads do not fit together".to_owned());
        }
        Ok(config)
    }
}
