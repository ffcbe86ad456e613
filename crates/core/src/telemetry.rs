//! What Brine counts and times, by name: the one place where metrics get their names, labels and units. Labels hold no ids
//! and no words of a story. Without a recorder (a command, a test) nothing happens.

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

const SETTLED: &str = "brine_jobs_settled_total";
const STAGE: &str = "brine_job_stage_seconds";
const QUEUE_WAIT: &str = "brine_queue_wait_seconds";
const WAITING: &str = "brine_jobs_waiting";
const RUNNING: &str = "brine_jobs_running";
const LEASES_LOST: &str = "brine_leases_lost_total";
const LEASES_EXPIRED: &str = "brine_leases_expired_total";
const TOKENS: &str = "brine_tokens_total";
const HTTP: &str = "brine_http_requests_total";
const JIRA: &str = "brine_jira_requests_total";

/// Upper bounds of the buckets of everything that is timed. Seconds.
pub const SECONDS: [f64; 12] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 300.0];

/// A part of a job that is timed.
#[derive(Clone, Copy, Debug)]
pub enum Stage {
    /// The issue is read from Jira.
    Read,
    /// The model writes.
    Draft,
    /// Jira is written.
    Publish,
    /// From the lease to the settlement.
    Whole,
}

/// Tells the recorder what each name means.
pub fn describe() {
    describe_counter!(SETTLED, "Attempts at jobs by what the job came to (queued: another attempt follows)");
    describe_histogram!(STAGE, Unit::Seconds, "Time that jobs spend in each stage");
    describe_histogram!(QUEUE_WAIT, Unit::Seconds, "Time from when a job may begin to its lease");
    describe_gauge!(WAITING, "Jobs in the queue");
    describe_gauge!(RUNNING, "Jobs in work in this process");
    describe_counter!(LEASES_LOST, "Jobs that were taken from this process: cancelled, or its lease ran out");
    describe_counter!(LEASES_EXPIRED, "Jobs that this process found without a sign of life of their worker");
    describe_counter!(TOKENS, "Tokens that the model has read (prompt) and written");
    describe_counter!(HTTP, "Requests by route and status");
    describe_counter!(JIRA, "Calls to Jira by method and status (0: no answer)");
}

/// An attempt is over; `state` is the job's state now.
pub fn job_settled(state: &'static str) {
    counter!(SETTLED, "state" => state).increment(1);
}

/// A stage took so long.
pub fn job_stage(stage: Stage, took: Duration) {
    let stage = match stage {
        Stage::Read => "read",
        Stage::Draft => "draft",
        Stage::Publish => "publish",
        Stage::Whole => "whole",
    };
    histogram!(STAGE, "stage" => stage).record(took);
}

/// A job was leased so long after it might have been.
pub fn queue_wait(waited: Duration) {
    histogram!(QUEUE_WAIT).record(waited);
}

/// So many jobs are in the queue.
pub fn jobs_waiting(jobs: usize) {
    gauge!(WAITING).set(jobs as f64);
}

/// A job in work, until it is dropped.
#[derive(Debug)]
pub struct Running(());

impl Running {
    /// One more.
    pub fn begin() -> Self {
        gauge!(RUNNING).increment(1.0);
        Self(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        gauge!(RUNNING).decrement(1.0);
    }
}

/// A job was taken from this process.
pub fn lease_lost() {
    counter!(LEASES_LOST).increment(1);
}

/// So many jobs were found whose worker has not been heard of.
pub fn leases_expired(jobs: usize) {
    counter!(LEASES_EXPIRED).increment(jobs as u64);
}

/// What a draft cost.
pub fn tokens(prompt: usize, written: usize) {
    counter!(TOKENS, "kind" => "prompt").increment(prompt as u64);
    counter!(TOKENS, "kind" => "written").increment(written as u64);
}

/// A request was answered. `route` is a pattern of the table of routes.
pub fn http_request(route: &str, status: u16) {
    counter!(HTTP, "route" => route.to_owned(), "status" => status.to_string()).increment(1);
}

/// A call to Jira was answered.
pub fn jira_request(method: &str, status: u16) {
    counter!(JIRA, "method" => method.to_owned(), "status" => status.to_string()).increment(1);
}
