//! Reading an answer: its status first, then its body up to a limit.

use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::clock::Clock;
use crate::jira::JiraError;
use crate::jira::limits::Told;

/// Largest body that is read. Bytes.
const BODY_BYTES: usize = 8 * 1024 * 1024;
/// When Jira says 429 and not for how long.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);
/// Jira's longest window is an hour.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Longest part of Jira's own message that is kept, in characters, and how many messages.
const MESSAGE_CHARS: usize = 160;
const MESSAGES: usize = 3;
/// A message that shares so many bytes in a row with what we sent repeats it.
const ECHO_BYTES: usize = 24;

/// The JSON of a good answer, or what the status says. `sent` is the body of the request.
pub(super) async fn read(response: Response, sent: Option<&Value>, clock: &Clock) -> Result<Value, JiraError> {
    let status = response.status();
    let retry_after = retry_after(response.headers(), clock);
    if status.is_success() {
        return body(response).await;
    }
    if status.is_redirection() {
        return Err(JiraError::Moved);
    }
    Err(match status.as_u16() {
        401 => JiraError::Unauthorized,
        403 => JiraError::Forbidden,
        404 | 410 => JiraError::NotFound,
        429 => JiraError::RateLimited { retry_after: retry_after.unwrap_or(DEFAULT_WAIT) },
        408 => JiraError::Unavailable { cause: "it answered with status 408".to_owned(), retry_after },
        code if status.is_client_error() => {
            JiraError::Rejected { status: code, messages: messages(body(response).await.unwrap_or_default(), sent) }
        }
        code => JiraError::Unavailable { cause: format!("it answered with status {code}"), retry_after },
    })
}

/// What the answer's head says about Jira's limits.
pub(super) fn told(response: &Response, clock: &Clock) -> Told {
    let retry_after = retry_after(response.headers(), clock);
    let retry_after = retry_after.map(|wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
    Told::read(response.status().as_u16(), response.headers(), retry_after, clock.now())
}

/// What a call that brought no answer means. The client's own words are left out: they hold the address.
pub(super) fn broken(error: &reqwest::Error) -> JiraError {
    let cause = if error.is_timeout() {
        "it did not answer in time"
    } else if error.is_connect() {
        "no connection to the site"
    } else {
        "the connection broke off"
    };
    JiraError::Unavailable { cause: cause.to_owned(), retry_after: None }
}

async fn body(mut response: Response) -> Result<Value, JiraError> {
    let is_json = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    let too_large = JiraError::TooLarge { limit: BODY_BYTES };
    if response.content_length().is_some_and(|length| length > BODY_BYTES as u64) {
        return Err(too_large);
    }
    let no_content = response.status() == StatusCode::NO_CONTENT;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > BODY_BYTES {
            return Err(too_large);
        }
        bytes.extend_from_slice(&chunk);
    }
    if no_content || bytes.is_empty() {
        return Ok(Value::Null);
    }
    if !is_json {
        return Err(JiraError::Malformed { what: "it is no JSON (a login or maintenance page?)" });
    }
    serde_json::from_slice(&bytes).map_err(|_| JiraError::Malformed { what: "its JSON is broken" })
}

/// Seconds or a date; never less than a second, never more than an hour.
fn retry_after(headers: &HeaderMap, clock: &Clock) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
            let now = Duration::from_millis(u64::try_from(clock.now()).unwrap_or_default());
            until.saturating_sub(now)
        }
    };
    Some(wait.clamp(Duration::from_secs(1), LONGEST_WAIT))
}

/// Jira's reasons in one line: `errorMessages`, then `errors` by field.
fn messages(answer: Value, sent: Option<&Value>) -> String {
    let sent = sent.map(Value::to_string).unwrap_or_default();
    let general = answer.get("errorMessages").and_then(Value::as_array).into_iter().flatten();
    let general = general.filter_map(|message| message.as_str().map(str::to_owned));
    let by_field = answer.get("errors").and_then(Value::as_object).into_iter().flatten();
    let by_field =
        by_field.filter_map(|(field, message)| message.as_str().map(|message| format!("{field}: {message}")));
    let kept: Vec<String> = general
        .chain(by_field)
        .filter(|message| !echoes(message, &sent))
        .map(|message| message.split_whitespace().collect::<Vec<_>>().join(" "))
        .map(|message| message.chars().take(MESSAGE_CHARS).collect())
        .take(MESSAGES)
        .collect();
    if kept.is_empty() { "it gave no reason that can be shown".to_owned() } else { kept.join("; ") }
}

/// Whether a message repeats a piece of what we sent, which may hold a story's words.
fn echoes(message: &str, sent: &str) -> bool {
    message
        .as_bytes()
        .windows(ECHO_BYTES)
        .any(|piece| std::str::from_utf8(piece).is_ok_and(|piece| sent.contains(piece)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::messages;

    #[test]
    fn what_jira_says_is_kept_and_what_the_story_says_is_not() {
        let sent = json!({"fields": {"description": "Gold members pay no delivery fee above 50 euros"}});
        let answer = json!({
            "errorMessages": ["Cannot read 'Gold members pay no delivery fee'", "The issue\n is archived."],
            "errors": {"description": "Field 'description' cannot be set."}
        });
        assert_eq!(
            messages(answer, Some(&sent)),
            "The issue is archived.; description: Field 'description' cannot be set."
        );
        assert_eq!(messages(json!("<html>"), None), "it gave no reason that can be shown");
    }
}
