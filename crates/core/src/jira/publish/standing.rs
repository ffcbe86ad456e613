//! What stands in our place now, for people who have to decide about it.

use serde_json::{Value, json};

use super::subtasks::{self, Card};
use super::{IssueWriter, JiraError, Mark, content, field, nodes_of};
use crate::adf::section;
use crate::adf::section::content_hash;
use crate::ids::IssueId;
use crate::jira::client::FieldForm;
use crate::jobs::{Destination, Draft};

/// What stands at a destination.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// As nodes, whatever kind of place it is.
    pub nodes: Vec<Value>,
    /// A person has changed it since we wrote it, or wrote it themselves.
    pub is_edited: bool,
    form: FieldForm,
}

/// What stands there; none when nothing does.
pub async fn standing<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    mark: Option<&Mark>,
    destination: &Destination,
) -> Result<Option<Standing>, JiraError> {
    let mut form = FieldForm::Document;
    let nodes = match destination {
        Destination::Description => {
            let description = writer.description(issue).await?;
            description.and_then(|doc| section::find(&doc).map(|found| section::nodes_of(&doc, &found)))
        }
        Destination::Comment => match mark.and_then(|mark| mark.comment_id.as_ref()) {
            Some(id) => writer.comment(issue, id).await?.as_ref().map(content),
            None => None,
        },
        Destination::Field(id) => {
            let now = field::read(writer, issue, id).await?;
            form = now.form;
            now.value.as_ref().map(field::as_nodes).filter(|nodes| !nodes.is_empty())
        }
        Destination::Subtasks => return subtasks_of(writer, issue, mark).await,
    };
    Ok(nodes.map(|nodes| {
        let written = mark.and_then(|mark| mark.hash_at(destination));
        Standing { is_edited: written != Some(content_hash(&nodes).as_str()), nodes, form }
    }))
}

/// What a draft would put in its place.
pub fn wanted(draft: &Draft, destination: &Destination, standing: &Standing) -> Vec<Value> {
    match destination {
        Destination::Description | Destination::Comment => nodes_of(draft),
        Destination::Field(_) => field::as_nodes(&field::value_of(draft, standing.form)),
        Destination::Subtasks => {
            let cards = subtasks::cards_of(draft);
            cards.iter().flat_map(|Card { summary, description }| titled(summary, Some(description))).collect()
        }
    }
}

async fn subtasks_of<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    mark: Option<&Mark>,
) -> Result<Option<Standing>, JiraError> {
    let (mut nodes, mut is_edited) = (Vec::new(), false);
    for made in mark.map(|mark| mark.subtasks.as_slice()).unwrap_or_default() {
        let Some(now) = writer.subtask(&made.id).await?.filter(|now| now.is_below(issue)) else { continue };
        is_edited |= now.is_touched || subtasks::hash_now(&now) != made.hash;
        nodes.extend(titled(&now.summary, now.description.as_ref()));
    }
    Ok((!nodes.is_empty()).then_some(Standing { nodes, is_edited, form: FieldForm::Document }))
}

fn titled(summary: &str, description: Option<&Value>) -> Vec<Value> {
    let title = json!({ "type": "paragraph", "content": [{ "type": "text", "text": summary }] });
    std::iter::once(title).chain(description.into_iter().flat_map(content)).collect()
}
