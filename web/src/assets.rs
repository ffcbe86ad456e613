//! Scripts, styles and the icon, built into the binary. Pages name them with the version of the whole set in the path, so
//! browsers may keep them for good and modules that import each other always fit together.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

use crate::door::Public;
use crate::refusal::Refusal;

const KEPT_FOR_GOOD: &str = "public, max-age=31536000, immutable";
const ASKED_AGAIN: &str = "public, max-age=300";

struct Asset {
    name: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal),* $(,)?) => {
        &[$(Asset { name: $name, bytes: include_bytes!(concat!("../assets/", $name)) }),*]
    };
}

static ASSETS: &[Asset] = assets![
    "admin.css",
    "admin.js",
    "api.js",
    "base.css",
    "bulk.js",
    "card.js",
    "compare.js",
    "connect.js",
    "dom.js",
    "draft-view.js",
    "editor.js",
    "errors.js",
    "events.js",
    "follow.js",
    "form.js",
    "gherkin.js",
    "icon.svg",
    "jobs-table.js",
    "one-scenario.js",
    "page.js",
    "pages.js",
    "panel.css",
    "panel.js",
    "progress-view.js",
    "project.css",
    "project.js",
    "simple-views.js",
    "site.js",
    "take-away.js",
    "time.js",
    "tokens.css",
    "words.js",
];

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for asset in ASSETS {
        hash.update(asset.name);
        hash.update((asset.bytes.len() as u64).to_be_bytes());
        hash.update(asset.bytes);
    }
    hex::encode(hash.finalize())[..12].to_owned()
});

/// The version of the whole set.
pub(crate) fn version() -> &'static str {
    &VERSION
}

#[cfg(test)]
pub(crate) fn exists(name: &str) -> bool {
    ASSETS.iter().any(|asset| asset.name == name)
}

/// An asset by its plain name, for addresses that must not change.
pub(crate) async fn latest(_: Public, path: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    serve(&path, &request, ASKED_AGAIN)
}

/// An asset as a page names it. A page from before an upgrade gets the new file, but does not keep it.
pub(crate) async fn versioned(
    _: Public,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let (wanted, file) = path.into_inner();
    serve(&file, &request, if wanted == version() { KEPT_FOR_GOOD } else { ASKED_AGAIN })
}

fn serve(name: &str, request: &HttpRequest, caching: &str) -> Result<HttpResponse, Refusal> {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    let asset = asset.ok_or(Refusal::NotFound("There is no such file."))?;
    let tag = format!("\"{}\"", &hex::encode(Sha256::digest(asset.bytes))[..24]);
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, caching)).insert_header((ETAG, tag));
    if is_known {
        return Ok(response.finish());
    }
    Ok(response.insert_header((CONTENT_TYPE, content_type(name))).body(asset.bytes))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
