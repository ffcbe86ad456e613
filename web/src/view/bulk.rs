//! A bulk run as the admin page shows it.

use brine_core::clock::Millis;
use brine_core::ids::{AccountId, BulkRunId};
use brine_core::jobs::bulk::{BulkCounts, BulkRun, BulkState, Pace};
use serde::Serialize;

/// See the module.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BulkView {
    id: BulkRunId,
    state: BulkState,
    jql: String,
    publish: bool,
    again: bool,
    most: u32,
    /// Drafted or written.
    done: u32,
    failed: u32,
    /// With criteria already, with nothing to do, or stopped.
    skipped: u32,
    /// Their jobs wait or run.
    waiting: u32,
    /// All of these and what is still to be found: an estimate until every page was read.
    total: u32,
    /// None while it does not run.
    seconds_left: Option<u64>,
    error: Option<String>,
    created_by: AccountId,
    created_by_name: Option<String>,
    created_at: Millis,
    finished_at: Option<Millis>,
}

impl BulkView {
    pub(crate) fn new(run: BulkRun, counts: BulkCounts, pace: Pace) -> Self {
        let to_find = run.still_to_find();
        let skipped = counts.skipped.saturating_add(run.passed_over);
        let ahead = counts.live.saturating_add(to_find);
        Self {
            done: counts.done,
            failed: counts.failed,
            skipped,
            waiting: counts.live,
            total: [counts.done, counts.failed, skipped, ahead].into_iter().fold(0, u32::saturating_add),
            seconds_left: (run.state == BulkState::Running).then(|| pace.seconds(ahead)),
            id: run.id,
            state: run.state,
            jql: run.jql,
            publish: run.publish,
            again: run.again,
            most: run.most,
            error: run.error,
            created_by: run.created_by,
            created_by_name: run.created_by_name,
            created_at: run.created_at,
            finished_at: run.finished_at,
        }
    }
}
