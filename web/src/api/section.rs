//! What Brine wrote into an issue and how it stands there now, beside what the draft would put in its place.

use actix_web::{HttpResponse, web};
use brine_core::adf::{self, Attribution, criteria_nodes, iso_date, section};
use brine_core::ids::IssueId;
use brine_core::jira::publish::{Mark, PROPERTY_KEY};
use brine_core::jira::{JiraClient, JiraError};
use brine_core::jobs::{Draft, DraftState, Target};
use serde::Deserialize;
use serde_json::{Value, json};

use super::issue_id;
use crate::door::{PersonCaller, Right};
use crate::refusal::Refusal;

/// Which of the places that Brine writes to.
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
    let target = place.target.unwrap_or(Target::Description);
    let jira = caller.desk.jira();
    let mark = jira.issue_property(&issue, PROPERTY_KEY).await?;
    let mark: Option<Mark> = mark.and_then(|value| serde_json::from_value(value).ok());
    let Some(nodes) = standing(&jira, &issue, target, mark.as_ref()).await? else {
        return Ok(HttpResponse::Ok().json(json!({ "present": false, "edited": false, "text": "", "draftText": "" })));
    };
    let written = mark.as_ref().and_then(|mark| hash_at(mark, target));
    let draft = caller.desk.latest_draft(&issue).await?.filter(|draft| draft.state == DraftState::Open);
    Ok(HttpResponse::Ok().json(json!({
        "present": true,
        "edited": written != Some(section::content_hash(&nodes).as_str()),
        "text": readable(&nodes),
        "draftText": draft.map(|draft| readable(&nodes_of(&draft))).unwrap_or_default(),
    })))
}

/// The nodes that stand where Brine wrote; none when there are none.
async fn standing(
    jira: &JiraClient,
    issue: &IssueId,
    target: Target,
    mark: Option<&Mark>,
) -> Result<Option<Vec<Value>>, JiraError> {
    match target {
        Target::Draft => Ok(None),
        Target::Description => {
            let description = jira.issue(issue).await?.description;
            Ok(description.and_then(|doc| section::find(&doc).map(|found| section::nodes_of(&doc, &found))))
        }
        Target::Comment => {
            let Some(id) = mark.and_then(|mark| mark.comment_id.as_ref()) else { return Ok(None) };
            let body = jira.comment(issue, id).await?;
            Ok(body.map(|body| body.get("content").and_then(Value::as_array).cloned().unwrap_or_default()))
        }
    }
}

fn hash_at(mark: &Mark, target: Target) -> Option<&str> {
    if mark.target == target { Some(&mark.content_hash) } else { mark.elsewhere_hash.as_deref() }
}

fn nodes_of(draft: &Draft) -> Vec<Value> {
    let made = &draft.provenance;
    let attribution = Attribution {
        model: made.model.clone(),
        adapter: made.adapter.clone(),
        prompt: made.prompt.clone(),
        date: iso_date(draft.created_at).unwrap_or_default(),
    };
    criteria_nodes(&draft.criteria, &attribution)
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
