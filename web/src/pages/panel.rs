//! The panel in an issue.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::app::{Layout, shell};
use crate::door::ConnectCaller;
use crate::refusal::Refusal;

/// The address that the descriptor gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    issue_key: String,
    issue_id: String,
    /// Anything at all: the person has asked for criteria already, in the issue's menu.
    start: Option<String>,
}

/// Any visitor of the issue gets the shell; what it shows is asked for as that person.
pub(crate) async fn panel(caller: ConnectCaller, place: web::Query<Place>) -> Result<HttpResponse, Refusal> {
    let Place { issue_key, issue_id, start } = place.into_inner();
    let mut place = vec![("issue-id", issue_id.as_str()), ("issue-key", issue_key.as_str())];
    if start.is_some() {
        place.push(("start", "yes"));
    }
    shell(caller.desk.settings(), Layout::Panel, "panel", "Acceptance criteria", &place)
}
