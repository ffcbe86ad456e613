//! Pairs of story and criteria: the file, the split by domain, the leak check, and the training examples made of them.

mod pair;

pub use pair::{DataError, Pair, Trap, read, write};
