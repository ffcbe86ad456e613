//! Reads an issue and makes a story of it.

use brine_core::adf::{self, Names};
use brine_core::failure::Failure;
use brine_core::jobs::Progress;
use brine_core::store::Tenant;
use brine_core::story::Story;
use brine_core::telemetry::{self, Stage};
use serde_json::Value;
use std::time::Instant;

use crate::hold::{Break, Hold};
use crate::report;
use crate::worker::Parts;

/// The issue as a person wrote it: our own section is never read as story.
pub(crate) async fn story(parts: &Parts, hold: &Hold, tenant: &Tenant) -> Result<Story, Break> {
    report::progress(parts, hold, Progress::Reading).await?;
    name_requester(parts, hold, tenant).await?;
    let began = Instant::now();
    let issue = hold.unless_stopped(parts.issues.issue(tenant, &hold.job)).await?;
    let names = match &issue.description {
        Some(document) => names(parts, hold, tenant, document).await?,
        None => Names::new(),
    };
    telemetry::job_stage(Stage::Read, began.elapsed());
    let story = adf::story(&issue.summary, issue.description.as_ref(), &names);
    Ok(story.map_err(|error| Failure::permanent(error.to_string()))?)
}

/// Whoever is mentioned without a name. The story can be read without it, so a refusal ends nothing.
async fn names(parts: &Parts, hold: &Hold, tenant: &Tenant, document: &Value) -> Result<Names, Break> {
    match hold.unless_stopped(parts.issues.names(tenant, &hold.job, document)).await {
        Err(Break::Failed(failure)) => {
            tracing::debug!(job = %hold.job.id, reason = %failure, "the names of who is mentioned are not known");
            Ok(Names::new())
        }
        known => known,
    }
}

/// The admin page shows who asked. Their name is a nicety: the job goes on without it.
async fn name_requester(parts: &Parts, hold: &Hold, tenant: &Tenant) -> Result<(), Break> {
    let job = &hold.job;
    let (Some(account), None) = (&job.requested_by, &job.requested_by_name) else { return Ok(()) };
    match hold.unless_stopped(parts.issues.user_name(tenant, job, account)).await {
        Ok(Some(name)) => Ok(parts.store.set_requester_name(job, &name).await?),
        Ok(None) => Ok(()),
        Err(Break::Failed(failure)) => {
            tracing::debug!(job = %job.id, reason = %failure, "the name of who asked is not known");
            Ok(())
        }
        Err(other) => Err(other),
    }
}
