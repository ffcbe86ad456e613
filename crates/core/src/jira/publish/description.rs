//! Into our own section of the description.

use serde_json::Value;

use super::before::carry;
use super::{BEFORE_KEY, Before, IssueWriter, JiraError, Mark, PROPERTY_KEY, Published, Writing};
use crate::adf::section;
use crate::ids::IssueId;
use crate::jobs::Destination;

pub(super) async fn write<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    earlier: Option<Mark>,
    writing: Writing<'_>,
    mark: Mark,
) -> Result<Published, JiraError> {
    // Jira has no ETag. The description is read here, after everything else and right before the write, so that the time
    // in which somebody else's edit could be lost is that of one request.
    let old = writer.description(issue).await?;
    let standing = old.as_ref().and_then(|doc| section::find(doc).map(|found| section::nodes_of(doc, &found)));
    if let Some(nodes) = &standing {
        let hash = section::content_hash(nodes);
        let is_ours = earlier.as_ref().and_then(|mark| mark.hash_at(&Destination::Description)) == Some(hash.as_str());
        if hash == writing.hash {
            // The very words stand there already: only the mark is new.
            carry(writer, issue, &mark).await?;
            writer.set_property(issue, PROPERTY_KEY, mark.value()).await?;
            return Ok(Published::Written);
        }
        if !is_ours && !writing.replace_edited {
            return Ok(Published::SectionEdited);
        }
    }
    let before = Before::new(&mark, earlier, standing.map(Value::Array));
    let new = section::replace_or_append(old.as_ref(), writing.nodes);
    let fields = [("description".to_owned(), new)].into_iter().collect();
    writer.edit(issue, fields, &[(PROPERTY_KEY, mark.value()), (BEFORE_KEY, before.value())]).await?;
    Ok(Published::Written)
}
