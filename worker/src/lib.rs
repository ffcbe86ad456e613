//! The worker side: lease a job, read the story, draft, check, publish, settle. A file for each step.
//!
//! What a job is lies in the store alone. A worker may be killed at any instant: the job's lease runs out (or the process
//! starts anew), another attempt begins, and finds what the first one has already stored or written.

mod attempt;
mod backoff;
mod bulk;
mod draft;
mod heartbeat;
mod hold;
mod ports;
mod publish;
mod quota;
mod read;
mod readiness;
mod reaper;
mod registry;
mod report;
mod scenario;
mod settle;
mod shutdown;
mod sites;
#[cfg(test)]
mod tests;
mod withdraw;
mod worker;
mod writer;
mod writers;

pub use ports::{CriteriaWriter, Issues, Writers};
pub use readiness::{Readiness, watch as watch_readiness};
pub use registry::HEARD_EVERY;
pub use shutdown::Shutdown;
pub use sites::JiraSites;
pub use worker::{Drafting, Parts, Worker};
pub use writers::{Lent, Load, WriterPool};
