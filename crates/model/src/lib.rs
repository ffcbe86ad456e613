//! The language model of Brine: catalogue and download, tokenizer, decoder, grammar mask, sampling, and the writer that
//! turns a story into criteria.

mod adapter;
mod base;
pub mod catalogue;
mod chat;
mod decoder;
mod engine;
mod error;
pub mod remote;
mod shelf;
mod speed;
mod tokenizer;
mod writer;

pub use adapter::{Adapter, Head};
pub use base::{Base, Rotary, Sizes};
pub use engine::{Engine, Sampling, Script, THREAD_VARIABLES};
pub use error::ModelError;
pub use shelf::{Figures, Offer, Origin, Slot, is_adapter_name, usual_name};
pub use speed::Speed;
pub use writer::{
    DraftEvent, DraftRequest, Drafted, FreeText, ScenarioRequest, Usage, WriteError, Writer, WrittenScenario,
};
