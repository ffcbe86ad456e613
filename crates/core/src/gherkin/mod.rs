//! Gherkin acceptance criteria: the type, its text form both ways, the rules that judge it, the story sentence that each
//! scenario rests on, and the grammar that the model is held to. The limits of its form are in [`form`].

mod coverage;
mod criteria;
mod dialect;
mod findings;
pub mod form;
pub mod grammar;
mod grounding;
mod lines;
mod parse;
mod render;
mod rules;
#[cfg(test)]
mod tests;
mod words;

pub use crate::language::Language;
pub use coverage::{covers, to_test};
pub use criteria::{Basis, Criteria, Examples, Keyword, Scenario, Step, Tag};
pub use dialect::Dialect;
pub use findings::{Finding, Rule};
pub use grounding::{ground, overlap};
pub use parse::{ParseError, parse, parse_in};
pub use render::{ASSUMPTION, LANGUAGE, NOTE, QUESTION};
pub use rules::check;
pub use words::{content_words, numbers, quotes, similarity};
