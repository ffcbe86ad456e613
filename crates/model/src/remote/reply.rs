//! Reading a server's reply: its status first, then its body up to a limit.

use std::time::{Duration, UNIX_EPOCH};

use brine_core::clock::Clock;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::Reply;

/// Largest body that is read. Bytes. Reasoning models send their thoughts along.
const BODY_BYTES: usize = 4 * 1024 * 1024;
/// Longest name of an error that is shown.
const CODE_CHARS: usize = 48;

/// Why a try brought no answer. No text of a server is shown: it may repeat the story.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The same request may be answered later.
    Again { reason: String, after: Option<Duration> },
    /// Not this request.
    NoAnswer(String),
    /// Not this request, by the server's own decision: one that asks for less may be answered.
    Refused(String),
    /// No request.
    Unusable(String),
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Default, Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    completion_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Choice {
    message: Turn,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Turn {
    /// Absent when the model refuses.
    #[serde(default)]
    content: Option<String>,
}

/// The answer in a reply, or what its status says. `keyed` tells whether a key went along, `variable` where it comes from.
pub(super) async fn read(response: Response, keyed: bool, variable: &str, clock: &Clock) -> Result<Reply, Trouble> {
    let status = response.status();
    if status.is_success() {
        return completion(&body(response).await?);
    }
    let after = retry_after(response.headers(), clock);
    let code = status.as_u16();
    let said = format!("it answered with status {code}");
    Err(match status {
        _ if status.is_redirection() => {
            Trouble::Unusable(format!("it sends us to another address (status {code}); give that one"))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if keyed => {
            Trouble::Unusable(format!("it does not accept the key in {variable} (status {code})"))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Trouble::Unusable(format!("it wants a key (status {code}); set the variable {variable}"))
        }
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            Trouble::Unusable(format!("it has no such address or model (status {code})"))
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Trouble::Again { reason: said, after },
        _ if status.is_server_error() => Trouble::Again { reason: said, after },
        _ => {
            let name = error_name(&body(response).await.unwrap_or_default());
            Trouble::Refused(format!("{said}{}", name.map(|name| format!(", {name}")).unwrap_or_default()))
        }
    })
}

/// What a call without a reply means. The client's own words are left out: they hold the address.
pub(super) fn broken(error: &reqwest::Error) -> Trouble {
    if error.is_timeout() && !error.is_connect() {
        // The model was at work: it would take as long once more.
        return Trouble::NoAnswer("it did not answer in time; raise the deadline".to_owned());
    }
    let reason = if error.is_connect() { "no connection to it" } else { "the connection broke off" };
    Trouble::Again { reason: reason.to_owned(), after: None }
}

async fn body(mut response: Response) -> Result<Vec<u8>, Trouble> {
    let too_large = || Trouble::NoAnswer(format!("its answer is larger than {BODY_BYTES} bytes"));
    if response.content_length().is_some_and(|length| length > BODY_BYTES as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > BODY_BYTES {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The first choice of a chat completion.
pub(super) fn completion(body: &[u8]) -> Result<Reply, Trouble> {
    let wrong = |what: &str| Trouble::NoAnswer(format!("its answer cannot be read: {what}"));
    let json: Value =
        serde_json::from_slice(body).map_err(|_| wrong("it is no JSON (a login or maintenance page?)"))?;
    let completion: Completion =
        serde_json::from_value(json).map_err(|_| wrong("it is no chat completion; check the address"))?;
    let choice = completion.choices.into_iter().next().ok_or_else(|| wrong("it holds no choice"))?;
    let cut_off = choice.finish_reason.as_deref() == Some("length");
    let Usage { prompt_tokens, completion_tokens } = completion.usage.unwrap_or_default();
    let text = choice.message.content.unwrap_or_default();
    Ok(Reply { text, cut_off, read_tokens: prompt_tokens, written_tokens: completion_tokens })
}

/// The error's code or type, when it is a plain name, which can hold no story text.
fn error_name(body: &[u8]) -> Option<String> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let named = |key: &str| json.get("error")?.get(key)?.as_str().map(str::to_owned);
    let plain = |name: &String| {
        let kept = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        (1..=CODE_CHARS).contains(&name.len()) && name.chars().all(kept)
    };
    named("code").filter(plain).or_else(|| named("type").filter(plain))
}

/// Seconds or a date.
fn retry_after(headers: &HeaderMap, clock: &Clock) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let now = Duration::from_millis(u64::try_from(clock.now()).unwrap_or_default());
    Some(until.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use reqwest::header::HeaderValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_the_first_choice() {
        let of = |json: Value| completion(json.to_string().as_bytes());
        let choice = |content: Value, reason: &str| json!({"id": "x", "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": reason}]});
        let written = |text: &str, cut_off| Ok(Reply { text: text.to_owned(), cut_off, ..Reply::default() });
        assert_eq!(of(choice("a".into(), "stop")), written("a", false));
        assert_eq!(of(choice("a".into(), "length")), written("a", true));
        assert_eq!(of(choice(Value::Null, "stop")), written("", false));
        let mut counted = choice("a".into(), "stop");
        counted["usage"] = json!({"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9});
        let Reply { read_tokens, written_tokens, .. } = of(counted).unwrap();
        assert_eq!((read_tokens, written_tokens), (Some(7), Some(2)));
        for wrong in [json!({}), json!({"choices": []}), json!({"choices": [{}]}), json!([1]), json!("x")] {
            assert!(matches!(of(wrong), Err(Trouble::NoAnswer(_))));
        }
    }

    #[test]
    fn names_of_errors_are_shown_and_sentences_are_not() {
        let name = |json: Value| error_name(json.to_string().as_bytes());
        let long =
            json!({"error": {"message": "x", "type": "invalid_request_error", "code": "context_length_exceeded"}});
        assert_eq!(name(long).as_deref(), Some("context_length_exceeded"));
        let said = json!({"error": {"type": "invalid_request_error", "code": "Your story is bad"}});
        assert_eq!(name(said).as_deref(), Some("invalid_request_error"));
        assert_eq!(name(json!({"error": "no"})), None);
        assert_eq!(error_name(b"<html>"), None);
    }

    #[test]
    fn retry_after_in_seconds_or_as_a_date() {
        let clock = Clock::system();
        let of = |value: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(value).unwrap())]);
            retry_after(&headers, &clock)
        };
        assert_eq!(of("7"), Some(Duration::from_secs(7)));
        assert_eq!(of("soon"), None);
        assert_eq!(of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in any::<Vec<u8>>(), text in any::<String>()) {
            let _ = (completion(&body), error_name(&body));
            let json = json!({"choices": [{"message": {"content": text}}]}).to_string();
            prop_assert_eq!(completion(json.as_bytes()).map(|written| written.text), Ok(text));
        }
    }
}
