//! What both sides of Brine share, module by module in the order of dependence: a module uses only those above it.
//!
//! Nothing here knows of the model's arithmetic, of HTML pages, or of the fake Jira.

pub mod clock;
pub mod failure;
pub mod ids;
pub mod language;
pub mod secret;
pub mod settings;
pub mod together;

pub mod gherkin;
pub mod redact;
pub mod story;
pub mod telemetry;

pub mod adf;
pub mod prompt;

pub mod jobs;

pub mod queue;
pub mod store;

pub mod jira;
