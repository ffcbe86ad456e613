//! Writes an accepted draft to Jira.

use brine_core::failure::Failure;
use brine_core::jira::publish::Published;
use brine_core::jobs::{Destination, Draft, Progress};
use brine_core::store::Tenant;
use brine_core::telemetry::{self, Stage};
use std::time::Instant;

use crate::attempt::Done;
use crate::hold::{Break, Hold};
use crate::report;
use crate::worker::Parts;

pub(crate) const EDITED: &str = "Somebody edited the criteria in Jira since Brine wrote them, or wrote there first. \
                                 Open the panel to compare them and to decide.";

/// Settling a failure opens the draft again, so that the person can decide anew.
pub(crate) async fn write(
    parts: &Parts,
    hold: &Hold,
    tenant: &Tenant,
    draft: &Draft,
    destination: &Destination,
    replace_edited: bool,
) -> Result<Done, Break> {
    parts.store.set_provenance(&hold.job, &draft.provenance).await?;
    // A whole lease lies before the writes, each of which asks once more whether the job is still ours.
    report::progress(parts, hold, Progress::Publishing).await?;
    parts.store.renew(&hold.job, parts.lease()).await?;
    let began = Instant::now();
    let published =
        hold.unless_stopped(parts.issues.publish(tenant, draft, &hold.job, destination, replace_edited)).await?;
    telemetry::job_stage(Stage::Publish, began.elapsed());
    match published {
        Published::Written | Published::AlreadyWritten => Ok(Done::Written(draft.id.clone())),
        Published::SectionEdited => Err(Failure::permanent(EDITED).into()),
    }
}
