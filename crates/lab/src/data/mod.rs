//! Pairs of story and criteria: the file, the split by domain, the leak check, and the training examples made of them.

mod lessons;
mod pair;

pub use lessons::{Lesson, LessonError, PROMPT, lessons};
pub use pair::{DataError, Pair, read, write};
