//! Who writes: a model of the catalogue under the product's grammar, or a server that speaks the protocol of chat
//! completions.

mod model;
mod server;

use std::future::Future;

use brine_core::story::Story;
use tokio_util::sync::CancellationToken;

pub use self::model::{ModelSettings, ModelTeacher};
pub use self::server::{KEY, ServerSettings, ServerTeacher, key_from_environment};

/// Writes criteria for stories.
pub trait Teacher {
    /// Who it is.
    fn identity(&self) -> &Identity;

    /// One answer. The same story and seed give the same answer, as far as the teacher can promise that.
    fn write(
        &self,
        story: &Story,
        seed: u64,
        cancel: &CancellationToken,
    ) -> impl Future<Output = Result<Written, TeacherError>> + Send;
}

/// Names a teacher in the pairs that it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The model's name.
    pub teacher: String,
    /// The adapter's name.
    pub adapter: Option<String>,
    /// The prompt, with its version.
    pub prompt: String,
    /// Of everything that its answers depend on.
    pub print: String,
}

/// An answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The words.
    pub text: String,
    /// It ended at the teacher's limit, not of itself.
    pub cut_off: bool,
}

/// Why there is no answer. Messages hold no story text, no key and no path of an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TeacherError {
    /// The caller stopped it.
    #[error("stopped before it was finished")]
    Stopped,
    /// Not to this story, or not now.
    #[error("{0}")]
    NoAnswer(String),
    /// Not to any story, until something is changed.
    #[error("{0}")]
    Unusable(String),
}
