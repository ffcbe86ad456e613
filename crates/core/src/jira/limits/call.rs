//! What a call costs and which limits it falls under, read off its method and path.

use serde_json::Value;

/// A call that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    method: String,
    /// The path with a star for every name and number: what Jira counts as one endpoint.
    endpoint: String,
    /// The issue that the call changes.
    changes: Option<String>,
}

/// Points: each call costs one, and reading costs more by what is read.
const BASE: u32 = 1;
const CORE_OBJECT: u32 = 1;
const PERSON_OBJECT: u32 = 2;

impl Asked {
    /// The path is that below the site's address.
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let path = path.trim_start_matches("/rest/api/3/");
        let segments: Vec<&str> = path.split('/').collect();
        let endpoint: Vec<&str> = segments.iter().map(|one| if is_word(one) { *one } else { "*" }).collect();
        let issue = segments.get(1).filter(|_| segments.first() == Some(&"issue"));
        Self {
            changes: issue.filter(|_| method != "GET").map(|issue| (*issue).to_owned()),
            method: method.to_owned(),
            endpoint: endpoint.join("/"),
        }
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(super) fn method(&self) -> &str {
        &self.method
    }

    pub(super) fn changes(&self) -> Option<&str> {
        self.changes.as_deref()
    }

    /// The least that the call costs, before its answer says how much was read.
    pub(super) fn points(&self) -> u32 {
        if self.is_write() {
            return BASE;
        }
        let object = if self.is_about_people() { PERSON_OBJECT } else { CORE_OBJECT };
        BASE + object
    }

    /// What a list in the answer costs beyond its first object.
    pub(super) fn more_points(&self, answer: &Value) -> u32 {
        if self.is_write() {
            return 0;
        }
        let (lists, object): (&[&str], u32) = if self.is_about_people() {
            (&["/globalPermissions", "/projectPermissions", "/values"], PERSON_OBJECT)
        } else {
            (&["/issues", "/comments"], CORE_OBJECT)
        };
        let read: usize = lists.iter().filter_map(|list| answer.pointer(list)?.as_array()).map(Vec::len).sum();
        u32::try_from(read.saturating_sub(1)).unwrap_or(u32::MAX).saturating_mul(object)
    }

    fn is_write(&self) -> bool {
        let reads_by_post = matches!(self.endpoint.as_str(), "permissions/check" | "search/jql" | "issue/bulkfetch");
        self.method != "GET" && !reads_by_post
    }

    fn is_about_people(&self) -> bool {
        let first = self.endpoint.split('/').next().unwrap_or_default();
        matches!(first, "user" | "users" | "myself" | "permissions" | "mypermissions" | "group" | "groups")
    }
}

/// Endpoints are named in small letters; ids hold digits, keys capitals, properties dots.
fn is_word(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_lowercase())
}
