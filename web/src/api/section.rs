//! What Brine wrote into an issue and how it stands there now, beside what the draft would put in its place.

use actix_web::{HttpResponse, web};
use brine_core::adf;
use brine_core::jira::publish::{Mark, PROPERTY_KEY, standing, wanted};
use brine_core::jobs::{Destination, DraftState, Target};
use serde::Deserialize;
use serde_json::{Value, json};

use super::issue_id;
use crate::door::{PersonCaller, Right};
use crate::refusal::Refusal;

/// Which of the places that Brine writes to; where it wrote last, when none is named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Where {
    target: Option<Target>,
}

/// Whether a person changed what Brine wrote, and both texts to compare.
pub(crate) async fn show(
    caller: PersonCaller,
    path: web::Path<String>,
    place: web::Query<Where>,
) -> Result<HttpResponse, Refusal> {
    let issue = issue_id(path.into_inner())?;
    caller.require(&Right::Browse(&issue)).await?;
    let jira = caller.desk.jira();
    let mark = jira.issue_property(&issue, PROPERTY_KEY).await?;
    let mark = mark.as_ref().and_then(|value| Mark::read_on(value, &issue));
    let destination = match (place.target, &mark) {
        (Some(Target::Field), _) => {
            let facts = caller.desk.issue_facts(&issue).await?;
            caller.desk.project_settings(&facts.project).await?.field.map(Destination::Field)
        }
        (Some(target), _) => Destination::of(target, None),
        (None, Some(mark)) => mark.destination(),
        (None, None) => Some(Destination::Description),
    };
    let found = match &destination {
        Some(destination) => {
            standing(&jira, &issue, mark.as_ref(), destination).await?.map(|found| (found, destination))
        }
        None => None,
    };
    let Some((found, destination)) = found else {
        return Ok(HttpResponse::Ok().json(json!({ "present": false, "edited": false, "text": "", "draftText": "" })));
    };
    let draft = caller.desk.latest_draft(&issue).await?.filter(|draft| draft.state == DraftState::Open);
    Ok(HttpResponse::Ok().json(json!({
        "present": true,
        "edited": found.is_edited,
        "text": readable(&found.nodes),
        "draftText": draft.map(|draft| readable(&wanted(&draft, destination, &found))).unwrap_or_default(),
    })))
}

/// What a person reads there: code as it stands, everything else as plain text, an empty line between two blocks.
fn readable(nodes: &[Value]) -> String {
    let block = |node: &Value| -> String {
        if node["type"] == "codeBlock" {
            let parts = node["content"].as_array().into_iter().flatten();
            return parts.filter_map(|part| part["text"].as_str()).collect();
        }
        adf::to_text(&adf::document(vec![node.clone()]))
    };
    let blocks: Vec<String> = nodes.iter().map(block).filter(|text| !text.trim().is_empty()).collect();
    blocks.join("\n\n")
}
