//! Whole runs with a small model of random weights.

#![allow(clippy::unwrap_used)]

mod precision;
mod runs;
mod small;
