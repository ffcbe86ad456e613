//! The queue in Redis (6.2 or newer, or Valkey), shared by any number of web sides and workers.
//!
//! **It holds ids alone.** The jobs table is the truth; whoever makes a row adds its ticket at once, and the reaper of every
//! worker compares the table with the tickets every half minute, so that neither the loss of a ticket nor of the whole Redis
//! loses a job. That Redis was emptied or restarted is noticed within a second: `…:mark` holds the `run_id` of the server that
//! the tickets were added to, and who finds another one there (or none) adds all tickets again ([`Queue::lost`]).
//!
//! # Keys
//!
//! All begin with the queue's name as a hash tag and the version of what they hold, `{brine}:2`, so that they lie on one node of a
//! cluster, where a script may touch them all, and so that no version of Brine reads what another one wrote: it fills its own
//! from the table. None has a time to live, so that policies that evict volatile keys do no harm.
//!
//! | key | type | holds |
//! |---|---|---|
//! | `…:tenants` | hash | of each tenant that has anything here, packed: its places in the three lanes, when it next changes lanes, how many of its jobs are in work, and the oldest of its waiting jobs of each class (0 interactive, 1 automatic, 2 bulk) with the time from which on they may be handed out; a job is id and cost, 21 bytes |
//! | `…:more:TENANT` | sorted set | the tenant's other waiting jobs, by class and time |
//! | `…:lane:N` | sorted set | the tenants whose turn can come among tickets that count as class N - 1, by place |
//! | `…:left:N` | hash | where each tenant left off in the lane |
//! | `…:changes` | sorted set | tenants by when their oldest tickets' time comes, or next rise by a class |
//! | `…:work` | sorted set | jobs in work by when they lapse. Only with a limit |
//! | `…:state` | hash | how many tickets wait; packed: of each lane where it stands, how many arrived and how many are in it, whether somebody sleeps, and times before which nothing changes or lapses |
//! | `…:mark` | string | `run_id` of the server that was filled last |
//!
//! Channels, common to all versions: `{brine}:bell` (empty messages), `{brine}:events` (progress, without words of stories).
//!
//! # Why so
//!
//! - **Calls are what costs.** Whatever a script asks of Redis costs microseconds, most of them for what is around the call; what it
//!   does by itself costs hundredths of that. So a script reads for all tenants at once, changes what it read, and writes for all at
//!   once what differs in the end: a dozen calls, for one job or for a hundred. A ticket that is added and taken in the same step is
//!   written nowhere but among what is in work.
//! - **A tenant's oldest tickets stand with the tenant**, up to 8 of a class, so that the next ticket of many tenants is read in
//!   one call. Later ones lie in a sorted set of the tenant's and come in 4 at a time. Nothing is done for a job while it waits.
//!   Delays need no set of their own: tickets whose time has come are the oldest. Ageing needs none either: the oldest ticket
//!   rises first, so it is the tenant that is moved to another lane when its time comes, not its tickets. A job can be found without a key
//!   that says where it is: its tenant is known.
//! - **Taking costs the same whatever waits**: a few looks at the front of sorted sets, O(log n).
//! - **Fair queueing instead of rounds.** The issue asks for deficit round robin by token cost. Its rounds hand out a quantum to
//!   each tenant, which must be as large as the dearest job, so that one tenant would publish 200 accepted drafts in a row
//!   while another waits with its draft; and a round that is not yet enough for anyone takes nothing and goes on, in a script
//!   that all wait for. A tenant's place counted in tokens (`lane.rs`) gives the same shares over time, always takes the one
//!   that is furthest behind, and costs O(log tenants).
//! - **A tenant at its limit stands in no lane**, so that its tickets are neither lost nor looked at. It comes back when a job
//!   of it is finished or lapses.
//! - **One script is one step.** Nothing is seen half done, and a process that dies leaves nothing half done. In short supply of
//!   memory Redis refuses scripts whose first write needs more: a step that adds begins with such a write, and when that is refused
//!   it adds nothing (the rows wait, and their tickets are added later) and does all the rest.
//! - **All of a process who ask at the same time share one step** (`gather.rs`): what has ended, what is added, and what is taken go
//!   together, in this order. Whoever waits for a ticket waits in its process, which asks for all of them with every step: what
//!   the process itself adds is found without a bell.
//! - **The end of work is not waited for**: it is on its way, before whatever the process asks for next. Should it be lost, the job
//!   lapses.
//! - **Little is done for a job**: a tenant is settled only when the oldest ticket of a class is another one than before, or the tenant
//!   reaches or leaves its limit. Places are whole numbers, because Redis keeps fractions as text in short sorted sets and reads
//!   them at each comparison.
//! - **Times are the callers' clocks**, as for leases in the store, which has the last word: a ticket that comes early to a worker
//!   is refused there.
//! - **A bell instead of blocking commands**: those would need a connection for each waiting worker, and can't run a script.
//!   Who finds nothing leaves word of it in the same step, so that a ticket that is left over after a later step rings; under load
//!   nothing is published. Pub/sub may lose a message, so nobody sleeps for longer than a second.
//! - **A ticket whose taker has left** (its process told to stop, while the answer was under way) is added again by the task
//!   that took it; if its process was killed, by the next comparison with the table.

mod check;
mod ear;
mod gather;
mod link;
mod member;
mod scripts;
mod steps;
mod take;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redis::Client;
use secrecy::ExposeSecret;
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use super::events::Events;
use super::{Queue, QueueError, Ticket};
use crate::clock::{Clock, Millis};
use crate::ids::{JobId, TenantId};
use crate::settings::QueueSettings;
use ear::Ear;
use link::{Link, SHORT};
use scripts::Frame;
use steps::{Note, Steps};
use take::Taker;

/// How often the server is asked whether it is still the one that was filled.
const LOOK: Duration = Duration::from_secs(1);

/// The queue that processes share.
pub struct RedisQueue {
    taker: Taker,
    events: Events,
    _tasks: [AbortOnDropHandle<()>; 2],
}

impl RedisQueue {
    /// Connects, and refuses a server that is too old or may drop waiting jobs.
    pub async fn connect(settings: &QueueSettings, clock: Clock) -> Result<Self, QueueError> {
        Self::with_lines(settings, clock, Frame::FEW).await
    }

    /// With so many tickets beside their tenant.
    pub(super) async fn with_lines(settings: &QueueSettings, clock: Clock, few: u32) -> Result<Self, QueueError> {
        let url = settings.url.as_ref().ok_or(QueueError::NotSet)?;
        let client = Client::open(url.expose_secret()).map_err(|error| QueueError::Address(error.to_string()))?;
        let host = client.get_connection_info().addr().to_string();
        let unreachable = |cause| QueueError::Unreachable { host: host.clone(), cause };
        let link = Arc::new(Link::open(client.clone()).await.map_err(unreachable)?);
        check::check(&link, &host).await?;

        let frame = Frame::new(&settings.name, settings.tenant_concurrency.unwrap_or(0), few);
        let (events, elsewhere) = Events::with_elsewhere();
        let speaker = uuid::Uuid::now_v7().to_string();
        let bell = Arc::new(Notify::new());
        let ear = Ear {
            client,
            bell_channel: frame.channel("bell"),
            events_channel: frame.channel("events"),
            speaker: speaker.clone(),
            bell: Arc::clone(&bell),
            events: events.clone(),
        };
        let speaking = ear::speak(Arc::clone(&link), frame.channel("events"), speaker, elsewhere);
        let tasks =
            [AbortOnDropHandle::new(tokio::spawn(ear.listen())), AbortOnDropHandle::new(tokio::spawn(speaking))];
        Ok(Self { taker: Taker::new(Steps { link, frame, clock }, bell), events, _tasks: tasks })
    }

    /// The channel of progress that all processes on this queue share.
    pub fn events(&self) -> Events {
        self.events.clone()
    }

    #[cfg(test)]
    pub(super) async fn take_now(&self) -> Option<Ticket> {
        self.taker.look().await
    }
}

#[async_trait]
impl Queue for RedisQueue {
    async fn push(&self, ticket: Ticket) {
        self.taker.add(vec![ticket]).await;
    }

    async fn push_all(&self, tickets: Vec<Ticket>) {
        self.taker.add_all(tickets).await;
    }

    async fn pop(&self) -> Ticket {
        self.taker.take().await
    }

    async fn working(&self, tenant: &TenantId, job: &JobId, lease: Duration) {
        if self.taker.steps.frame.limit > 0 {
            let lease = Millis::try_from(lease.as_millis()).unwrap_or(Millis::MAX);
            let until = Some(self.taker.steps.clock.now().saturating_add(lease));
            self.taker.note(Note { tenant: tenant.clone(), job: job.clone(), until }).await;
        }
    }

    async fn finished(&self, tenant: &TenantId, job: &JobId) {
        if self.taker.steps.frame.limit > 0 {
            self.taker.note_soon(Note { tenant: tenant.clone(), job: job.clone(), until: None }).await;
        }
    }

    async fn remove(&self, ticket: &Ticket) {
        // A ticket that stays is refused by the store when it is leased.
        self.taker.remove(ticket.tenant.clone(), member::encode(&ticket.job, ticket.cost)).await;
    }

    async fn ahead(&self, ticket: &Ticket) -> Option<usize> {
        let Steps { link, frame, clock } = &*self.taker.steps;
        let mut call = frame.call(&frame.ahead, clock.now());
        call.arg(ticket.tenant.as_str()).arg(member::encode(&ticket.job, ticket.cost)).arg(ticket.cost);
        link.run::<Option<usize>>(&frame.ahead, &call, SHORT).await.ok().flatten()
    }

    async fn len(&self) -> usize {
        let Steps { link, frame, .. } = &*self.taker.steps;
        let told = link.ask::<Option<i64>>(redis::cmd("HGET").arg(frame.key("state")).arg("tickets")).await;
        told.ok().flatten().and_then(|tickets| usize::try_from(tickets).ok()).unwrap_or(0)
    }

    async fn lost(&self) {
        let Steps { link, frame, .. } = &*self.taker.steps;
        loop {
            tokio::time::sleep(LOOK).await;
            let Ok(info) = link.ask::<String>(redis::cmd("INFO").arg("server")).await else { continue };
            let run = check::field(&info, "run_id").unwrap_or("untold");
            let mut mark = redis::cmd("SET");
            mark.arg(frame.key("mark")).arg(run).arg("GET");
            match link.ask::<Option<String>>(&mark).await {
                Ok(before) if before.as_deref() != Some(run) => return,
                _ => {}
            }
        }
    }
}
