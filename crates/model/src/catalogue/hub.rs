//! Download from a model hub (`<hub>/<repository>/resolve/main/<path>`), resumed where it stopped.

use std::error::Error;
use std::time::Duration;

use futures::StreamExt;
use reqwest::header::{AUTHORIZATION, CONTENT_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use secrecy::{ExposeSecret, SecretString};

use super::fetch::Trouble;
use super::growing::Growing;
use super::{Progress, Step};
use crate::error::ModelError;

const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);
/// Redirects lead to the hub's store, in one or two steps.
const REDIRECTS: usize = 5;
/// So many times in a row without a single new byte.
const TRIES: u32 = 4;

/// A model hub that speaks the protocol of huggingface_hub.
#[derive(Clone, Debug)]
pub struct Hub {
    address: Url,
    token: Option<SecretString>,
    /// After the first try without a byte; twice as long after each further one.
    pub(super) pause: Duration,
}

/// Why one request did not bring the whole rest.
enum Stop {
    /// Asking again may help.
    Broken(String),
    /// Nobody is there.
    Unreached(String),
    Final(Trouble),
}

impl From<ModelError> for Stop {
    fn from(error: ModelError) -> Self {
        Self::Final(Trouble::Here(error))
    }
}

fn refused<T>(reason: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Final(Trouble::Source(reason.into())))
}

impl Hub {
    /// The public one.
    pub const PUBLIC: &str = "https://huggingface.co";

    /// The hub at this address. The token is for repositories that are not open to everybody; it goes to this address alone,
    /// not to where it redirects.
    ///
    /// # Errors
    /// When this is no address, or the token would go over the network in the clear.
    pub fn at(address: &str, token: Option<SecretString>) -> Result<Self, ModelError> {
        let wrong = |reason: &str| ModelError::Hub { address: address.to_owned(), reason: reason.to_owned() };
        let url = Url::parse(address).map_err(|_| wrong("it must look like https://hub.example.com, or be none"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong("it must begin with https:// or http:// and name a host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let reason = "it must hold no name and password; a token goes into BRINE_HUB_TOKEN".to_owned();
            return Err(ModelError::Hub { address: "(not shown)".to_owned(), reason });
        }
        if token.is_some() && url.scheme() == "http" && !is_loopback(&url) {
            return Err(wrong("the token would go there in the clear; use https://, or take away the token"));
        }
        Ok(Self { address: url, token, pause: Duration::from_secs(1) })
    }

    /// Appends what is missing. That it is the right file is not checked here.
    pub(super) async fn fetch(
        &self,
        repository: &str,
        path: &str,
        growing: &mut Growing,
        on: Progress<'_>,
    ) -> Result<(), Trouble> {
        let client = client().map_err(|error| Trouble::Source(why(&error)))?;
        let url = format!("{}/{repository}/resolve/main/{path}", self.address.as_str().trim_end_matches('/'));
        let (first, mut tries) = (growing.len(), 0);
        while growing.len() < growing.size() {
            let before = growing.len();
            let reason = match self.rest(&client, &url, growing, on).await {
                Ok(()) => continue,
                Err(Stop::Final(trouble)) => return Err(trouble),
                // It gave nothing yet: the next source is faster than waiting for this one to come up.
                Err(Stop::Unreached(reason)) if before == first => return Err(Trouble::Source(reason)),
                Err(Stop::Unreached(reason)) => reason,
                Err(Stop::Broken(reason)) => reason,
            };
            tries = if growing.len() > before { 1 } else { tries + 1 };
            if tries == TRIES {
                return Err(Trouble::Source(reason));
            }
            on(Step::Again(&reason));
            tokio::time::sleep(self.pause * (1 << (tries - 1))).await;
        }
        Ok(())
    }

    /// One request.
    async fn rest(&self, client: &Client, url: &str, growing: &mut Growing, on: Progress<'_>) -> Result<(), Stop> {
        let had = growing.len();
        let mut request = client.get(url);
        if had > 0 {
            request = request.header(RANGE, format!("bytes={had}-"));
        }
        if let Some(token) = &self.token {
            // reqwest leaves this header out where a redirect leads to another host.
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.expose_secret()));
        }
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if error.is_redirect() => return refused(why(&error)),
            Err(error) if error.is_connect() => return Err(Stop::Unreached(why(&error))),
            Err(error) => return Err(Stop::Broken(why(&error))),
        };
        self.begin(&answer, growing)?;
        let size = growing.size();
        on(Step::Bytes(growing.len(), size));
        let mut body = answer.bytes_stream();
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|error| {
                Stop::Broken(format!("the connection broke after {} of {size} bytes ({})", growing.len(), why(&error)))
            })?;
            if growing.len() + piece.len() as u64 > size {
                growing.cut(0)?;
                return refused(format!("its file is longer than the published {size} bytes"));
            }
            growing.append(&piece)?;
            on(Step::Bytes(growing.len(), size));
        }
        if growing.len() < size {
            return Err(Stop::Broken(format!("it ended after {} of {size} bytes", growing.len())));
        }
        Ok(())
    }

    /// Whether the body is what is missing; what is here is thrown away when it is the whole file.
    fn begin(&self, answer: &Response, growing: &mut Growing) -> Result<(), Stop> {
        let (had, size) = (growing.len(), growing.size());
        let wrong_size = |found: u64| format!("its file has {found} bytes, not the published {size}");
        match answer.status() {
            StatusCode::PARTIAL_CONTENT => match range(answer) {
                Some((from, total)) if from == had && total.is_none_or(|total| total == size) => Ok(()),
                Some((_, Some(total))) if total != size => refused(wrong_size(total)),
                _ => {
                    // It sent another piece than was asked for; the whole is what every server can send.
                    growing.cut(0)?;
                    Err(Stop::Broken("it sent another part of the file than the missing one".to_owned()))
                }
            },
            StatusCode::OK => {
                if let Some(found) = answer.content_length().filter(|found| *found != size) {
                    return refused(wrong_size(found));
                }
                Ok(growing.cut(0)?)
            }
            StatusCode::RANGE_NOT_SATISFIABLE if had > 0 => {
                growing.cut(0)?;
                Err(Stop::Broken("it does not have so many bytes".to_owned()))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if self.token.is_none() => refused(
                "it wants a token (BRINE_HUB_TOKEN; HF_TOKEN for the public hub), and that the licence was accepted on its page",
            ),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                refused("it does not take the token (BRINE_HUB_TOKEN; HF_TOKEN for the public hub) for this repository")
            }
            StatusCode::NOT_FOUND => refused("it has no such file"),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(Stop::Broken(format!("it answered {status}")))
            }
            status => refused(format!("it answered {status}")),
        }
    }
}

fn client() -> reqwest::Result<Client> {
    let follow = redirect::Policy::custom(|attempt| {
        let was_secure = attempt.previous().last().is_some_and(|before| before.scheme() == "https");
        if attempt.previous().len() > REDIRECTS {
            attempt.error("it redirects in circles")
        } else if was_secure && attempt.url().scheme() != "https" {
            attempt.error("it redirects to an address without TLS")
        } else {
            attempt.follow()
        }
    });
    Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE).redirect(follow).build()
}

/// First byte and size of the whole of `bytes 10-34/35`.
fn range(answer: &Response) -> Option<(u64, Option<u64>)> {
    let text = answer.headers().get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (place, total) = text.split_once('/')?;
    Some((place.split_once('-')?.0.parse().ok()?, total.parse().ok()))
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
}

/// The innermost cause, without addresses: where a hub redirects to, keys stand in them.
fn why(error: &reqwest::Error) -> String {
    let mut inner: &dyn Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    match inner {
        _ if error.is_timeout() => "it does not answer in time".to_owned(),
        _ if error.is_connect() => format!("it can't be reached ({inner})"),
        _ => inner.to_string(),
    }
}
