//! Where criteria go.

use serde::{Deserialize, Serialize};

use crate::ids::FieldId;

/// Where criteria are written, as a project chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Brine's own section of the description.
    Description,
    /// Brine's own comment on the issue.
    Comment,
    /// A custom field.
    Field,
    /// Sub-tasks of the issue, one for each scenario.
    Subtasks,
    /// Nowhere: the draft stays in the panel.
    Draft,
}

/// A place in Jira that criteria can be written to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// See [`Target::Description`].
    Description,
    /// See [`Target::Comment`].
    Comment,
    /// This custom field.
    Field(FieldId),
    /// See [`Target::Subtasks`].
    Subtasks,
}

impl Destination {
    /// The place that a target names; none for a draft, and for a field that nobody chose.
    pub fn of(target: Target, field: Option<&FieldId>) -> Option<Self> {
        match target {
            Target::Description => Some(Self::Description),
            Target::Comment => Some(Self::Comment),
            Target::Field => field.cloned().map(Self::Field),
            Target::Subtasks => Some(Self::Subtasks),
            Target::Draft => None,
        }
    }

    /// What kind of place it is.
    pub fn target(&self) -> Target {
        match self {
            Self::Description => Target::Description,
            Self::Comment => Target::Comment,
            Self::Field(_) => Target::Field,
            Self::Subtasks => Target::Subtasks,
        }
    }

    /// The field, where it is one.
    pub fn field(&self) -> Option<&FieldId> {
        match self {
            Self::Field(field) => Some(field),
            Self::Description | Self::Comment | Self::Subtasks => None,
        }
    }
}
