//! The pages that Jira shows in frames: shells that hold no data of a tenant. Their scripts ask for it through the API,
//! as the person in front of them.

mod admin;
mod app;
mod panel;
mod problem;
mod project;

pub(crate) use admin::admin;
pub(crate) use panel::panel;
pub(crate) use problem::problem;
pub(crate) use project::{project, project_settings};

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use askama::Template;
use brine_core::settings::Settings;

use crate::assets;
use crate::refusal::Refusal;

/// What every page's head needs.
struct Frame {
    /// Path under which Brine is reached, without a slash at its end.
    base: String,
    /// Version of the assets.
    version: &'static str,
    /// Jira's script for pages in its frames.
    host_script: String,
}

impl Frame {
    fn new(settings: &Settings) -> Self {
        Self {
            base: settings.server.base_url.path().trim_end_matches('/').to_owned(),
            version: assets::version(),
            host_script: settings.connect.host_script_url.to_string(),
        }
    }
}

fn html(page: &impl Template) -> Result<HttpResponse, Refusal> {
    let text = page.render().map_err(Refusal::internal)?;
    Ok(HttpResponse::Ok().content_type(ContentType::html()).body(text))
}
