//! Into our own comment.

use serde_json::Value;

use super::{IssueWriter, JiraError, Mark, Published, Writing};
use crate::adf::document;
use crate::adf::section::content_hash;
use crate::ids::{IssueId, JobId};
use crate::jobs::Target;

/// The comment that is ours, as it stands now.
struct Standing {
    id: String,
    hash: String,
    /// Hash of what we wrote into it.
    written: Option<String>,
    /// The job that its own mark names.
    born_by: Option<JobId>,
}

pub(super) async fn write<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    before: Option<Mark>,
    writing: Writing,
    mut mark: Mark,
) -> Result<Published, JiraError> {
    let Writing { nodes, hash, replace_edited } = writing;
    let id = match standing(writer, issue, before.as_ref()).await? {
        // An earlier attempt of this job was cut off before it could remember the comment.
        Some(comment) if comment.born_by.as_ref() == Some(&mark.job) => comment.id,
        // The very words stand there already.
        Some(comment) if comment.hash == hash => comment.id,
        Some(comment) if replace_edited || comment.written.as_deref() == Some(comment.hash.as_str()) => {
            writer.update_comment(issue, &comment.id, document(nodes)).await?;
            comment.id
        }
        Some(_) => return Ok(Published::SectionEdited),
        None => {
            mark.comment_id = None;
            writer.add_comment(issue, document(nodes), mark.value()).await?
        }
    };
    mark.comment_id = Some(id);
    writer.edit(issue, None, mark.value()).await?;
    Ok(Published::Written)
}

/// Our comment: the one that the issue's mark remembers, else one that carries a mark itself. None when a person has
/// deleted it.
async fn standing<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    before: Option<&Mark>,
) -> Result<Option<Standing>, JiraError> {
    if let Some((mark, id)) = before.and_then(|mark| mark.comment_id.as_ref().map(|id| (mark, id)))
        && let Some(body) = writer.comment(issue, id).await?
    {
        let written = mark.hash_at(Target::Comment).map(str::to_owned);
        return Ok(Some(Standing { id: id.clone(), hash: body_hash(&body), written, born_by: None }));
    }
    let marked = writer.marked_comment(issue).await?;
    Ok(marked.and_then(|comment| {
        let mark = Mark::read(&comment.property)?;
        let hash = body_hash(&comment.body);
        Some(Standing { id: comment.id, hash, written: Some(mark.content_hash), born_by: Some(mark.job) })
    }))
}

fn body_hash(body: &Value) -> String {
    content_hash(body.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice))
}
