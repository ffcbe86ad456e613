//! The story: what a product owner typed, as plain text, its sentences and its language.

mod language;
mod note;
mod sentences;
mod text;

pub use language::Detected;
pub use note::Note;
pub use sentences::Sentence;
pub use text::{Story, StoryError};
