//! The story: what a product owner typed, as plain text in one form whatever it came from, and its sentences.

mod code;
mod kind;
mod kinds;
mod language;
mod markup;
mod note;
mod sentences;
mod shape;
mod split;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use code::block as code_block;
pub use kind::{Line, LineKind};
pub use language::Detected;
pub(crate) use markup::address_worth_saying;
pub use note::Note;
pub use sentences::Sentence;
pub(crate) use shape::{is_title, strip_bullet};
pub use text::{Story, StoryError};
