//! One attempt at a job, from the lease to what it came to.

use std::sync::Arc;

use brine_core::failure::Failure;
use brine_core::ids::DraftId;
use brine_core::jobs::{Class, Destination, Draft, DraftState, Job, Target, Task};
use brine_core::store::{Tenant, TenantState};
use brine_core::story::Story;

use crate::hold::{Break, Hold};
use crate::worker::Parts;
use crate::{draft, publish, quota, read, scenario, withdraw};

/// What an attempt came to when it succeeded.
#[derive(Debug)]
pub(crate) enum Done {
    /// The draft waits for a person.
    Drafted(DraftId),
    /// The criteria stand in Jira.
    Written(DraftId),
    /// They stood there, and are gone again.
    Withdrawn(DraftId),
}

pub(crate) async fn run(parts: Arc<Parts>, hold: Hold) -> Result<Done, Break> {
    let job = &hold.job;
    if job.attempts > job.max_attempts {
        return Err(Failure::permanent(format!(
            "given up: Brine was stopped or broke off in {} attempts at this job",
            job.max_attempts
        ))
        .into());
    }
    let tenant = active_tenant(&parts, job).await?;
    match &job.task {
        Task::Draft { max_scenarios, seed, publish } => {
            let earlier = earlier_draft(&parts, job).await?;
            let story = read::story(&parts, &hold, &tenant).await?;
            let draft = match earlier.filter(|draft| draft.story_hash == story.hash()) {
                Some(draft) => draft,
                None => {
                    if *publish || job.class == Class::Bulk {
                        must_be_wanted(&parts, job, &story).await?;
                    }
                    quota::count(&parts, job).await?;
                    draft::write(&parts, &hold, story, *max_scenarios, *seed).await?
                }
            };
            if *publish { publish_own(&parts, &hold, &tenant, draft).await } else { Ok(Done::Drafted(draft.id)) }
        }
        Task::Scenario { draft, version, place, sentence, wish, seed } => {
            if let Some(done) = earlier_draft(&parts, job).await? {
                return Ok(Done::Drafted(done.id));
            }
            let Some(from) = parts.store.draft(&job.tenant, draft).await?.filter(|draft| draft.version == *version)
            else {
                return Err(scenario::changed().into());
            };
            let story = read::story(&parts, &hold, &tenant).await?;
            let wanted = scenario::Wanted { place: *place, sentence: *sentence, wish: wish.clone(), seed: *seed };
            Ok(Done::Drafted(scenario::write(&parts, &hold, &story, from, wanted).await?))
        }
        Task::Publish { draft, target, field, replace_edited } => {
            let Some(destination) = Destination::of(*target, field.as_ref()) else { return Err(no_place().into()) };
            let draft = parts.store.draft(&job.tenant, draft).await?;
            match draft {
                Some(draft) if draft.state == DraftState::Accepted => {
                    publish::write(&parts, &hold, &tenant, &draft, &destination, *replace_edited).await
                }
                _ => Err(Failure::not_ours("newer criteria have taken the place of these").into()),
            }
        }
        Task::Withdraw { draft, replace_edited } => withdraw::run(&parts, &hold, &tenant, draft, *replace_edited).await,
    }
}

fn no_place() -> Failure {
    Failure::permanent("No field is chosen that criteria are written into: choose one in the project's Brine settings")
}

async fn active_tenant(parts: &Parts, job: &Job) -> Result<Tenant, Break> {
    let tenant = parts.store.tenant(&job.tenant).await?;
    match tenant {
        Some(tenant) if tenant.state() == TenantState::Active => Ok(tenant),
        Some(tenant) if tenant.state() == TenantState::Disabled => {
            Err(Failure::not_ours("the app is switched off on this site").into())
        }
        _ => Err(Failure::not_ours("the app is no longer installed on this site").into()),
    }
}

/// Nobody asked for an automatic or bulk draft by name: it is not made of a story that has one already, nor in place of one
/// that a person is working on. A bulk run knew of the drafts that were there when it made the job.
async fn must_be_wanted(parts: &Parts, job: &Job, story: &Story) -> Result<(), Break> {
    let Some(last) = parts.store.latest_draft(&job.tenant, &job.issue_id).await? else { return Ok(()) };
    if job.class == Class::Bulk && last.created_at >= job.created_at {
        return Err(Failure::not_ours("criteria were written for this story in the meantime").into());
    }
    if job.class != Class::Bulk && last.story_hash == story.hash() {
        return Err(Failure::not_ours("the story has not changed since its last criteria").into());
    }
    if last.state == DraftState::Open && last.edited_by.is_some() {
        return Err(Failure::not_ours("a person is working on the criteria of this story").into());
    }
    Ok(())
}

/// What an earlier attempt has stored: it is not written a second time, unless the story is another now.
async fn earlier_draft(parts: &Parts, job: &Job) -> Result<Option<Draft>, Break> {
    let Some(id) = &job.draft else { return Ok(None) };
    match parts.store.draft(&job.tenant, id).await? {
        Some(draft) if draft.state == DraftState::Replaced => {
            Err(Failure::not_ours("newer criteria have taken the place of these").into())
        }
        found => Ok(found),
    }
}

/// Does with a fresh draft what the project's settings say.
async fn publish_own(parts: &Parts, hold: &Hold, tenant: &Tenant, draft: Draft) -> Result<Done, Break> {
    let settings = parts.store.project_settings(&hold.job.tenant, &hold.job.project).await?;
    if settings.target == Target::Draft {
        return Ok(Done::Drafted(draft.id));
    }
    let Some(destination) = settings.destination() else { return Err(no_place().into()) };
    let draft = parts.store.accept_own_draft(&hold.job, &draft.id).await?;
    publish::write(parts, hold, tenant, &draft, &destination, false).await
}
