//! What the whole-system tests and the demo stand on: a stateful fake Jira that refuses what Jira refuses, a
//! fake Forge that calls an app for it, and a harness
//! that runs the real `brine serve` beside it.

pub mod chaos;
pub mod fake_forge;
pub mod fake_jira;
pub mod harness;
