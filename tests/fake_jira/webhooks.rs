//! Webhooks: signed, sent, and sent again when the app fails in a way that Jira retries.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::site::{Site, lock};
use super::state::{Issue, State};
use super::time::{jira_time, now_ms};

/// One webhook on its way to the app.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The same across retries.
    pub identifier: String,
    /// "jira:issue_created" ….
    pub event: String,
    /// The status of each attempt; `None` when there was no answer.
    pub attempts: Vec<Option<u16>>,
    /// Nothing will be sent any more.
    pub settled: bool,
    path: String,
    body: Value,
    triggered_by: String,
}

/// Jira sends again on these, on a failed connection, and when no answer comes in time.
fn retried(status: Option<u16>) -> bool {
    status.is_none_or(|status| matches!(status, 408 | 409 | 425 | 429 | 500..=599))
}

/// Sends `event` about an issue to the app, if its descriptor asks for it.
pub(crate) fn fire(site: &Arc<Site>, event: &str, issue: &Issue, by: &str, more: Value) {
    let Some(installation) = site.installation().filter(|installation| installation.enabled) else { return };
    for hook in installation.modules("webhooks") {
        let named = hook.get("event").and_then(Value::as_str) == Some(event);
        let Some(path) = hook.get("url").and_then(Value::as_str).filter(|_| named) else { continue };
        let filter = hook.get("filter").and_then(Value::as_str).unwrap_or_default();
        let (body, triggered_by) = {
            let state = site.state();
            let passes = super::jql::parse(filter).is_ok_and(|query| query.matches(issue));
            if !(filter.is_empty() || passes) {
                continue;
            }
            (body(site, &state, event, issue, by, &more), account_of(&state, by))
        };
        let delivery = Delivery {
            identifier: uuid::Uuid::now_v7().to_string(),
            event: event.into(),
            attempts: Vec::new(),
            settled: false,
            path: path.into(),
            body,
            triggered_by,
        };
        lock(&site.deliveries).push(delivery.clone());
        site.runtime.spawn(deliver(Arc::clone(site), delivery));
    }
}

/// Sends a webhook once more with the same identifier, as Jira does now and then.
pub(crate) fn send_again(site: &Arc<Site>, identifier: &str) -> bool {
    let mut deliveries = lock(&site.deliveries);
    let Some(delivery) = deliveries.iter_mut().find(|delivery| delivery.identifier == identifier) else { return false };
    delivery.settled = false;
    site.runtime.spawn(deliver(Arc::clone(site), delivery.clone()));
    true
}

async fn deliver(site: Arc<Site>, delivery: Delivery) {
    for attempt in 0..=site.options.webhook_retries {
        if attempt > 0 {
            tokio::time::sleep(site.options.webhook_pause * 2_u32.saturating_pow(attempt - 1)).await;
        }
        let status = attempt_once(&site, &delivery, attempt).await;
        note(&site, &delivery.identifier, |kept| kept.attempts.push(status));
        if !retried(status) {
            break;
        }
    }
    note(&site, &delivery.identifier, |kept| kept.settled = true);
}

fn note(site: &Site, identifier: &str, change: impl FnOnce(&mut Delivery)) {
    if let Some(kept) = lock(&site.deliveries).iter_mut().find(|kept| kept.identifier == identifier) {
        change(kept);
    }
}

async fn attempt_once(site: &Site, delivery: &Delivery, attempt: u32) -> Option<u16> {
    let installation = site.installation()?;
    let query = format!("triggeredByUser={}", delivery.triggered_by.replace(':', "%3A"));
    let token = installation.token_for("POST", &delivery.path, &query, None);
    let mut request = site
        .http
        .post(format!("{}{}?{query}", installation.app_base, delivery.path))
        .timeout(site.options.webhook_timeout)
        .header("Authorization", format!("JWT {token}"))
        .header("X-Atlassian-Webhook-Identifier", &delivery.identifier)
        .header("X-Atlassian-Webhook-Flow", "Primary")
        .header("X-Atlassian-Webhook-Trace", &delivery.identifier)
        .json(&delivery.body);
    if attempt > 0 {
        request = request.header("X-Atlassian-Webhook-Retry", attempt.to_string());
    }
    Some(request.send().await.ok()?.status().as_u16())
}

fn account_of(state: &State, login: &str) -> String {
    state.person(login).map(|person| person.account_id.clone()).unwrap_or_default()
}

/// The body has the shape of REST v2: the description is wiki text, not ADF.
fn body(site: &Site, state: &State, event: &str, issue: &Issue, by: &str, more: &Value) -> Value {
    let user = |login: &str| state.person(login).map(|person| person.to_json(&site.base_url));
    let project = state.project(&issue.project);
    let mut body = json!({
        "timestamp": now_ms(),
        "webhookEvent": event,
        "user": user(by),
        "issue": {
            "id": issue.id.to_string(),
            "self": format!("{}/rest/api/2/issue/{}", site.base_url, issue.id),
            "key": issue.key,
            "fields": {
                "summary": issue.summary,
                "description": issue.description.as_ref().map(super::adf_html::to_plain_text),
                "issuetype": super::rest::issue_type_json(&site.base_url, &issue.issue_type),
                "project": project.map(|project| super::rest::project_json(&site.base_url, project)),
                "labels": issue.labels,
                "creator": user(&issue.creator),
                "reporter": user(&issue.creator),
                "created": jira_time(issue.created),
                "updated": jira_time(issue.updated),
            },
        },
    });
    if let (Some(fields), Some(more)) = (body.as_object_mut(), more.as_object()) {
        fields.extend(more.clone());
    }
    body
}

/// Waits until every webhook is answered or given up.
pub(crate) async fn settle(site: &Site, cap: Duration) -> bool {
    let all_settled = || lock(&site.deliveries).iter().all(|delivery| delivery.settled);
    let waiting = async {
        while !all_settled() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(cap, waiting).await.is_ok()
}
