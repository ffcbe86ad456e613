//! Into our own section of the description.

use super::{IssueWriter, JiraError, Mark, Published, Writing};
use crate::adf::section;
use crate::ids::IssueId;
use crate::jobs::Target;

pub(super) async fn write<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    before: Option<Mark>,
    writing: Writing,
    mark: Mark,
) -> Result<Published, JiraError> {
    // Jira has no ETag. The description is read here, after everything else and right before the write, so that the time
    // in which somebody else's edit could be lost is that of one request.
    let old = writer.description(issue).await?;
    let standing = old.as_ref().and_then(|doc| section::find(doc).map(|found| section::nodes_of(doc, &found)));
    if let Some(nodes) = standing {
        let hash = section::content_hash(&nodes);
        let ours = before.as_ref().and_then(|mark| mark.hash_at(Target::Description)) == Some(hash.as_str());
        if hash == writing.hash {
            // The very words stand there already: only the mark is new.
            writer.edit(issue, None, mark.value()).await?;
            return Ok(Published::Written);
        }
        if !ours && !writing.replace_edited {
            return Ok(Published::SectionEdited);
        }
    }
    let new = section::replace_or_append(old.as_ref(), writing.nodes);
    writer.edit(issue, Some(new), mark.value()).await?;
    Ok(Published::Written)
}
