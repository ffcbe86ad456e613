//! Jobs: the admin's list, cancel and retry.

use actix_web::{HttpResponse, web};
use brine_core::ids::{IssueKey, JobId};
use brine_core::jobs::{Job, JobState};
use brine_core::store::JobFilter;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::job_view;
use crate::body::Body;
use crate::door::{PersonCaller, Right};
use crate::refusal::Refusal;

/// As many as fit on a page of the list, and the most that one call gives.
const PAGE: u32 = 50;
const MOST: u32 = 200;

/// What to show.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    state: Option<String>,
    issue: Option<String>,
    before: Option<String>,
    limit: Option<u32>,
}

/// All jobs of the site, newest first, and how many there are in each state.
pub(crate) async fn list(caller: PersonCaller, filter: web::Query<Filter>) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    let filter = filter.into_inner();
    let limit = filter.limit.unwrap_or(PAGE).clamp(1, MOST);
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let state = given(filter.state).map(|name| state_named(&name)).transpose()?;
    let issue = given(filter.issue).map(|key| IssueKey::new(key.trim().to_uppercase()));
    let before = given(filter.before).map(JobId::new);
    // One more than asked for tells whether there is a next page.
    let mut jobs = caller.desk.jobs(JobFilter { state, issue, before, limit: limit + 1 }).await?;
    let more = jobs.len() > limit as usize;
    jobs.truncate(limit as usize);
    let next = if more { jobs.last().map(|job| job.id.clone()) } else { None };
    let mut notes = caller.desk.notes_of(&jobs).await?;
    let mut views = Vec::with_capacity(jobs.len());
    for job in jobs {
        let notes = job.draft.as_ref().and_then(|draft| notes.remove(draft)).unwrap_or_default();
        views.push(job_view(&caller.desk, job).await.with(notes));
    }
    let mut counts = Map::new();
    for (state, count) in caller.desk.job_counts().await? {
        if let Ok(Value::String(name)) = serde_json::to_value(state) {
            counts.insert(name, count.into());
        }
    }
    Ok(HttpResponse::Ok().json(json!({ "jobs": views, "counts": counts, "next": next })))
}

/// A job as it is now, in the form of an event of its progress: for pages that can't hold a stream open.
pub(crate) async fn show(caller: PersonCaller, path: web::Path<String>) -> Result<HttpResponse, Refusal> {
    let job = caller.desk.job(&JobId::new(path.into_inner())).await?;
    caller.require(&Right::Browse(&job.issue_id)).await?;
    Ok(HttpResponse::Ok().json(job_view(&caller.desk, job).await))
}

/// Stops a job that waits or runs.
pub(crate) async fn cancel(caller: PersonCaller, path: web::Path<String>) -> Result<HttpResponse, Refusal> {
    let job = own_job(&caller, path.into_inner()).await?;
    let job = caller.desk.cancel_job(&job.id).await?;
    Ok(HttpResponse::Ok().json(json!({ "job": job_view(&caller.desk, job).await })))
}

/// Tries a job again that has failed, was stopped or was skipped.
pub(crate) async fn retry(caller: PersonCaller, path: web::Path<String>) -> Result<HttpResponse, Refusal> {
    let job = own_job(&caller, path.into_inner()).await?;
    let job = caller.desk.retry_job(&job.id).await?;
    Ok(HttpResponse::Ok().json(json!({ "job": job_view(&caller.desk, job).await })))
}

/// Of which issue; absent or empty: of all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    issue: Option<String>,
}

/// Tries everything again that has failed and that no newer job has taken the place of.
pub(crate) async fn retry_failed(caller: PersonCaller, body: Body<Which>) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    let issue = body.0.issue.map(|key| key.trim().to_uppercase()).filter(|key| !key.is_empty()).map(IssueKey::new);
    let retried = caller.desk.retry_failed(issue.as_ref()).await?;
    Ok(HttpResponse::Ok().json(json!({ "retried": retried })))
}

/// The job, if the caller asked for it and may still edit its issue, or administers Jira.
async fn own_job(caller: &PersonCaller, id: String) -> Result<Job, Refusal> {
    let job = caller.desk.job(&JobId::new(id)).await?;
    let asked = job.requested_by.as_ref() == Some(&caller.user);
    if asked && caller.may(&Right::Edit(&job.issue_id)).await? {
        return Ok(job);
    }
    if caller.may(&Right::Admin).await? {
        return Ok(job);
    }
    caller.require(&Right::Browse(&job.issue_id)).await?;
    Err(Refusal::Forbidden("Only the person who asked for this, or a Jira administrator, may do that."))
}

fn state_named(name: &str) -> Result<JobState, Refusal> {
    serde_json::from_value(Value::String(name.to_owned())).map_err(|_| {
        let known = "queued, running, drafted, written, withdrawn, failed, cancelled, skipped";
        Refusal::Malformed(format!("The state must be one of: {known}."))
    })
}
