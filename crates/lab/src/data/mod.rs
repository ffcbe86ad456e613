//! Pairs of story and criteria: the file, the text form they are written in, the leak check between sets, and the lessons
//! that a model is taught.

mod leak;
mod lessons;
mod pair;
mod quotes;
mod text_form;

pub use leak::{Leak, WORDS, leaks};
pub use lessons::{Lesson, LessonError, PROMPT, lesson};
pub use pair::{DataError, Pair, Trap, read, write};
pub use text_form::read_text_form;
