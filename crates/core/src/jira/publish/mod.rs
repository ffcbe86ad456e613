//! Writing criteria into Jira, effectively once, and taking them back.
//!
//! Beside what people see, we keep a [`Mark`] in an issue property: which job wrote, what, and where. A repeated attempt
//! finds its own mark and writes nothing; a new one replaces what the mark says is ours, and nothing that a person has
//! changed since. What stood there before is kept in a second property ([`Before`]), so that a write can be taken back.
//!
//! Fields and properties of an issue go out in one request, so there is no moment between them. A comment, or a sub-task, and
//! the issue's property are two requests; therefore they carry marks of their own from birth, and are looked for before one
//! is added.

mod before;
mod comment;
mod description;
mod field;
mod mark;
mod standing;
mod subtasks;
mod withdraw;
mod writer;

use serde_json::Value;

pub use before::{BEFORE_KEY, Before};
pub use mark::{Made, Mark, PROPERTY_KEY};
pub use standing::{Standing, standing, wanted};
pub use withdraw::{Withdrawn, withdraw};
pub use writer::{FieldNow, IssueWriter};

use super::JiraError;
use crate::adf::section::content_hash;
use crate::adf::{Attribution, criteria_nodes, iso_date};
use crate::clock::Clock;
use crate::ids::IssueId;
use crate::jobs::{Destination, Draft, Job};

/// What publishing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The criteria stand in Jira now.
    Written,
    /// They stood there already, written by an earlier attempt of this job.
    AlreadyWritten,
    /// A person has edited what we wrote, or wrote there first: nothing was written.
    SectionEdited,
}

/// What is to be written.
struct Writing<'a> {
    draft: &'a Draft,
    /// As a section or comment.
    nodes: Vec<Value>,
    /// Of the nodes.
    hash: String,
    replace_edited: bool,
}

/// Writes a draft to its destination. With `replace_edited`, also over what a person has changed in our own place.
pub async fn publish<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    draft: &Draft,
    job: &Job,
    destination: &Destination,
    replace_edited: bool,
    clock: &Clock,
) -> Result<Published, JiraError> {
    let before = writer.property(issue, PROPERTY_KEY).await?.and_then(|value| Mark::read_on(&value, issue));
    if before.as_ref().is_some_and(|mark| mark.job == job.id && mark.is_at(destination) && !mark.unfinished) {
        return Ok(Published::AlreadyWritten);
    }
    let nodes = nodes_of(draft);
    let writing = Writing { draft, hash: content_hash(&nodes), nodes, replace_edited };
    let mark = Mark::new(draft, job, destination, &writing.hash, before.as_ref(), clock);
    match destination {
        Destination::Description => description::write(writer, issue, before, writing, mark).await,
        Destination::Comment => comment::write(writer, issue, before, writing, mark).await,
        Destination::Field(field) => field::write(writer, issue, field, before, writing, mark).await,
        Destination::Subtasks => subtasks::write(writer, issue, before, writing, mark).await,
    }
}

/// A draft as our section, or as our comment.
fn nodes_of(draft: &Draft) -> Vec<Value> {
    criteria_nodes(&draft.criteria, &attribution(draft))
}

/// Made of the draft alone, never of the time of writing: each attempt must come to the same nodes.
fn attribution(draft: &Draft) -> Attribution {
    Attribution {
        model: draft.provenance.model.clone(),
        adapter: draft.provenance.adapter.clone(),
        prompt: draft.provenance.prompt.clone(),
        date: iso_date(draft.created_at).unwrap_or_default(),
    }
}

/// The nodes of a document.
fn content(document: &Value) -> Vec<Value> {
    document.get("content").and_then(Value::as_array).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests;
