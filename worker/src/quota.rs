//! A site's stories of a day: counted when the model is about to write.

use brine_core::jobs::Job;

use crate::hold::Break;
use crate::worker::Parts;

/// Counts the story of this job once, or puts the job off until the next day begins.
pub(crate) async fn count(parts: &Parts, job: &Job) -> Result<(), Break> {
    let quota = parts.store.story_quota(&job.tenant, parts.stories_per_day).await?;
    match parts.store.count_story(job, quota).await? {
        Ok(()) => Ok(()),
        Err(used_up) => Err(Break::NotBefore { at: used_up.until, reason: used_up.reason(job.class) }),
    }
}
