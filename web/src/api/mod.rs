//! The JSON calls of our own pages. Each asks for the right that it needs before it touches anything.

pub(crate) mod adapters;
pub(crate) mod bulk;
pub(crate) mod drafts;
pub(crate) mod events;
pub(crate) mod issues;
pub(crate) mod jobs;
pub(crate) mod projects;
pub(crate) mod section;
pub(crate) mod site;
pub(crate) mod undo;

use actix_web::HttpResponse;
use brine_core::ids::IssueId;
use brine_core::jobs::Job;
use serde_json::json;

use crate::door::Desk;
use crate::refusal::Refusal;
use crate::view::JobView;

/// Jira's issue ids are numbers; anything else is not asked about.
fn issue_id(text: String) -> Result<IssueId, Refusal> {
    if text.is_empty() || text.len() > 20 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::NotFound("This issue does not exist, or you may not see it."));
    }
    Ok(IssueId::new(text))
}

/// The job with its place in the queue.
async fn job_view(desk: &Desk, job: Job) -> JobView {
    let ahead = if job.state.is_final() { None } else { desk.ahead(&job).await };
    JobView::new(job, ahead)
}

async fn accepted(desk: &Desk, job: Job) -> HttpResponse {
    HttpResponse::Accepted().json(json!({ "job": job_view(desk, job).await }))
}
