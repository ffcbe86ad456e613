//! The webhook that says an issue was created. It is a hint: what matters is read again over REST, so only the few fields
//! that decide whether there is anything to do are read here, wherever they are present.

use serde_json::Value;

use crate::ids::{AccountId, IssueId, IssueKey, ProjectKey};

const EVENT: &str = "jira:issue_created";

/// What `jira:issue_created` tells us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueCreated {
    /// The issue's number.
    pub id: IssueId,
    /// The issue's key.
    pub key: IssueKey,
    /// Its project's key; taken from the issue's key when the webhook leaves it out.
    pub project: ProjectKey,
    /// Name of its type, when told.
    pub issue_type: Option<String>,
    /// Who created it, when told.
    pub user: Option<Author>,
}

/// Who caused a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Atlassian's id of the account.
    pub account_id: AccountId,
    /// The name as Jira shows it.
    pub display_name: Option<String>,
    /// "atlassian", "app" or "customer".
    pub account_type: Option<String>,
}

/// Why a webhook's body says nothing to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No JSON.
    #[error("the webhook's body is no JSON")]
    NotJson,
    /// Not the creation of an issue.
    #[error("the webhook is about another event")]
    OtherEvent,
    /// No issue number or key.
    #[error("the webhook names no issue")]
    NoIssue,
}

impl IssueCreated {
    /// Reads a webhook's body.
    pub fn parse(body: &[u8]) -> Result<Self, WebhookError> {
        let body: Value = serde_json::from_slice(body).map_err(|_| WebhookError::NotJson)?;
        // Without a name it came to the address that our descriptor gives to this event alone.
        if text(&body, "/webhookEvent").is_some_and(|event| event != EVENT) {
            return Err(WebhookError::OtherEvent);
        }
        let id = number_or_text(body.pointer("/issue/id")).ok_or(WebhookError::NoIssue)?;
        let key = IssueKey::new(text(&body, "/issue/key").ok_or(WebhookError::NoIssue)?);
        Ok(Self {
            id: IssueId::new(id),
            project: text(&body, "/issue/fields/project/key").map_or_else(|| key.project(), ProjectKey::new),
            key,
            issue_type: text(&body, "/issue/fields/issuetype/name").map(str::to_owned),
            user: text(&body, "/user/accountId").map(|account| Author {
                account_id: AccountId::new(account),
                display_name: text(&body, "/user/displayName").map(str::to_owned),
                account_type: text(&body, "/user/accountType").map(str::to_owned),
            }),
        })
    }
}

fn text<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Jira's ids are numbers written as text; some senders write them as numbers.
fn number_or_text(value: Option<&Value>) -> Option<String> {
    let id = match value? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{IssueCreated, WebhookError};

    fn parse(body: &Value) -> Result<IssueCreated, WebhookError> {
        IssueCreated::parse(body.to_string().as_bytes())
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
        assert_eq!(IssueCreated::parse(b"{\"issue\":"), Err(WebhookError::NotJson));
        assert_eq!(IssueCreated::parse(b"\xff\xfe"), Err(WebhookError::NotJson));
        let other = json!({"webhookEvent": "jira:issue_updated", "issue": {"id": "1", "key": "A-1"}});
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
            let _ = IssueCreated::parse(&bytes);
        }
    }
}
