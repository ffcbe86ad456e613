//! Limits that Jira sets, kept to before Jira has to say 429.
//!
//! Atlassian names three ("Rate limiting" in its documentation): points an hour, calls a second, and writes of one issue.
//! [`Rules`] says which meters a call draws on and what an answer of Jira's tells about them; both are plain functions. An
//! [`Allowance`] keeps the meters: in this process ([`InProcess`]), or in Redis for all processes ([`Shared`]). The client
//! asks through a [`Guard`].

mod call;
mod guard;
mod in_process;
mod meters;
mod rules;
mod shared;
#[cfg(test)]
mod tests;
mod told;

use std::fmt;

use async_trait::async_trait;

use crate::clock::Millis;

pub use guard::Guard;
pub use in_process::InProcess;
pub use meters::{Draw, Need, Note, Window};
pub use rules::Rules;
pub use shared::Shared;

pub(super) use call::Asked;
pub(super) use told::Told;

/// Keeps the meters. It never fails: what can't be shared is counted here.
#[async_trait]
pub trait Allowance: Send + Sync + fmt::Debug {
    /// Takes all that a call needs, or nothing, and then says until when the call has to wait.
    async fn take(&self, need: &Need) -> Result<(), Held>;

    /// Corrects the meters by what Jira said.
    async fn note(&self, notes: &[Note]);
}

/// A call that must not be made yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The earliest time at which it may be.
    pub until: Millis,
    /// Which limit holds it.
    pub by: Limit,
}

/// What holds a call back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The points of this hour are used up.
    Points,
    /// What is left of this hour's points is kept for people who wait.
    Reserve,
    /// Calls a second.
    Burst,
    /// Writes of one issue.
    IssueWrites,
    /// Jira said so.
    Asked,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Points => "the calls that Jira allows Brine in an hour are used up",
            Self::Reserve => "what is left of the calls that Jira allows Brine in an hour is kept for people who wait",
            Self::Burst => "Jira allows only so many calls a second",
            Self::IssueWrites => "Jira allows only so many changes of one issue in half a minute",
            Self::Asked => "Jira asked for it",
        })
    }
}

/// The time of day, in UTC: "14:00:05 UTC".
pub(super) fn time_of_day(at: Millis) -> String {
    let seconds = at.div_euclid(1000).rem_euclid(24 * 3600);
    format!("{:02}:{:02}:{:02} UTC", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
