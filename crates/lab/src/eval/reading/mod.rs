//! Readers: the headline of an evaluation. Every scenario of every arm is read with its story beside it by people or language
//! models that don't know the arm, and gets points by the rubric of `docs/READING.md`.
//!
//! What is to be read is laid out once ([`Key`]): arms shuffled, some scenarios twice, some sabotaged on purpose, so that
//! readers are measured as well. It is written as sheets for readers of any kind or sent to a server; both give rows, and
//! rows give the same table.

mod agree;
mod choice;
mod items;
mod judge;
mod key;
mod numbering;
mod rows;
mod rubric;
mod sabotage;
mod score;
mod sheet;
#[cfg(test)]
mod tests;

pub use agree::{Agreement, Attention, Repeats};
pub use choice::Chosen;
pub use items::Plan;
pub use judge::{JUDGE_KEY, Judge, JudgeSettings, Spent, judge_key_from_environment};
pub use key::Key;
pub use rows::{Reader, Row};
pub use score::{Readings, Tally};
pub use sheet::sheets;
