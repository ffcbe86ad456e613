//! What can go wrong when we ask Jira, and what follows from it.

use std::time::Duration;

use super::limits::{Held, Limit, time_of_day};
use crate::clock::{Clock, Millis};
use crate::failure::Failure;

/// How often work that waits for a token looks for it.
const TOKEN_WAIT: Duration = Duration::from_secs(15);

/// Why a call to Jira did not succeed. Each message is one line for a Jira admin, without secrets or story text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JiraError {
    /// 401.
    #[error("Jira does not accept Brine's signature: install Brine again on this site")]
    Unauthorized,
    /// 403.
    #[error(
        "Jira does not let Brine do this: give Brine's app user the permission to browse, edit and comment in this project"
    )]
    Forbidden,
    /// 404, 410.
    #[error("Jira does not have it, or does not show it to Brine: it may have been deleted or moved")]
    NotFound,
    /// 429.
    #[error("Jira asks Brine to wait {} seconds before the next call", retry_after.as_secs())]
    RateLimited {
        /// How long to leave the site alone.
        retry_after: Duration,
    },
    /// Not asked: Jira would refuse it for one of its limits.
    #[error("Brine leaves Jira alone until {}: {by}", time_of_day(*until))]
    Held {
        /// The earliest time for the call.
        until: Millis,
        /// How far off that is.
        wait: Duration,
        /// Which limit.
        by: Limit,
    },
    /// Another 4xx.
    #[error("Jira refused the call (status {status}): {messages}")]
    Rejected {
        /// The status.
        status: u16,
        /// Jira's own words, shortened; what would repeat the story is left out.
        messages: String,
    },
    /// 5xx, no connection, no answer in time.
    #[error("Jira is not available: {cause}")]
    Unavailable {
        /// "it answered with status 502".
        cause: String,
        /// How long it asked to be left alone, when it did.
        retry_after: Option<Duration>,
    },
    /// 2xx with something else than the JSON that was asked for.
    #[error("Jira's answer cannot be read: {what}")]
    Malformed {
        /// What is wrong with it.
        what: &'static str,
    },
    /// What was to be written has no place in this issue.
    #[error("This issue cannot take the criteria: {what}")]
    Unfit {
        /// Why, and what to do.
        what: &'static str,
    },
    /// 2xx with a body over the limit.
    #[error("Jira's answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// 3xx: never followed, because the token would go along.
    #[error(
        "Jira sends us to another address: the site may have been renamed; open Brine's page in Jira's app settings once"
    )]
    Moved,
    /// The site's address or secret in our records does not serve for a call.
    #[error("Brine's record of this site cannot be used: install Brine again on this site")]
    Installation,
    /// Forge gives tokens as it likes, and none that we hold is good now.
    #[error(
        "waiting for Jira's next token: Forge sends Brine a new one every few minutes to an hour; opening Brine's page in \
         Jira brings one at once"
    )]
    NoToken,
    /// The token that Forge gave for the person has ended.
    #[error("Jira's token for this page has ended: reload the page")]
    PersonToken,
    /// Not written: the job is no longer this worker's.
    #[error("the job is no longer this worker's: its lease ran out, or it was cancelled")]
    LeaseLost,
    /// Not written: the database did not say whether the job is still this worker's.
    #[error("nothing was written to Jira, because it is not known whether this job is still this worker's: {cause}")]
    Unproven {
        /// What the store said.
        cause: String,
    },
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up: check the system's TLS certificates and proxy settings")]
    Client,
}

impl JiraError {
    pub(super) fn held(held: Held, clock: &Clock) -> Self {
        let wait = u64::try_from(held.until.saturating_sub(clock.now())).unwrap_or_default();
        Self::Held { until: held.until, wait: Duration::from_millis(wait), by: held.by }
    }
}

impl From<JiraError> for Failure {
    fn from(error: JiraError) -> Self {
        let reason = error.to_string();
        match error {
            // Nothing was tried for want of leave to try it: no attempt is used up.
            JiraError::RateLimited { retry_after: wait } | JiraError::Held { wait, .. } => {
                Failure::Wait { reason, wait }
            }
            JiraError::Unavailable { retry_after: Some(wait), .. } => Failure::RetryAfter { reason, wait },
            JiraError::NoToken => Failure::Wait { reason, wait: TOKEN_WAIT },
            JiraError::NotFound | JiraError::LeaseLost => Failure::NotOurs { reason },
            // 409 and 423: somebody else holds the issue for a moment.
            JiraError::Rejected { status: 409 | 423, .. }
            | JiraError::Unavailable { .. }
            | JiraError::Malformed { .. }
            | JiraError::Unproven { .. }
            | JiraError::Moved => Failure::Retry { reason },
            JiraError::Unauthorized
            | JiraError::Forbidden
            | JiraError::PersonToken
            | JiraError::Rejected { .. }
            | JiraError::Unfit { .. }
            | JiraError::TooLarge { .. }
            | JiraError::Installation
            | JiraError::Client => Failure::Permanent { reason },
        }
    }
}
