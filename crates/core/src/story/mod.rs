//! The story: what a product owner typed, as plain text, and its sentences.

mod kind;
mod lines;
mod note;
mod sentences;
mod text;

pub use kind::LineKind;
pub use note::Note;
pub use sentences::Sentence;
pub use text::{Story, StoryError};
