//! Names of things, one type each, so that a tenant can never be passed where a job is asked for.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it stands, but for the one character that no database takes: ids come from addresses
            /// and bodies that anybody may write.
            pub fn new(text: impl Into<String>) -> Self {
                let mut text = text.into();
                text.retain(|character| character != '\0');
                Self(text)
            }

            /// The text inside.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }
    };
}

macro_rules! made_id {
    ($($name:ident),*) => {$(
        impl $name {
            /// A new id (UUID version 7: ids made later sort later).
            pub fn make() -> Self {
                Self(uuid::Uuid::now_v7().to_string())
            }
        }
    )*};
}

text_id!(
    /// One Jira site, however it was installed. Ours.
    TenantId
);
text_id!(
    /// One unit of work. Ours.
    JobId
);
text_id!(
    /// One set of criteria that waits for, or has had, a person's decision. Ours.
    DraftId
);
text_id!(
    /// One order to write criteria for all stories that a JQL finds. Ours.
    BulkRunId
);
made_id!(TenantId, JobId, DraftId, BulkRunId);

text_id!(
    /// Connect's name for an installation on one site (`clientKey`).
    ClientKey
);
text_id!(
    /// Atlassian's id of a site: stays when the site is renamed.
    CloudId
);
text_id!(
    /// Forge's name for an installation of our app on one site.
    InstallationId
);
text_id!(
    /// Jira's number of an issue, as text ("10001"): stays when the issue moves.
    IssueId
);
text_id!(
    /// Jira's key of an issue ("SHOP-12"): changes when the issue moves.
    IssueKey
);
text_id!(
    /// Jira's key of a project ("SHOP").
    ProjectKey
);
text_id!(
    /// Atlassian's id of a person.
    AccountId
);

text_id!(
    /// Jira's id of a field ("customfield_10042").
    FieldId
);

impl FieldId {
    /// The id of a custom field: the only kind that criteria are written into beside the description.
    pub fn custom(text: &str) -> Option<Self> {
        let number = text.strip_prefix("customfield_")?;
        let is_number = (1..=12).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| Self::new(text))
    }
}

impl IssueKey {
    /// The project's part of the key: "SHOP" of "SHOP-12".
    pub fn project(&self) -> ProjectKey {
        let project = self.0.rsplit_once('-').map_or(self.0.as_str(), |(project, _)| project);
        ProjectKey::new(project)
    }
}
