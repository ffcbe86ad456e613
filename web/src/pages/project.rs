//! A project's two pages: one for everyone in it, and one for its administrators.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::app::{Layout, shell};
use crate::api;
use crate::door::{ConnectCaller, Right};
use crate::refusal::Refusal;

/// The address that the descriptor gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    project_key: String,
}

/// Any visitor of the project gets the shell; what it shows is asked for as that person.
pub(crate) async fn project(caller: ConnectCaller, place: web::Query<Place>) -> Result<HttpResponse, Refusal> {
    let project = api::projects::project_key(place.into_inner().project_key)?;
    let place = [("project-key", project.as_str())];
    shell(caller.desk.settings(), Layout::Wide, "project", &format!("Acceptance criteria in {project}"), &place)
}

/// Refused to everyone but the project's administrators.
pub(crate) async fn project_settings(caller: ConnectCaller, place: web::Query<Place>) -> Result<HttpResponse, Refusal> {
    let project = api::projects::project_key(place.into_inner().project_key)?;
    caller.require(&Right::ProjectAdmin(&project)).await?;
    let place = [("project-key", project.as_str())];
    shell(caller.desk.settings(), Layout::Wide, "project-settings", &format!("Brine settings of {project}"), &place)
}
