//! Distillation: a larger model, the teacher, writes criteria for stories, and what passes the rules becomes pairs that a
//! small model is tuned with. What is judged and how stands apart from who writes and where it is kept.

mod choice;
mod cover;
mod error;
mod filters;
mod form;
mod ledger;
mod log;
mod provenance;
mod reason;
mod run;
mod summary;
mod teacher;
#[cfg(test)]
mod tests;
mod work;

pub use error::DistillError;
pub use filters::{Filters, Passed, judge};
pub use ledger::Files;
pub use provenance::Provenance;
pub use reason::{Reason, Rejection};
pub use run::{Options, Progress, Run};
pub use summary::Summary;
pub use teacher::{
    Identity, KEY, ModelSettings, ModelTeacher, ServerSettings, ServerTeacher, Teacher, TeacherError, Written,
    key_from_environment,
};
pub use work::Work;
