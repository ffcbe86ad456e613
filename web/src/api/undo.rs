//! Taking back what was written last.

use actix_web::{HttpResponse, web};
use brine_core::ids::DraftId;
use brine_core::jira::publish::{Mark, PROPERTY_KEY};
use brine_core::jobs::{Class, DraftState, Job, JobState, Target, Task};
use brine_core::store::NewJob;
use serde::Deserialize;

use super::{accepted, issue_id};
use crate::body::Body;
use crate::door::{PersonCaller, Right};
use crate::refusal::Refusal;

/// What a person decided.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Undo {
    /// What somebody edited since may go, too.
    #[serde(default)]
    replace_edited: bool,
}

/// Makes the job that takes back what the last one wrote; asked twice, it is the same job.
pub(crate) async fn undo(
    caller: PersonCaller,
    path: web::Path<String>,
    body: Body<Undo>,
) -> Result<HttpResponse, Refusal> {
    let issue = issue_id(path.into_inner())?;
    let Body(Undo { replace_edited }) = body;
    caller.require(&Right::Browse(&issue)).await?;
    let Some((written, draft)) = caller.desk.last_written_job(&issue).await?.and_then(with_draft) else {
        return Err(Refusal::Conflict("Brine has written nothing here that could be undone.".to_owned()));
    };
    let mark = caller.desk.jira().issue_property(&issue, PROPERTY_KEY).await?;
    let mark = mark.as_ref().and_then(|value| Mark::read_on(value, &issue));
    let target = mark.map_or(Target::Description, |mark| mark.target);
    caller.require(&Right::to_withdraw(target, &issue)).await?;
    if caller.desk.draft(&draft).await?.state != DraftState::Accepted {
        return Err(Refusal::Conflict("What Brine wrote last was undone already. Reload to see it.".to_owned()));
    }
    let facts = caller.desk.issue_facts(&issue).await?;
    let job = caller
        .desk
        .create_job(NewJob {
            tenant: caller.desk.tenant().clone(),
            issue_id: issue,
            issue_key: facts.key,
            task: Task::Withdraw { draft, replace_edited },
            class: Class::Interactive,
            requested_by: Some(caller.user.clone()),
            requested_by_name: None,
            delivery: Some(format!("undo:{}:{replace_edited}", written.id)),
            anew: false,
        })
        .await?;
    // The one that was asked for before came to nothing: this is another try.
    let job = match job.state {
        JobState::Failed | JobState::Cancelled | JobState::Skipped => caller.desk.retry_job(&job.id).await?,
        _ => job,
    };
    Ok(accepted(&caller.desk, job).await)
}

fn with_draft(job: Job) -> Option<(Job, DraftId)> {
    let draft = job.draft.clone()?;
    Some((job, draft))
}
