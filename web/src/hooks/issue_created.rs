//! The webhook `jira:issue_created`. Its body is a hint only: the worker reads the issue itself.

use actix_web::{HttpRequest, HttpResponse};
use brine_core::jira::webhook::{IssueCreated, WebhookError};
use brine_core::jobs::{Class, Task};
use brine_core::store::NewJob;

use crate::body::Event;
use crate::door::ConnectCaller;
use crate::refusal::Refusal;

/// The same for each attempt to deliver one event. Without it, the rule of one live job per issue keeps doubles out.
const DELIVERY: &str = "X-Atlassian-Webhook-Identifier";

/// Makes a job when the project wants criteria for new issues of this type. 204 in either case, once it is stored.
pub(crate) async fn issue_created(
    caller: ConnectCaller,
    request: HttpRequest,
    body: Event,
) -> Result<HttpResponse, Refusal> {
    match IssueCreated::parse(&body.0) {
        Ok(event) => {
            let delivery = request.headers().get(DELIVERY).and_then(|value| value.to_str().ok()).map(str::to_owned);
            take(&caller, event, delivery).await?;
        }
        Err(WebhookError::OtherEvent) => {}
        Err(error @ (WebhookError::NotJson | WebhookError::NoIssue)) => {
            return Err(Refusal::Malformed(format!("{error}.")));
        }
    }
    Ok(HttpResponse::NoContent().finish())
}

async fn take(caller: &ConnectCaller, event: IssueCreated, delivery: Option<String>) -> Result<(), Refusal> {
    let settings = caller.desk.project_settings(&event.project).await?;
    if !settings.automatic || !is_wanted(&settings.issue_types, event.issue_type.as_deref()) {
        return Ok(());
    }
    // Only an app's account can be our own, so people's issues cost no call to Jira.
    let app = event.user.as_ref().filter(|user| user.account_type.as_deref() == Some("app"));
    if let Some(app) = app
        && caller.desk.is_app_user(&app.account_id).await
    {
        return Ok(());
    }
    let (requested_by, requested_by_name) = match event.user {
        Some(user) => (Some(user.account_id), user.display_name),
        None => (None, None),
    };
    caller
        .desk
        .create_job(NewJob {
            tenant: caller.desk.tenant().clone(),
            issue_id: event.id,
            issue_key: event.key,
            task: Task::Draft { max_scenarios: settings.max_scenarios, seed: 0, publish: true },
            class: Class::Automatic,
            requested_by,
            requested_by_name,
            delivery,
        })
        .await?;
    Ok(())
}

/// An empty list means every type. Names are compared without regard to case, as Jira does.
fn is_wanted(wanted: &[String], issue_type: Option<&str>) -> bool {
    wanted.is_empty()
        || issue_type.is_some_and(|name| wanted.iter().any(|one| one.to_lowercase() == name.to_lowercase()))
}
