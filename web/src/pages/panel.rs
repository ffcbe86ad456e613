//! The panel in an issue.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Frame, html};
use crate::door::ConnectCaller;
use crate::refusal::Refusal;

/// The address that the descriptor gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    issue_key: String,
    issue_id: String,
}

#[derive(Template)]
#[template(path = "panel.html")]
struct Panel {
    frame: Frame,
    issue_key: String,
    issue_id: String,
}

/// Any visitor of the issue gets the shell; what it shows is asked for as that person.
pub(crate) async fn panel(caller: ConnectCaller, place: web::Query<Place>) -> Result<HttpResponse, Refusal> {
    let Place { issue_key, issue_id } = place.into_inner();
    html(&Panel { frame: Frame::new(caller.desk.settings()), issue_key, issue_id })
}
