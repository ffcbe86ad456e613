//! Into our own comment.

use serde_json::Value;

use super::before::carry;
use super::{BEFORE_KEY, Before, IssueWriter, JiraError, Mark, PROPERTY_KEY, Published, Writing, content};
use crate::adf::document;
use crate::adf::section::content_hash;
use crate::ids::{IssueId, JobId};
use crate::jobs::Destination;

/// The comment that is ours, as it stands now.
struct Standing {
    id: String,
    body: Value,
    /// Hash of what we wrote into it.
    written: Option<String>,
    /// The job that its own mark names.
    born_by: Option<JobId>,
}

pub(super) async fn write<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    earlier: Option<Mark>,
    writing: Writing<'_>,
    mut mark: Mark,
) -> Result<Published, JiraError> {
    let Writing { nodes, hash, replace_edited, .. } = writing;
    let id = match standing(writer, issue, earlier.as_ref()).await? {
        // An earlier attempt of this job was cut off before it could remember the comment.
        Some(comment) if comment.born_by.as_ref() == Some(&mark.job) => comment.id,
        // The very words stand there already.
        Some(comment) if content_hash(&content(&comment.body)) == hash => {
            carry(writer, issue, &mark).await?;
            comment.id
        }
        Some(comment) => {
            let is_ours = comment.written.as_deref() == Some(content_hash(&content(&comment.body)).as_str());
            if !is_ours && !replace_edited {
                return Ok(Published::SectionEdited);
            }
            let before = Before::new(&mark, earlier, Some(Value::Array(content(&comment.body))));
            writer.set_property(issue, BEFORE_KEY, before.value()).await?;
            writer.update_comment(issue, &comment.id, document(nodes)).await?;
            comment.id
        }
        None => {
            mark.comment_id = None;
            if earlier.is_some() {
                let before = Before::new(&mark, earlier, None);
                writer.set_property(issue, BEFORE_KEY, before.value()).await?;
            }
            writer.add_comment(issue, document(nodes), mark.value()).await?
        }
    };
    mark.comment_id = Some(id);
    writer.set_property(issue, PROPERTY_KEY, mark.value()).await?;
    Ok(Published::Written)
}

/// Our comment: the one that the issue's mark remembers, else one that carries a mark itself. None when a person has
/// deleted it.
async fn standing<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    earlier: Option<&Mark>,
) -> Result<Option<Standing>, JiraError> {
    if let Some((mark, id)) = earlier.and_then(|mark| mark.comment_id.as_ref().map(|id| (mark, id)))
        && let Some(body) = writer.comment(issue, id).await?
    {
        let written = mark.hash_at(&Destination::Comment).map(str::to_owned);
        return Ok(Some(Standing { id: id.clone(), body, written, born_by: None }));
    }
    let marked = writer.marked_comment(issue).await?;
    Ok(marked.and_then(|comment| {
        let mark = Mark::read(&comment.property).filter(|mark| mark.is_of(issue))?;
        Some(Standing { id: comment.id, body: comment.body, written: Some(mark.content_hash), born_by: Some(mark.job) })
    }))
}
