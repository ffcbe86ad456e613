//! Evaluation: stories in, the criteria of several arms (model × adapter × prompt, and controls) out, measured against the
//! story and never against the generator's own findings.

mod answer;
pub mod bootstrap;
mod case;
mod error;
mod keywords;
pub mod measures;
mod quantities;
mod repair;
mod set;

pub use answer::{Answer, Cost};
pub use case::Case;
pub use error::EvalError;
