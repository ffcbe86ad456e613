//! Every way in which a request is refused, and what the caller is told: one clear line, never an inner cause.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use brine_core::jira::JiraError;
use brine_core::store::StoreError;
use serde_json::json;

/// Why a request is not served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// No token, or one that proves nothing. The reason is for the log alone.
    #[error("The request could not be verified. Reload the page and try again.")]
    Unproven {
        /// For the log.
        reason: String,
    },
    /// Proven, but not allowed.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Not there, or not theirs.
    #[error("{0}")]
    NotFound(&'static str),
    /// Not what the route takes.
    #[error("{0}")]
    Malformed(String),
    /// More than the route takes.
    #[error("The request is too large: at most {limit} bytes are accepted.")]
    TooLarge {
        /// Bytes.
        limit: usize,
    },
    /// The body did not arrive in time.
    #[error("The request took too long to arrive.")]
    TooSlow,
    /// Too often.
    #[error("Too many requests. Try again in {wait} seconds.")]
    TooMany {
        /// Seconds.
        wait: u64,
    },
    /// The site has had its stories for today.
    #[error("{}", used_up(*per_day, *wait))]
    QuotaUsedUp {
        /// Stories.
        per_day: u32,
        /// Seconds until it goes on.
        wait: u64,
    },
    /// Someone else was faster, or the state does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// Text that is not Gherkin.
    #[error("{message}")]
    NotGherkin {
        /// From 1, when known.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// Jira did not do its part.
    #[error("{message}")]
    Jira {
        /// For the person.
        message: String,
        /// For the log.
        cause: String,
        /// Seconds after which to try again, when Jira said so.
        wait: Option<u64>,
    },
    /// Ours. The cause is for the log alone.
    #[error("Something went wrong in Brine. Try again; if it stays, ask the person who runs Brine to read its log.")]
    Internal {
        /// For the log.
        cause: String,
    },
}

impl Refusal {
    pub(crate) fn unproven(reason: impl ToString) -> Self {
        Self::Unproven { reason: reason.to_string() }
    }

    pub(crate) fn internal(cause: impl ToString) -> Self {
        Self::Internal { cause: cause.to_string() }
    }

    /// Logged once, here at the boundary.
    fn log(&self) {
        match self {
            Self::Unproven { reason } => tracing::warn!(reason, "refused an unproven call"),
            Self::Jira { cause, .. } => tracing::warn!(cause, "Jira did not answer as expected"),
            Self::Internal { cause } => tracing::error!(cause, "a request failed"),
            other => tracing::debug!(status = other.status_code().as_u16(), "refused a call"),
        }
    }
}

fn used_up(per_day: u32, wait: u64) -> String {
    let minutes = wait.div_ceil(60);
    format!(
        "The stories that Brine may write on this site today are used up ({per_day} a day). It goes on at midnight UTC, \
         in {} h {} min. A Jira administrator can change the limit on Brine's admin page.",
        minutes / 60,
        minutes % 60
    )
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unproven { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany { .. } | Self::QuotaUsedUp { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::NotGherkin { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Jira { wait: Some(_), .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Jira { .. } => StatusCode::BAD_GATEWAY,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        let mut response = HttpResponse::build(self.status_code());
        if let Self::Jira { wait: Some(seconds), .. }
        | Self::TooMany { wait: seconds }
        | Self::QuotaUsedUp { wait: seconds, .. } = self
        {
            response.insert_header(("Retry-After", seconds.to_string()));
        }
        let error = match self {
            Self::NotGherkin { line, message } => json!({ "message": message, "line": line }),
            other => json!({ "message": other.to_string() }),
        };
        response.json(json!({ "error": error }))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict(
                "Someone else changed this in the meantime. Reload to see their version; your text stays in the editor."
                    .to_owned(),
            ),
            other => Self::internal(other),
        }
    }
}

impl From<JiraError> for Refusal {
    fn from(error: JiraError) -> Self {
        let cause = error.to_string();
        if let JiraError::Held { wait, .. } = &error {
            let wait = Some(wait.as_secs() + 1);
            return Self::Jira { message: format!("{cause}. Try again then."), cause, wait };
        }
        let message = match &error {
            JiraError::Unfit { .. } => return Self::Conflict(format!("{cause}.")),
            JiraError::NotFound => return Self::NotFound("Jira does not know this, or it is not visible to you."),
            JiraError::Unauthorized | JiraError::Installation => {
                "Jira no longer accepts Brine's credentials. Ask a Jira admin to install Brine again."
            }
            JiraError::Forbidden => {
                "Jira does not let Brine do this. Ask a project admin to check the app's permissions."
            }
            JiraError::NoToken => {
                "Brine waits for Jira's next token, which comes within the hour. Reload the page, or try again later."
            }
            JiraError::PersonToken => "Jira's token for this page has ended. Reload the page.",
            JiraError::RateLimited { .. } => "Jira is limiting requests right now. Try again in a moment.",
            _ => "Jira did not answer as expected. Try again in a moment.",
        };
        let wait = match &error {
            JiraError::RateLimited { retry_after } | JiraError::Unavailable { retry_after: Some(retry_after), .. } => {
                Some(retry_after.as_secs().max(1))
            }
            JiraError::NoToken => Some(60),
            _ => None,
        };
        Self::Jira { message: message.to_owned(), cause, wait }
    }
}
