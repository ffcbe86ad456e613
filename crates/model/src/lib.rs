//! The language model of Brine: catalogue and download, tokenizer, decoder, grammar mask, sampling, and the writer that
//! turns a story into criteria.

mod writer;

pub use writer::{DraftEvent, DraftRequest, Drafted, Usage, WriteError};
