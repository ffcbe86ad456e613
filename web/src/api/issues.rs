//! An issue in the panel: what is there, and asking for criteria.

use actix_web::{HttpResponse, web};
use brine_core::gherkin::form::{SCENARIOS, said};
use brine_core::ids::IssueId;
use brine_core::jobs::{Class, Target, Task};
use brine_core::store::NewJob;
use serde::Deserialize;
use serde_json::json;

use super::{accepted, issue_id, job_view};
use crate::body::Body;
use crate::door::{PersonCaller, Right};
use crate::refusal::Refusal;
use crate::view::{DraftView, JobView};

/// The draft, the job and the rights that the panel begins with.
pub(crate) async fn show(caller: PersonCaller, path: web::Path<String>) -> Result<HttpResponse, Refusal> {
    let issue = issue_id(path.into_inner())?;
    let may_edit = caller.may(&Right::Edit(&issue)).await?;
    if !may_edit {
        caller.require(&Right::Browse(&issue)).await?;
    }
    let facts = caller.desk.issue_facts(&issue).await?;
    let settings = caller.desk.project_settings(&facts.project).await?;
    let may_accept = match settings.target {
        Target::Description | Target::Field => may_edit,
        Target::Comment | Target::Subtasks => caller.may(&Right::to_write(settings.target, &issue)).await?,
        Target::Draft => false,
    };
    let draft = caller.desk.latest_draft(&issue).await?.map(DraftView::from);
    let job = match caller.desk.last_job_of_issue(&issue).await? {
        Some(job) => Some(job_view(&caller.desk, job).await),
        None => None,
    };
    let written = caller.desk.last_written_job(&issue).await?;
    // Whether they also may do it where it was written, Jira is asked when they do.
    let may_undo = written.is_some() && (may_edit || may_accept);
    let written = written.map(|job| JobView::new(job, None));
    Ok(HttpResponse::Ok().json(json!({
        "issue": { "id": issue, "key": facts.key, "summary": facts.summary },
        "draft": draft,
        "job": job,
        "written": written,
        "target": settings.target,
        "may": { "generate": may_edit, "accept": may_accept, "undo": may_undo },
    })))
}

/// What a person may ask for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Wanted {
    max_scenarios: Option<u8>,
    seed: Option<u64>,
}

/// Asks for criteria. A job that already works on the issue is answered in place of a second one.
pub(crate) async fn generate(
    caller: PersonCaller,
    path: web::Path<String>,
    body: Body<Wanted>,
) -> Result<HttpResponse, Refusal> {
    let issue = issue_id(path.into_inner())?;
    let Body(wanted) = body;
    if let Some(count) = wanted.max_scenarios.filter(|count| !SCENARIOS.contains(count)) {
        return Err(Refusal::Malformed(format!("maxScenarios must be {}, got {count}.", said(&SCENARIOS))));
    }
    caller.require(&Right::Edit(&issue)).await?;
    let at_work = caller.desk.last_job_of_issue(&issue).await?.is_some_and(|job| !job.state.is_final());
    if !at_work {
        caller.desk.require_story().await?;
    }
    let facts = caller.desk.issue_facts(&issue).await?;
    let settings = caller.desk.project_settings(&facts.project).await?;
    let seed = match wanted.seed {
        Some(seed) => seed,
        None => next_seed(&caller, &issue).await?,
    };
    let max_scenarios = wanted.max_scenarios.unwrap_or(settings.max_scenarios);
    let job = caller
        .desk
        .create_job(NewJob {
            tenant: caller.desk.tenant().clone(),
            issue_id: issue,
            issue_key: facts.key,
            task: Task::Draft { max_scenarios, seed, publish: false },
            class: Class::Interactive,
            requested_by: Some(caller.user.clone()),
            requested_by_name: None,
            delivery: None,
            anew: false,
        })
        .await?;
    Ok(accepted(&caller.desk, job).await)
}

/// The first set of a story always has the same seed, so that the same story gets the same answer; asking again means
/// that the person wants another one.
async fn next_seed(caller: &PersonCaller, issue: &IssueId) -> Result<u64, Refusal> {
    let last = caller.desk.latest_draft(issue).await?;
    // Seeds travel through JavaScript, which holds whole numbers up to 2^53 exactly.
    Ok(last.map_or(0, |draft| draft.provenance.seed.wrapping_add(1) % (1 << 53)))
}
