//! Adding and taking, and what happens to a ticket whose taker has left.

use std::sync::Arc;
use std::time::Duration;

use redis::{RedisError, Value};
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};

use super::super::{HANDED_OUT_MS, LONGEST_NAP_MS, QueueError, Ticket};
use super::link::{LONG, Link, SHORT};
use super::scripts::Frame;
use super::{member, scripts};
use crate::clock::{Clock, Millis};
use crate::ids::TenantId;
use crate::jobs::Class;

/// Nobody sleeps longer: a ring of the bell may be lost.
const IDLE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What adding and taking need.
pub(super) struct Taker {
    pub(super) link: Arc<Link>,
    pub(super) frame: Frame,
    pub(super) clock: Clock,
    pub(super) bell: Arc<Notify>,
}

#[derive(Debug)]
pub(super) enum Taken {
    Ticket(Ticket),
    /// And when to look again, if that is known.
    Nothing(Option<Millis>),
}

/// A ticket on its way from the task that took it to the caller of `pop`: given back if that one has left.
struct Handed {
    ticket: Option<Ticket>,
    taker: Arc<Taker>,
}

/// Waits for a ticket.
pub(super) async fn pop(taker: &Arc<Taker>) -> Ticket {
    let mut pause = FIRST_PAUSE;
    loop {
        match take_apart(taker).await {
            Some(Ok(Taken::Ticket(ticket))) => {
                // Whoever takes a ticket wakes the next, who takes one or says that it sleeps.
                taker.bell.notify_one();
                return ticket;
            }
            Some(Ok(Taken::Nothing(next))) => {
                pause = FIRST_PAUSE;
                let nap = next.map_or(IDLE, |time| {
                    let nap = (time - taker.clock.now()).clamp(1, LONGEST_NAP_MS);
                    Duration::from_millis(nap.unsigned_abs())
                });
                let _ = tokio::time::timeout(nap, taker.bell.notified()).await;
            }
            // The outage was logged; the task is never broken off while the runtime lives.
            Some(Err(_)) | None => {
                tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..=1.0))).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Takes in a task of its own, which goes on when the caller stops waiting.
async fn take_apart(taker: &Arc<Taker>) -> Option<Result<Taken, QueueError>> {
    let (hand_over, handed) = oneshot::channel();
    let taker = Arc::clone(taker);
    tokio::spawn(async move {
        let taken = taker.take().await.map(|taken| match taken {
            Taken::Ticket(ticket) => Ok(Handed { ticket: Some(ticket), taker }),
            Taken::Nothing(next) => Err(next),
        });
        let _ = hand_over.send(taken);
    });
    Some(match handed.await.ok()? {
        Ok(Ok(mut handed)) => handed.ticket.take().map_or(Ok(Taken::Nothing(None)), |ticket| Ok(Taken::Ticket(ticket))),
        Ok(Err(next)) => Ok(Taken::Nothing(next)),
        Err(error) => Err(error),
    })
}

impl Drop for Handed {
    fn drop(&mut self) {
        if let (Some(ticket), Ok(runtime)) = (self.ticket.take(), Handle::try_current()) {
            let taker = Arc::clone(&self.taker);
            runtime.spawn(async move { taker.give_back(ticket).await });
        }
    }
}

impl Taker {
    /// Whether they were added.
    pub(super) async fn push(&self, tickets: &[Ticket]) -> bool {
        let mut call = self.frame.call(&scripts::PUSH, self.clock.now());
        for ticket in tickets {
            call.arg(ticket.tenant.as_str()).arg(ticket.class.rank()).arg(ticket.not_before);
            call.arg(member::encode(&ticket.job, ticket.cost));
        }
        self.link.run::<()>(&call, SHORT).await.is_ok()
    }

    pub(super) async fn take(&self) -> Result<Taken, QueueError> {
        let now = self.clock.now();
        let mut call = self.frame.call(&scripts::TAKE, now);
        call.arg(now + HANDED_OUT_MS);
        let answer: Vec<Value> = self.link.run(&call, LONG).await?;
        match answer.as_slice() {
            [next] => {
                Ok(Taken::Nothing(redis::from_redis_value_ref::<String>(next).map_err(RedisError::from)?.parse().ok()))
            }
            [member, class, tenant, time] => match ticket(member, class, tenant, time)? {
                Some(ticket) => Ok(Taken::Ticket(ticket)),
                // Somebody else's member: it is out of the way now.
                None => Ok(Taken::Nothing(Some(now))),
            },
            _ => Ok(Taken::Nothing(None)),
        }
    }

    async fn give_back(&self, ticket: Ticket) {
        self.push(std::slice::from_ref(&ticket)).await;
        if self.frame.limit > 0 {
            let mut call = self.frame.call(&scripts::WORK, self.clock.now());
            call.arg(ticket.tenant.as_str()).arg(member::id(&ticket.job)).arg("");
            let _ = self.link.run::<()>(&call, SHORT).await;
        }
    }
}

fn ticket(member: &Value, class: &Value, tenant: &Value, time: &Value) -> Result<Option<Ticket>, RedisError> {
    let member: Vec<u8> = redis::from_redis_value_ref(member)?;
    let class: usize = redis::from_redis_value_ref(class)?;
    let tenant: String = redis::from_redis_value_ref(tenant)?;
    let time: f64 = redis::from_redis_value_ref(time)?;
    let (Some((job, cost)), Some(class)) = (member::decode(&member), Class::ALL.get(class)) else { return Ok(None) };
    #[expect(clippy::cast_possible_truncation, reason = "a time in whole milliseconds, far below 2^53")]
    let not_before = time as Millis;
    Ok(Some(Ticket { job, tenant: TenantId::new(tenant), class: *class, not_before, cost }))
}
