//! A job's progress as server-sent events. The row is the truth: an event from the worker only says that it is time to
//! read it again, and a slow tick reads it anyway, so that a missed event or another process's worker costs a moment.

use std::time::Duration;

use actix_web::{Responder, web};
use actix_web_lab::sse::{Data, Event, Sse};
use brine_core::ids::{JobId, TenantId};
use brine_core::jobs::Job;
use brine_core::queue::{Heard, Listener};
use tokio::sync::mpsc;

use super::job_view;
use crate::door::{Desk, PersonCaller, Right};
use crate::refusal::Refusal;
use crate::view::JobView;

/// A comment this often keeps proxies from closing a quiet stream.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The row is read at least this often.
const TICK: Duration = Duration::from_secs(2);
/// A stream ends by then; the page opens another one with a fresh token.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// The state now, then each change, until the job has ended.
pub(crate) async fn stream(caller: PersonCaller, path: web::Path<String>) -> Result<impl Responder, Refusal> {
    let id = JobId::new(path.into_inner());
    // Before the first look at the row, so that no change falls between the two.
    let events = caller.desk.subscribe();
    let job = caller.desk.job(&id).await?;
    caller.require(&Right::Browse(&job.issue_id)).await?;
    let (to_client, stream) = mpsc::channel(8);
    actix_web::rt::spawn(follow(caller.desk, job, events, to_client));
    Ok(Sse::from_infallible_receiver(stream)
        .with_keep_alive(HEARTBEAT)
        .customize()
        .insert_header(("X-Accel-Buffering", "no")))
}

async fn follow(desk: Desk, job: Job, mut events: Listener, to_client: mpsc::Sender<Event>) {
    let id = job.id.clone();
    let closing = desk.closing();
    let end = tokio::time::sleep(LONGEST);
    tokio::pin!(end);
    let mut shown: Option<JobView> = None;
    let mut job = Some(job);
    loop {
        let Some(now) = job.take() else { return };
        let view = job_view(&desk, now).await;
        if shown.as_ref() != Some(&view) {
            let Ok(data) = Data::new_json(&view) else { return };
            if to_client.send(data.event("progress").into()).await.is_err() {
                return;
            }
        }
        if view.state.is_final() {
            return;
        }
        shown = Some(view);
        tokio::select! {
            () = changed(&mut events, desk.tenant(), &id) => {}
            () = tokio::time::sleep(TICK) => {}
            () = to_client.closed() => return,
            () = closing.cancelled() => return,
            () = &mut end => return,
        }
        match desk.job(&id).await {
            Ok(read) => job = Some(read),
            Err(error) => {
                tracing::warn!(%error, "a stream of progress ended early");
                return;
            }
        }
    }
}

/// Waits for word of this job. A reader that fell behind takes that for word, too.
async fn changed(events: &mut Listener, tenant: &TenantId, job: &JobId) {
    loop {
        match events.next().await {
            Heard::Of(event) if event.tenant == *tenant && event.job == *job => return,
            Heard::Of(_) => {}
            Heard::Missed => return,
        }
    }
}
