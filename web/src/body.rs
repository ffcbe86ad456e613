//! A JSON body of bounded size that has to arrive in bounded time. An empty body reads as `{}`.

use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures::StreamExt;
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// The longest that a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);

/// Enough for any call of our own pages.
const API_BYTES: usize = 256 * 1024;
/// Issues with long descriptions and many fields stay under this; events of any kind stay far under it.
const EVENT_BYTES: usize = 5 * 1024 * 1024;

/// The parsed body of a call that our own pages make.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Body<T> {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(request, payload, API_BYTES);
        Box::pin(async move { Ok(Self(parse(&read.await?)?)) })
    }
}

/// The bytes of an event, read by the one who knows its shape.
pub(crate) struct Event(pub(crate) Bytes);

impl FromRequest for Event {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(request, payload, EVENT_BYTES);
        Box::pin(async move { Ok(Self(read.await?)) })
    }
}

fn broken_off() -> Refusal {
    Refusal::Malformed("The request broke off.".to_owned())
}

/// The body's bytes, at most `limit` of them.
pub(crate) fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<Bytes, Refusal>> + use<> {
    let declared = request.headers().get("Content-Length").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let mut payload = payload.take();
    async move {
        if declared.is_some_and(|bytes| bytes > limit) {
            return Err(Refusal::TooLarge { limit });
        }
        let gather = async {
            // Mostly it arrives in one piece, which need not be copied.
            let Some(first) = payload.next().await else { return Ok(Bytes::new()) };
            let first = first.map_err(|_| broken_off())?;
            if declared == Some(first.len()) {
                return Ok(first);
            }
            let mut body = BytesMut::from(first);
            if body.len() > limit {
                return Err(Refusal::TooLarge { limit });
            }
            while let Some(chunk) = payload.next().await {
                let chunk = chunk.map_err(|_| broken_off())?;
                if body.len() + chunk.len() > limit {
                    return Err(Refusal::TooLarge { limit });
                }
                body.extend_from_slice(&chunk);
            }
            Ok(body.freeze())
        };
        tokio::time::timeout(ARRIVAL, gather).await.unwrap_or(Err(Refusal::TooSlow))
    }
}

/// JSON of the wanted shape. The message names place and field, never the value.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        let problem = match error.classify() {
            serde_json::error::Category::Data => "does not have the expected fields",
            _ => "is not valid JSON",
        };
        Refusal::Malformed(format!("The request body {problem} (line {}, column {}).", error.line(), error.column()))
    })
}
