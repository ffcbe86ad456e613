//! Download from a model hub (`<hub>/<repository>/resolve/main/<path>`), resumed where it stopped.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use futures::StreamExt;
use reqwest::StatusCode;
use reqwest::header::RANGE;

use super::Progress;

const PAUSE: Duration = Duration::from_secs(30);

pub(super) async fn fetch(
    hub: &str,
    repository: &str,
    path: &str,
    part: &Path,
    size: u64,
    on: Progress<'_>,
) -> Result<(), String> {
    let had = std::fs::metadata(part).map(|metadata| metadata.len()).unwrap_or(0);
    let had = if had < size { had } else { 0 };
    let url = format!("{}/{repository}/resolve/main/{path}", hub.trim_end_matches('/'));
    let client = reqwest::Client::builder()
        .connect_timeout(PAUSE)
        .read_timeout(PAUSE)
        .build()
        .map_err(|error| error.to_string())?;
    let mut request = client.get(url);
    if had > 0 {
        request = request.header(RANGE, format!("bytes={had}-"));
    }
    let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
    let resumed = answer.status() == StatusCode::PARTIAL_CONTENT;
    if !answer.status().is_success() {
        return Err(format!("answered {}", answer.status()));
    }
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .append(resumed)
        .truncate(!resumed)
        .open(part)
        .map_err(|error| error.to_string())?;
    let mut done = if resumed { had } else { 0 };
    let mut body = answer.bytes_stream();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| {
            format!("broke off after {done} bytes ({}); run it again to go on", error.without_url())
        })?;
        file.write_all(&piece).map_err(|error| error.to_string())?;
        done += piece.len() as u64;
        if done > size {
            return Err("it is longer than the published file".to_owned());
        }
        on(done, size);
    }
    Ok(())
}
