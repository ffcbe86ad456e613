//! What happens next when work did not succeed. Every error that reaches the worker's settling becomes one of these.

use std::time::Duration;

/// The outcome of work that did not succeed, named by what follows from it.
///
/// `reason` is one sentence for a Jira admin: no secret and no story text in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Try again after a growing pause: the network, a 5xx, a deadline.
    #[error("{reason}")]
    Retry {
        /// What went wrong.
        reason: String,
    },
    /// Try again, not before the other side said so (429 with Retry-After).
    #[error("{reason}")]
    RetryAfter {
        /// What went wrong.
        reason: String,
        /// How long the other side wants to be left alone.
        wait: Duration,
    },
    /// Nothing could be tried yet: try again after `wait`, as if this attempt had not been one.
    #[error("{reason}")]
    Wait {
        /// What is waited for.
        reason: String,
        /// When to look again.
        wait: Duration,
    },
    /// Trying again can't help: bad input, no permission, a broken model file.
    #[error("{reason}")]
    Permanent {
        /// What went wrong, and what to do.
        reason: String,
    },
    /// Not a failure of ours: the issue or the site is gone, the person cancelled.
    #[error("{reason}")]
    NotOurs {
        /// What was found.
        reason: String,
    },
}

impl Failure {
    /// See [`Failure::Retry`].
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { reason: reason.into() }
    }

    /// See [`Failure::Permanent`].
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self::Permanent { reason: reason.into() }
    }

    /// See [`Failure::NotOurs`].
    pub fn not_ours(reason: impl Into<String>) -> Self {
        Self::NotOurs { reason: reason.into() }
    }
}
