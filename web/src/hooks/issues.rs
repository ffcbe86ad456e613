//! Issues that were created or changed, as Connect's webhooks and Forge's events tell it. Their bodies are hints only: the
//! worker reads the issue itself.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use brine_core::jira::webhook::{Happening, IssueEvent, WebhookError};
use brine_core::jobs::{Class, Task};
use brine_core::store::{NewJob, ProjectSettings};

use crate::body::Event;
use crate::door::{Desk, EventCaller, HookCaller};
use crate::refusal::Refusal;

/// The same for each attempt of Connect's to deliver one event.
const DELIVERY: &str = "X-Atlassian-Webhook-Identifier";
/// A name of a delivery that is longer is not one that Atlassian makes. Bytes.
const NAME_BYTES: usize = 200;

/// Connect's `jira:issue_created`. 204 once what there is to do is stored.
pub(crate) async fn issue_created(
    caller: HookCaller,
    request: HttpRequest,
    body: Event,
) -> Result<HttpResponse, Refusal> {
    take(&caller.desk, body, "jira:issue_created", delivery(&request)).await
}

/// Connect's `jira:issue_updated`.
pub(crate) async fn issue_updated(
    caller: HookCaller,
    request: HttpRequest,
    body: Event,
) -> Result<HttpResponse, Refusal> {
    take(&caller.desk, body, "jira:issue_updated", delivery(&request)).await
}

/// Forge's `avi:jira:created:issue` and `avi:jira:updated:issue`.
pub(crate) async fn forge_issue(caller: EventCaller, body: Event) -> Result<HttpResponse, Refusal> {
    take(&caller.desk, body, "", caller.name).await
}

fn delivery(request: &HttpRequest) -> Option<String> {
    let name = request.headers().get(DELIVERY)?.to_str().ok()?;
    (!name.is_empty() && name.len() <= NAME_BYTES).then(|| name.to_owned())
}

async fn take(desk: &Desk, body: Event, usual: &str, delivery: Option<String>) -> Result<HttpResponse, Refusal> {
    let event = IssueEvent::parse(&body.0, usual);
    // In a storm hundreds wait for their rows at once: without their bodies.
    drop(body);
    match event {
        Ok(event) => draft(desk, event, delivery).await?,
        Err(WebhookError::OtherEvent) => {}
        Err(error @ (WebhookError::NotJson | WebhookError::NoIssue)) => {
            return Err(Refusal::Malformed(format!("{error}.")));
        }
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Makes a job when the project wants criteria for this by itself.
async fn draft(desk: &Desk, event: IssueEvent, delivery: Option<String>) -> Result<(), Refusal> {
    let mut settings = desk.project_settings_lately(&event.project).await?;
    if !is_wanted(&settings, &event) {
        // It may have been switched on a moment ago, in another process.
        settings = Arc::new(desk.project_settings(&event.project).await?);
    }
    if !is_wanted(&settings, &event) || is_our_own(desk, &event).await {
        return Ok(());
    }
    // What Jira itself calls the happening is the same however often, and by which of the two ways, we are told of it.
    let delivery = event.name().or(delivery);
    let anew = matches!(event.happening, Happening::Updated { .. });
    let (requested_by, requested_by_name) = match event.user {
        Some(user) => (Some(user.account_id), user.display_name),
        None => (None, None),
    };
    desk.take_in(NewJob {
        tenant: desk.tenant().clone(),
        issue_id: event.id,
        issue_key: event.key,
        task: Task::Draft { max_scenarios: settings.max_scenarios, seed: 0, publish: true },
        class: Class::Automatic,
        requested_by,
        requested_by_name,
        delivery,
        anew,
    })
    .await?;
    Ok(())
}

fn is_wanted(settings: &ProjectSettings, event: &IssueEvent) -> bool {
    let asked = match event.happening {
        Happening::Created => settings.automatic,
        Happening::Updated { story, .. } => settings.automatic && settings.on_change && story,
    };
    asked && is_wanted_type(&settings.issue_types, event.issue_type.as_deref())
}

/// An empty list means every type. Names are compared without regard to case, as Jira does.
fn is_wanted_type(wanted: &[String], issue_type: Option<&str>) -> bool {
    wanted.is_empty()
        || issue_type.is_some_and(|name| wanted.iter().any(|one| one.to_lowercase() == name.to_lowercase()))
}

/// Only an app's account can be our own: where the event says that it is a person's, no call to Jira is spent on it.
async fn is_our_own(desk: &Desk, event: &IssueEvent) -> bool {
    if event.by_ourselves {
        return true;
    }
    match &event.user {
        Some(user) if user.account_type.as_deref().is_none_or(|kind| kind == "app") => {
            desk.is_app_user(&user.account_id).await
        }
        _ => false,
    }
}
