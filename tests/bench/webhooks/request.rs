//! What Jira sends for a new issue, signed as Jira signs it: each with an issue and an identifier of its own.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use brine_tests::fake_jira::{Installation, Person, now_s};
use serde_json::{Value, json};

const PATH: &str = "/webhooks/issue-created";
/// Stands for the number in the body.
const NUMBER: &str = "@number@";
/// Fields that a site of some years has made for itself; most of them are empty in a new issue.
const CUSTOM_FIELDS: u32 = 40;
const DESCRIPTION: &str = "As a customer I want to return a parcel from my account, so that I need no printed form.\n\n\
    * A return can be announced within 30 days after delivery.\n* Each item has a reason for its return.\n\
    * Items above 200 € need a photograph.\n* The label is sent by e-mail within five minutes.\n\n\
    Parcels that were sent back are refunded once the warehouse has looked at them. ";

/// All webhooks of one run. Shared among connections.
pub(crate) struct Webhooks {
    installation: Installation,
    query: String,
    host: String,
    /// The body between the places where the number stands.
    parts: Vec<String>,
    next: AtomicU64,
}

/// A token with the second in which it was made: within one second Jira's tokens for the same address are the same.
#[derive(Default)]
pub(crate) struct Token {
    second: i64,
    text: String,
}

impl Webhooks {
    pub(crate) fn new(installation: Installation, by: Person) -> Result<Self> {
        let host = installation.app_base.strip_prefix("http://").context("the app speaks plain HTTP")?.to_owned();
        let body = body(&by).to_string();
        Ok(Self {
            query: format!("triggeredByUser={}", by.account_id.replace(':', "%3A")),
            host,
            parts: body.split(NUMBER).map(str::to_owned).collect(),
            installation,
            next: AtomicU64::new(0),
        })
    }

    /// Where they are sent to.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Writes the next one into `request`, in place of what was there.
    pub(crate) fn next(&self, token: &mut Token, request: &mut Vec<u8>) -> Result<()> {
        let second = now_s();
        if token.second != second {
            *token = Token { second, text: self.installation.token_for("POST", PATH, &self.query, None) };
        }
        // Of the same length each, so that the body's length is known before it is written.
        let number = (10_000_000 + self.next.fetch_add(1, Ordering::Relaxed)).to_string();
        let length = self.parts.iter().map(String::len).sum::<usize>() + number.len() * (self.parts.len() - 1);
        request.clear();
        write!(
            request,
            "POST {PATH}?{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Atlassian Webhook HTTP Client\r\nAccept: */*\r\n\
             Authorization: JWT {}\r\nX-Atlassian-Webhook-Identifier: 01998d5e-{number}\r\n\
             X-Atlassian-Webhook-Flow: Primary\r\nContent-Type: application/json; charset=UTF-8\r\n\
             Content-Length: {length}\r\n\r\n",
            self.query, self.host, token.text
        )?;
        for (place, part) in self.parts.iter().enumerate() {
            if place > 0 {
                request.extend_from_slice(number.as_bytes());
            }
            request.extend_from_slice(part.as_bytes());
        }
        Ok(())
    }
}

/// In the shape of REST v2, as webhooks are.
fn body(by: &Person) -> Value {
    let site = "https://acme.atlassian.net";
    let user = json!({
        "self": format!("{site}/rest/api/2/user?accountId={}", by.account_id), "accountId": by.account_id,
        "displayName": by.display_name, "active": true, "timeZone": "Europe/Berlin", "accountType": by.account_type,
        "avatarUrls": {"48x48": format!("{site}/avatar/48"), "24x24": format!("{site}/avatar/24")},
    });
    let mut fields = json!({
        "summary": format!("Return a parcel {NUMBER}"),
        "description": DESCRIPTION.repeat(2),
        "issuetype": {"self": format!("{site}/rest/api/2/issuetype/10001"), "id": "10001", "name": "Story", "subtask": false,
            "description": "Functionality or a feature expressed as a user goal.", "avatarId": 10315, "hierarchyLevel": 0},
        "project": {"self": format!("{site}/rest/api/2/project/10000"), "id": "10000", "key": "SHOP", "name": "Web shop",
            "projectTypeKey": "software", "simplified": false},
        "priority": {"self": format!("{site}/rest/api/2/priority/3"), "name": "Medium", "id": "3"},
        "status": {"self": format!("{site}/rest/api/2/status/10000"), "name": "To Do", "id": "10000",
            "statusCategory": {"id": 2, "key": "new", "colorName": "blue-gray", "name": "To Do"}},
        "labels": ["returns"], "creator": user, "reporter": user,
        "created": "2026-11-26T08:00:00.000+0000", "updated": "2026-11-26T08:00:00.000+0000",
    });
    if let Some(fields) = fields.as_object_mut() {
        let lists = ["attachment", "components", "fixVersions", "versions", "issuelinks", "subtasks"];
        fields.extend(lists.map(|name| (name.to_owned(), json!([]))));
        fields.extend(["assignee", "resolution"].map(|name| (name.to_owned(), Value::Null)));
        fields.extend((0..CUSTOM_FIELDS).map(|field| (format!("customfield_{}", 10_010 + field), Value::Null)));
    }
    json!({
        "timestamp": 1_795_680_000_000_i64,
        "webhookEvent": "jira:issue_created",
        "issue_event_type_name": "issue_created",
        "user": user,
        "issue": {"id": NUMBER, "self": format!("{site}/rest/api/2/issue/{NUMBER}"), "key": format!("SHOP-{NUMBER}"),
            "fields": fields},
    })
}
