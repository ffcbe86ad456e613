//! What stood in Jira before our last write, kept beside it so that the write can be taken back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{IssueWriter, JiraError, Mark};
use crate::ids::{IssueId, JobId};

/// The issue property that holds it.
pub const BEFORE_KEY: &str = "com.brine.criteria.before";

/// Jira takes properties of up to 32,768 characters.
const LONGEST: usize = 32_000;

/// See the module. It holds what stood in our own place alone, never the rest of a description.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Before {
    /// The job whose write it was before: worth nothing beside the mark of another one.
    pub job: JobId,
    /// The mark of an earlier write.
    pub mark: Option<Mark>,
    /// Nodes of our section or comment, a field's value, or our sub-tasks; none when nothing stood there.
    pub stood: Option<Value>,
}

impl Before {
    pub(super) fn new(mark: &Mark, earlier: Option<Mark>, stood: Option<Value>) -> Self {
        Self { job: mark.job.clone(), mark: earlier, stood }
    }

    /// As JSON for Jira. What is too long for a property is left out: taking back then leaves the place empty.
    pub(super) fn value(&self) -> Value {
        // Texts and JSON always have a JSON form.
        let value = serde_json::to_value(self).unwrap_or_default();
        if value.to_string().chars().count() <= LONGEST {
            return value;
        }
        serde_json::to_value(Self { mark: None, stood: None, ..self.clone() }).unwrap_or_default()
    }

    pub(super) async fn read<W: IssueWriter + ?Sized>(writer: &W, issue: &IssueId) -> Result<Option<Self>, JiraError> {
        let value = writer.property(issue, BEFORE_KEY).await?;
        Ok(value.and_then(|value| Self::deserialize(&value).ok()))
    }
}

/// The very words stand there already: what stood before them stays what it was, for this job as for the one that wrote them.
pub(super) async fn carry<W: IssueWriter + ?Sized>(writer: &W, issue: &IssueId, mark: &Mark) -> Result<(), JiraError> {
    match Before::read(writer, issue).await? {
        Some(before) if before.job != mark.job => {
            let carried = Before { job: mark.job.clone(), ..before };
            writer.set_property(issue, BEFORE_KEY, carried.value()).await
        }
        _ => Ok(()),
    }
}
