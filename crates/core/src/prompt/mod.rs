//! Prompts: versioned template files, the story's budget, and the plan of one scenario for each rule of the story.

pub mod budget;
mod plan;
mod template;

pub use plan::{Case, Focus, GAP, Side, plan};
pub use template::{Message, Prompt, Questions, Role, Shape, all, find, for_server, seed, teacher};
