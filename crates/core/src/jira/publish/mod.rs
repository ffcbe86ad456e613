//! Writing criteria into Jira, effectively once.
//!
//! Beside what people see, we keep a [`Mark`] in an issue property: which job wrote, what, and where. A repeated attempt
//! finds its own mark and writes nothing; a new one replaces what the mark says is ours, and nothing that a person has
//! changed since.
//!
//! A description and its mark go out in one request, so there is no moment between them. A comment and the issue's property
//! are two requests; therefore the comment carries its own mark from birth, and is looked for before one is added.

mod comment;
mod description;
mod mark;
mod writer;

use serde_json::Value;

pub use mark::{Mark, PROPERTY_KEY};
pub use writer::IssueWriter;

use super::JiraError;
use crate::adf::section::content_hash;
use crate::adf::{Attribution, criteria_nodes, iso_date};
use crate::clock::Clock;
use crate::ids::IssueId;
use crate::jobs::{Draft, Job, Target};

/// What publishing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The criteria stand in Jira now.
    Written,
    /// They stood there already, written by an earlier attempt of this job; or the target is the draft itself.
    AlreadyWritten,
    /// A person has edited what we wrote: nothing was written.
    SectionEdited,
}

/// What is to be written.
struct Writing {
    nodes: Vec<Value>,
    hash: String,
    replace_edited: bool,
}

/// Writes a draft to its target. With `replace_edited`, also over what a person has changed in our own section or comment.
pub async fn publish<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    draft: &Draft,
    job: &Job,
    target: Target,
    replace_edited: bool,
    clock: &Clock,
) -> Result<Published, JiraError> {
    if target == Target::Draft {
        return Ok(Published::AlreadyWritten);
    }
    let before = writer.property(issue).await?.and_then(|value| Mark::read(&value));
    if before.as_ref().is_some_and(|mark| mark.job == job.id && mark.target == target) {
        return Ok(Published::AlreadyWritten);
    }
    let nodes = criteria_nodes(&draft.criteria, &attribution(draft));
    let writing = Writing { hash: content_hash(&nodes), nodes, replace_edited };
    let mark = Mark::new(draft, job, target, &writing.hash, before.as_ref(), clock);
    match target {
        Target::Description => description::write(writer, issue, before, writing, mark).await,
        Target::Comment => comment::write(writer, issue, before, writing, mark).await,
        Target::Draft => Ok(Published::AlreadyWritten),
    }
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

#[cfg(test)]
mod tests;
