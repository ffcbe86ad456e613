//! Bulk runs: count what a JQL finds, start, follow, pause, go on, stop. For Jira's administrators alone.

use actix_web::{HttpResponse, web};
use brine_core::ids::BulkRunId;
use brine_core::jobs::bulk::{BulkRun, POINTS_AN_HOUR, estimate};
use brine_core::store::NewBulkRun;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::body::Body;
use crate::door::{Desk, PersonCaller, Right};
use crate::refusal::Refusal;
use crate::view::BulkView;

/// A JQL travels in an address. Characters.
const LONGEST_JQL: usize = 2000;

/// Which stories, and at most how many of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Asked {
    jql: String,
    most: u32,
    /// Criteria go on to Jira as each project's settings say; else they wait as drafts.
    #[serde(default)]
    publish: bool,
    /// Stories that have criteria get new ones, too.
    #[serde(default)]
    again: bool,
}

/// The newest run, and what is used of today's stories.
pub(crate) async fn show(caller: PersonCaller) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    let desk = &caller.desk;
    let run = match desk.last_bulk_run().await? {
        Some(run) => Some(view(desk, run).await?),
        None => None,
    };
    let usage = desk.usage().await?;
    Ok(HttpResponse::Ok().json(json!({
        "run": run,
        "usage": { "today": usage.today, "perDay": usage.quota.per_day, "until": usage.until },
        "mostPerRun": desk.settings().limits.stories_per_run,
    })))
}

/// How many stories a JQL finds, and what a run over them would cost. Nothing is made.
pub(crate) async fn count(caller: PersonCaller, body: Body<Asked>) -> Result<HttpResponse, Refusal> {
    let Body(asked) = body;
    let jql = asked.checked(&caller.desk)?;
    caller.require(&Right::Admin).await?;
    let matches = caller.desk.count_matches(&jql).await?;
    let (site, usage) = (caller.desk.pace().await?, caller.desk.usage().await?);
    let cost = estimate(matches, asked.most, asked.publish, site.pace, usage.quota, usage.today);
    Ok(HttpResponse::Ok().json(json!({
        "matches": matches,
        "stories": cost.stories,
        "seconds": cost.seconds,
        "points": cost.points,
        "pointsAnHour": POINTS_AN_HOUR,
        "days": cost.days,
        "secondsPerStory": site.pace.seconds_per_story,
        "measured": site.measured,
        "workers": site.pace.workers,
    })))
}

/// Starts a run, unless there is one already.
pub(crate) async fn start(caller: PersonCaller, body: Body<Asked>) -> Result<HttpResponse, Refusal> {
    let Body(asked) = body;
    let jql = asked.checked(&caller.desk)?;
    caller.require(&Right::Admin).await?;
    let expected = caller.desk.count_matches(&jql).await?;
    if expected == 0 {
        return Err(Refusal::Conflict("This JQL finds no issue now.".to_owned()));
    }
    let new = NewBulkRun {
        tenant: caller.desk.tenant().clone(),
        jql,
        publish: asked.publish,
        again: asked.again,
        most: asked.most,
        expected,
        created_by: caller.user.clone(),
        created_by_name: caller.desk.name_of(&caller.user).await,
    };
    let run = caller.desk.start_bulk_run(new).await?;
    Ok(HttpResponse::Accepted().json(json!({ "run": view(&caller.desk, run).await? })))
}

/// No further job is made or begun; those in work are finished.
pub(crate) async fn pause(caller: PersonCaller, path: web::Path<String>) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    let run = caller.desk.pause_bulk_run(&BulkRunId::new(path.into_inner())).await?;
    changed(&caller.desk, run).await
}

/// Goes on where it was paused.
pub(crate) async fn resume(caller: PersonCaller, path: web::Path<String>) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    let run = caller.desk.resume_bulk_run(&BulkRunId::new(path.into_inner())).await?;
    changed(&caller.desk, run).await
}

/// Stops the run and all of its jobs that wait or run.
pub(crate) async fn cancel(caller: PersonCaller, path: web::Path<String>) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    let run = caller.desk.cancel_bulk_run(&BulkRunId::new(path.into_inner())).await?;
    changed(&caller.desk, run).await
}

async fn changed(desk: &Desk, run: BulkRun) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(json!({ "run": view(desk, run).await? })))
}

async fn view(desk: &Desk, run: BulkRun) -> Result<Value, Refusal> {
    let counts = desk.bulk_counts(&run.id).await?;
    let pace = desk.pace().await?.pace;
    serde_json::to_value(BulkView::new(run, counts, pace)).map_err(Refusal::internal)
}

impl Asked {
    /// The JQL in one line.
    fn checked(&self, desk: &Desk) -> Result<String, Refusal> {
        let jql = self.jql.split_whitespace().collect::<Vec<_>>().join(" ");
        let length = jql.chars().count();
        if length == 0 {
            return Err(Refusal::Malformed(
                "Enter a JQL, for example: project = SHOP AND issuetype = Story".to_owned(),
            ));
        }
        if length > LONGEST_JQL {
            return Err(Refusal::Malformed(format!("A JQL has at most {LONGEST_JQL} characters here, got {length}.")));
        }
        let most = desk.settings().limits.stories_per_run;
        if !(1..=most).contains(&self.most) {
            return Err(Refusal::Malformed(format!("A run writes 1 to {most} stories, got {}.", self.most)));
        }
        Ok(jql)
    }
}
