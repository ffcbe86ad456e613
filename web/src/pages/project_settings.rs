//! A project's settings, for its administrators.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Frame, html};
use crate::api;
use crate::door::{ConnectCaller, Right};
use crate::refusal::Refusal;

/// The address that the descriptor gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    project_key: String,
}

#[derive(Template)]
#[template(path = "project.html")]
struct Project {
    frame: Frame,
    project_key: String,
    adapters: Vec<String>,
}

/// Refused to everyone else.
pub(crate) async fn project_settings(caller: ConnectCaller, place: web::Query<Place>) -> Result<HttpResponse, Refusal> {
    let project = api::projects::project_key(place.into_inner().project_key)?;
    caller.require(&Right::ProjectAdmin(&project)).await?;
    let adapters = caller.desk.offered().names.clone();
    html(&Project { frame: Frame::new(caller.desk.settings()), project_key: project.to_string(), adapters })
}
