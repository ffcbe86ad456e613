//! Prompts: versioned template files, and the story's budget.

pub mod budget;
mod template;

pub use template::{Message, Prompt, Role, all, find, for_server, seed, teacher};
