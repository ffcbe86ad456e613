//! The writer: a story in, checked acceptance criteria out.

mod request;

pub use request::{DraftEvent, DraftRequest, Drafted, Usage, WriteError};
