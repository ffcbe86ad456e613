//! What an evaluation measures. Each file holds one measure as a pure function of a story and a set of scenarios; this one
//! lists them. None of them asks the product what it thinks of its own work (its findings).

mod duplicates;
pub(crate) mod facts;
mod gates;
mod judge;
mod kinds;
pub(crate) mod mutation;
mod precision;
mod questions;
mod style;
#[cfg(test)]
pub(crate) mod tests;
mod traps;
mod unsupported;
mod unsupported_words;

pub use judge::{Judgement, judge};
pub use kinds::{Direction, Measure, Unit};
