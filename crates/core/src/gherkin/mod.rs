//! Gherkin acceptance criteria: the type, its text form both ways, the rules that judge it, and the grammar that the
//! model is held to.

mod criteria;
mod findings;

pub use criteria::{Basis, Criteria, Examples, Keyword, Scenario, Step, Tag};
pub use findings::{Finding, Rule};
