//! What Connect's webhooks and Forge's events say of an issue. They are hints: what matters is read again over REST, so
//! only the few fields that decide whether there is anything to do are read here, wherever they are present.

mod body;

use self::body::{Body, Fields, Part};
use crate::ids::{AccountId, IssueId, IssueKey, ProjectKey};

/// Characters of a name that are kept: Jira's own limit.
const LONGEST_NAME: usize = 255;

/// What happened to an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// It was created.
    Created,
    /// It was changed.
    Updated {
        /// Jira's number of the change, when told.
        change: Option<String>,
        /// Summary or description were among what was changed.
        story: bool,
    },
}

/// What an event tells us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueEvent {
    /// What happened.
    pub happening: Happening,
    /// The issue's number.
    pub id: IssueId,
    /// The issue's key.
    pub key: IssueKey,
    /// Its project's key; taken from the issue's key when the event leaves it out.
    pub project: ProjectKey,
    /// Name of its type, when told.
    pub issue_type: Option<String>,
    /// Who did it, when told.
    pub user: Option<Author>,
    /// Forge says that our own app did it.
    pub by_ourselves: bool,
}

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Atlassian's id of the account.
    pub account_id: AccountId,
    /// The name as Jira shows it.
    pub display_name: Option<String>,
    /// "atlassian", "app" or "customer", when told.
    pub account_type: Option<String>,
}

/// Why an event's body says nothing to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No JSON.
    #[error("the event's body is no JSON")]
    NotJson,
    /// Neither the creation nor the change of an issue.
    #[error("the body is about another event")]
    OtherEvent,
    /// No issue number or key.
    #[error("the event names no issue")]
    NoIssue,
}

impl IssueEvent {
    /// Reads an event's body. One without a name is taken for `usual`, the event that its address is for.
    pub fn parse(body: &[u8], usual: &str) -> Result<Self, WebhookError> {
        let read = match std::str::from_utf8(body) {
            // Looked at once as a whole, its texts need not be looked at one by one.
            Ok(text) => serde_json::from_str::<Part<Body>>(text),
            // Odd bytes where nothing is read do no harm.
            Err(_) => serde_json::from_slice(body),
        };
        let Part(body) = read.map_err(|_| WebhookError::NotJson)?;
        let (Part(issue), Part(changelog), Part(user)) = (body.issue, body.changelog, body.user);
        let name = body.webhook_event.text().or_else(|| body.event_type.text());
        let happening = match name.as_deref().unwrap_or(usual) {
            "jira:issue_created" | "avi:jira:created:issue" => Happening::Created,
            "jira:issue_updated" | "avi:jira:updated:issue" => {
                Happening::Updated { change: changelog.id.digits(), story: changelog.items.story }
            }
            _ => return Err(WebhookError::OtherEvent),
        };
        let id = issue.id.digits().ok_or(WebhookError::NoIssue)?;
        let key = IssueKey::new(issue.key.text().ok_or(WebhookError::NoIssue)?);
        let Part(Fields { project: Part(project), issuetype: Part(issue_type) }) = issue.fields;
        Ok(Self {
            happening,
            id: IssueId::new(id),
            project: project.key.text().map_or_else(|| key.project(), ProjectKey::new),
            key,
            issue_type: issue_type.name.text(),
            user: user.account_id.text().or_else(|| body.atlassian_id.text()).map(|account| Author {
                account_id: AccountId::new(account),
                display_name: user.display_name.text().map(|name| name.chars().take(LONGEST_NAME).collect()),
                account_type: user.account_type.text(),
            }),
            by_ourselves: body.self_generated.is_true(),
        })
    }

    /// What names this very happening on its site, whoever tells of it and however often.
    pub fn name(&self) -> Option<String> {
        match &self.happening {
            Happening::Created => Some(format!("created/{}", self.id)),
            Happening::Updated { change, .. } => change.as_ref().map(|change| format!("changed/{}/{change}", self.id)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{Happening, IssueEvent, WebhookError};

    fn parse(body: &Value) -> Result<IssueEvent, WebhookError> {
        IssueEvent::parse(body.to_string().as_bytes(), "jira:issue_created")
    }

    #[test]
    fn a_real_one() {
        let created = parse(&json!({
            "timestamp": 1_763_942_400_000_i64,
            "webhookEvent": "jira:issue_created",
            "issue_event_type_name": "issue_created",
            "user": {"self": "https://acme.atlassian.net/…", "accountId": "712020:ab-cd", "displayName": "Alice Öztürk",
                     "accountType": "atlassian", "active": true, "timeZone": "Europe/Berlin"},
            "issue": {"id": "10042", "self": "…", "key": "SHOP-7", "fields": {
                "summary": "Free delivery", "description": "h2. Wiki, not ADF", "customfield_10010": null,
                "issuetype": {"id": "10001", "name": "Story", "subtask": false},
                "project": {"id": "10000", "key": "SHOP", "name": "Shop"}}}
        }))
        .unwrap();
        assert_eq!(created.id.as_str(), "10042");
        assert_eq!(created.key.as_str(), "SHOP-7");
        assert_eq!(created.project.as_str(), "SHOP");
        assert_eq!(created.issue_type.as_deref(), Some("Story"));
        let user = created.user.unwrap();
        assert_eq!(user.account_id.as_str(), "712020:ab-cd");
        assert_eq!(user.display_name.as_deref(), Some("Alice Öztürk"));
        assert_eq!(user.account_type.as_deref(), Some("atlassian"));
    }

    #[test]
    fn a_key_without_nul_and_a_name_of_bearable_length_are_what_is_kept() {
        let event = parse(&json!({"webhookEvent": "jira:issue_created",
            "user": {"accountId": "712020:\u{0}ab", "displayName": "ÄB".repeat(500_000)},
            "issue": {"id": "10042", "key": "SHOP-\u{0}7", "fields": {"project": {"key": "SHOP"}}}}))
        .unwrap();
        assert_eq!(event.key.as_str(), "SHOP-7");
        let user = event.user.unwrap();
        assert_eq!(user.account_id.as_str(), "712020:ab");
        assert_eq!(user.display_name.unwrap(), "ÄB".repeat(128)[..].chars().take(255).collect::<String>());
    }

    #[test]
    fn a_change_tells_whether_the_story_is_another() {
        let changed = |items: Value| {
            parse(&json!({"webhookEvent": "jira:issue_updated", "changelog": {"id": "9001", "items": items},
                "issue": {"id": "10042", "key": "SHOP-7"}}))
            .unwrap()
        };
        let edit = changed(json!([{"field": "status"}, {"field": "description", "fieldId": "description"}]));
        assert_eq!(edit.happening, Happening::Updated { change: Some("9001".to_owned()), story: true });
        assert_eq!(edit.name().as_deref(), Some("changed/10042/9001"));
        for other in [json!([{"field": "status"}]), json!([]), json!("x"), json!([7, {"field": 7}])] {
            let change = changed(other.clone()).happening;
            assert_eq!(change, Happening::Updated { change: Some("9001".to_owned()), story: false }, "{other}");
        }
    }

    #[test]
    fn forge_tells_the_same_in_its_own_words() {
        let created = parse(&json!({"eventType": "avi:jira:created:issue", "atlassianId": "712020:ab",
            "selfGenerated": true, "issue": {"id": "10042", "key": "SHOP-7",
            "fields": {"issuetype": {"name": "Story"}, "project": {"key": "SHOP"}}}}))
        .unwrap();
        assert_eq!((created.happening.clone(), created.by_ourselves), (Happening::Created, true));
        assert_eq!(created.user.as_ref().unwrap().account_id.as_str(), "712020:ab");
        assert_eq!(created.name().as_deref(), Some("created/10042"));
        let updated =
            parse(&json!({"eventType": "avi:jira:updated:issue", "changelog": {"items": [{"fieldId": "summary"}]},
            "issue": {"id": "10042", "key": "SHOP-7"}}))
            .unwrap();
        assert_eq!(updated.happening, Happening::Updated { change: None, story: true });
        assert_eq!(updated.name(), None);
    }

    #[test]
    fn the_least_that_is_enough() {
        let created = parse(&json!({"issue": {"id": 10042, "key": "SHOP-7"}})).unwrap();
        assert_eq!(created.id.as_str(), "10042");
        assert_eq!(created.project.as_str(), "SHOP");
        assert_eq!((created.issue_type, created.user), (None, None));
        let odd = json!({"issue": {"id": "1", "key": "A-1", "fields": []}, "user": "nobody"});
        assert_eq!(parse(&odd).unwrap().user, None);
    }

    #[test]
    fn what_says_nothing_to_us() {
        assert_eq!(IssueEvent::parse(b"{\"issue\":", ""), Err(WebhookError::NotJson));
        assert_eq!(IssueEvent::parse(b"\xff\xfe", ""), Err(WebhookError::NotJson));
        let other = json!({"webhookEvent": "jira:issue_deleted", "issue": {"id": "1", "key": "A-1"}});
        assert_eq!(parse(&other), Err(WebhookError::OtherEvent));
        for body in [
            json!({}),
            json!([]),
            json!(null),
            json!({"issue": {"key": "A-1"}}),
            json!({"issue": {"id": "1"}}),
            json!({"issue": {"id": "../myself", "key": "A-1"}}),
            json!({"issue": {"id": -1, "key": "A-1"}}),
        ] {
            assert_eq!(parse(&body), Err(WebhookError::NoIssue), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = IssueEvent::parse(&bytes, "jira:issue_created");
        }
    }
}
