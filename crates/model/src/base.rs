//! A base model as fine-tuning sees it: sizes, weights as f32, and texts as tokens.

use std::path::{Path, PathBuf};

use brine_core::prompt::Message;
use candle_core::Tensor;

use crate::adapter::Adapter;
use crate::catalogue::sha256;
use crate::chat::Chat;
pub use crate::decoder::Rotary;
use crate::decoder::{Config, GgufFile};
use crate::error::ModelError;
use crate::tokenizer::Tokenizer;

/// An opened GGUF file.
pub struct Base {
    path: PathBuf,
    file: GgufFile,
    sizes: Sizes,
    tokenizer: Tokenizer,
    chat: Chat,
    sha256: String,
}

/// The shape of a model; sizes are numbers of values.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// Blocks of attention and feed-forward.
    pub layers: usize,
    /// Of a token's vector.
    pub width: usize,
    /// Of the feed-forward block.
    pub inner_width: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads.
    pub kv_heads: usize,
    /// Of one head's vector.
    pub head_width: usize,
    /// Different tokens.
    pub vocabulary: usize,
    /// Added under the root of the norms.
    pub norm_epsilon: f32,
    /// θ of the rotary embedding.
    pub rotary_base: f32,
    /// How the values of a head are paired for rotation.
    pub rotary: Rotary,
    /// The longest text that the model was made for, in tokens.
    pub context: usize,
}

impl Base {
    /// Opens the file and reads it once, for its SHA-256.
    ///
    /// # Errors
    /// When it can't be read or is no model that this program knows.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let unusable = |reason: String| ModelError::unusable(path, reason);
        let file = GgufFile::open(path)?;
        let config = Config::from_gguf(&file.content).map_err(unusable)?;
        let tokenizer = Tokenizer::from_gguf(&file.content).map_err(unusable)?;
        let chat = Chat::from_gguf(&file.content, tokenizer.clone());
        let shape = |name: &str| {
            let info = file.content.tensor_infos.get(name);
            info.and_then(|info| info.shape.dims2().ok()).ok_or_else(|| unusable(format!("it has no matrix {name}")))
        };
        let (vocabulary, width) = shape("token_embd.weight")?;
        let (inner_width, _) = shape("blk.0.ffn_gate.weight")?;
        let sizes = Sizes {
            layers: config.layers,
            width,
            inner_width,
            heads: config.heads,
            kv_heads: config.kv_heads,
            head_width: config.head_width,
            vocabulary,
            norm_epsilon: config.norm_epsilon,
            rotary_base: config.rotary_base,
            rotary: config.rotary,
            context: config.context,
        };
        let sha256 = sha256(path).map_err(|cause| ModelError::io(path, cause))?;
        Ok(Self { path: path.to_owned(), file, sizes, tokenizer, chat, sha256 })
    }

    /// The model's shape.
    pub fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// Of the file, in hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether the file has a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.file.content.tensor_infos.contains_key(name)
    }

    /// The tensor that GGUF calls e.g. "blk.3.attn_q.weight", as f32 on the CPU, [rows, columns] or [columns]. Rows of q
    /// and k are in the file's order, for the pairing that [`Sizes::rotary`] tells.
    ///
    /// # Errors
    /// When there is none.
    pub fn tensor(&self, name: &str) -> Result<Tensor, ModelError> {
        if !self.has(name) {
            return Err(ModelError::unusable(&self.path, format!("it has no tensor {name}")));
        }
        Ok(self.file.tensor(name)?)
    }

    /// Like [`Base::tensor`], with what an adapter adds.
    ///
    /// # Errors
    /// When there is none, or the adapter does not fit.
    pub fn merged(&self, name: &str, adapter: &Adapter) -> Result<Tensor, ModelError> {
        let heads = match name.rsplit('.').nth(1) {
            Some("attn_q") => Some(self.sizes.heads),
            Some("attn_k") => Some(self.sizes.kv_heads),
            _ => None,
        };
        adapter.merge(name, self.tensor(name)?, heads.filter(|_| self.sizes.rotary == Rotary::Interleaved))
    }

    /// The tokens of a text in which nothing is a control token.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        self.tokenizer.encode(text)
    }

    /// The tokens of a conversation up to the model's turn.
    ///
    /// # Errors
    /// When the model's chat template does not run.
    pub fn encode_chat(&self, messages: &[Message]) -> Result<Vec<u32>, ModelError> {
        self.chat.encode(messages).map_err(|reason| ModelError::unusable(&self.path, reason))
    }

    /// The token that ends the model's turn.
    pub fn end_of_turn(&self) -> u32 {
        self.tokenizer.end()
    }
}
