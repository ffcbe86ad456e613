//! Who there is, and who may do what.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// One account: a person, or the app's own.
#[derive(Clone, Debug)]
pub struct Person {
    /// The short name that tests and page addresses use ("alice").
    pub login: String,
    /// Atlassian's id of the account.
    pub account_id: String,
    /// The name that Jira shows.
    pub display_name: String,
    /// `app` for the app's own account, `atlassian` for people.
    pub account_type: &'static str,
}

impl Person {
    fn new(login: &str, number: u32, display_name: &str, account_type: &'static str) -> Self {
        let account_id = format!("712020:{number:08x}-5a1c-4c1e-9d5b-0242ac120002");
        Self { login: login.into(), account_id, display_name: display_name.into(), account_type }
    }

    /// The account as REST v3 shows it.
    pub(crate) fn to_json(&self, base_url: &str) -> Value {
        json!({
            "self": format!("{base_url}/rest/api/3/user?accountId={}", self.account_id),
            "accountId": self.account_id,
            "accountType": self.account_type,
            "displayName": self.display_name,
            "active": true,
            "timeZone": "Etc/UTC",
            "avatarUrls": {},
        })
    }
}

/// The login of the app's own account.
pub const APP: &str = "app";

/// alice (product owner), bob (tester), carol (admin), and the app's own account.
pub(crate) fn cast() -> Vec<Person> {
    vec![
        Person::new("alice", 0xa11ce, "Alice Archer", "atlassian"),
        Person::new("bob", 0xb0b, "Bob Baker", "atlassian"),
        Person::new("carol", 0xca401, "Carol Chandler", "atlassian"),
        Person::new(APP, 0xb41e, "Brine", "app"),
    ]
}

/// The project permissions that this site knows.
pub(crate) const PROJECT_PERMISSIONS: [&str; 6] =
    ["BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "DELETE_ISSUES", "ADD_COMMENTS", "ADMINISTER_PROJECTS"];

/// The global permissions that this site knows.
pub(crate) const GLOBAL_PERMISSIONS: [&str; 2] = ["ADMINISTER", "USER_PICKER"];

/// Who may do what: one entry for each permission that is given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    global: BTreeSet<(String, String)>,
    project: BTreeSet<(String, String, String)>,
}

impl Grants {
    /// carol administers the site.
    pub(crate) fn new() -> Self {
        let mut grants = Self::default();
        grants.global.insert(("carol".into(), "ADMINISTER".into()));
        grants
    }

    /// What a new project's permission scheme gives. Jira's default scheme gives apps everything.
    pub(crate) fn open_project(&mut self, project: &str) {
        for permission in PROJECT_PERMISSIONS {
            self.allow("carol", project, permission);
            self.allow(APP, project, permission);
        }
        for permission in ["BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS"] {
            self.allow("alice", project, permission);
        }
        self.allow("bob", project, "BROWSE_PROJECTS");
    }

    pub(crate) fn allow(&mut self, login: &str, project: &str, permission: &str) {
        self.project.insert((login.into(), project.into(), permission.into()));
    }

    pub(crate) fn forbid(&mut self, login: &str, project: &str, permission: &str) {
        self.project.remove(&(login.into(), project.into(), permission.into()));
    }

    pub(crate) fn has(&self, login: &str, project: &str, permission: &str) -> bool {
        self.project.contains(&(login.into(), project.into(), permission.into()))
    }

    pub(crate) fn has_global(&self, login: &str, permission: &str) -> bool {
        self.global.contains(&(login.into(), permission.into()))
    }
}
