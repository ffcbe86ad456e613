//! Takes back what was written of a draft.

use brine_core::failure::Failure;
use brine_core::ids::DraftId;
use brine_core::jira::publish::Withdrawn;
use brine_core::jobs::Progress;
use brine_core::store::Tenant;

use crate::attempt::Done;
use crate::hold::{Break, Hold};
use crate::publish::EDITED;
use crate::report;
use crate::worker::Parts;

/// Settling opens the draft again, so that the person can decide anew.
pub(crate) async fn run(
    parts: &Parts,
    hold: &Hold,
    tenant: &Tenant,
    draft: &DraftId,
    replace_edited: bool,
) -> Result<Done, Break> {
    report::progress(parts, hold, Progress::Publishing).await?;
    parts.store.renew(&hold.job, parts.lease()).await?;
    match hold.unless_stopped(parts.issues.withdraw(tenant, &hold.job, draft, replace_edited)).await? {
        Withdrawn::Done => Ok(Done::Withdrawn(draft.clone())),
        Withdrawn::Edited => Err(Failure::permanent(EDITED).into()),
        Withdrawn::Newer => Err(Failure::not_ours("newer criteria have taken the place of these").into()),
    }
}
