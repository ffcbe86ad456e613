//! What the scripts do: each call is one step, for as many as ask for it at the same time.

use std::sync::Arc;

use redis::{RedisError, Value};

use super::super::{HANDED_OUT_MS, QueueError, Ticket};
use super::link::{LONG, Link, SHORT};
use super::scripts::Frame;
use super::{member, scripts};
use crate::clock::{Clock, Millis};
use crate::ids::{JobId, TenantId};
use crate::jobs::Class;

/// Tickets that are added in one step: other callers wait for less than ten milliseconds.
pub(super) const STEP: usize = 500;

/// What every step needs.
pub(super) struct Steps {
    pub(super) link: Arc<Link>,
    pub(super) frame: Frame,
    pub(super) clock: Clock,
}

/// What one who asked for a ticket gets.
#[derive(Debug)]
pub(super) enum Taken {
    Ticket(Ticket),
    /// And when to look again, if that is known.
    Nothing(Option<Millis>),
}

/// That a job is in work, or no more.
pub(super) struct Note {
    pub(super) tenant: TenantId,
    pub(super) job: JobId,
    /// Until when, unless more is said; none when the work has ended.
    pub(super) until: Option<Millis>,
}

impl Steps {
    /// Whether all were added.
    pub(super) async fn push(&self, tickets: &[Ticket]) -> bool {
        for tickets in tickets.chunks(STEP) {
            let mut call = self.frame.call(&scripts::PUSH, self.clock.now());
            for ticket in tickets {
                call.arg(ticket.tenant.as_str()).arg(ticket.class.rank()).arg(ticket.not_before);
                call.arg(member::encode(&ticket.job, ticket.cost));
            }
            if self.link.run::<()>(&call, SHORT).await.is_err() {
                // The next comparison with the store adds the others.
                return false;
            }
        }
        true
    }

    /// For so many who ask, one after the other.
    pub(super) async fn take(&self, many: usize) -> Result<Vec<Taken>, QueueError> {
        if many == 0 {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let mut call = self.frame.call(&scripts::TAKE, now);
        call.arg(now + HANDED_OUT_MS).arg(many);
        let answer: Vec<Value> = self.link.run(&call, LONG).await?;
        let Some((next, tickets)) = answer.split_first() else { return Ok(Vec::new()) };
        let next: String = redis::from_redis_value_ref(next).map_err(RedisError::from)?;
        let mut taken = Vec::with_capacity(many);
        for ticket in tickets.chunks(4) {
            // Somebody else's member is out of the way now, and does not take the other tickets with it.
            taken.push(ticket_of(ticket).ok().flatten().map_or(Taken::Nothing(Some(now)), Taken::Ticket));
        }
        taken.resize_with(many.max(taken.len()), || Taken::Nothing(next.parse().ok()));
        Ok(taken)
    }

    /// Unheard, they lapse, or are said again with the next beat.
    pub(super) async fn note(&self, notes: &[Note]) {
        if notes.is_empty() {
            return;
        }
        let mut call = self.frame.call(&scripts::WORK, self.clock.now());
        for Note { tenant, job, until } in notes {
            let until = until.map_or(String::new(), |until| until.to_string());
            call.arg(tenant.as_str()).arg(member::id(job)).arg(until);
        }
        let _ = self.link.run::<()>(&call, SHORT).await;
    }

    pub(super) async fn give_back(&self, ticket: Ticket) {
        self.push(std::slice::from_ref(&ticket)).await;
        if self.frame.limit > 0 {
            self.note(&[Note { tenant: ticket.tenant, job: ticket.job, until: None }]).await;
        }
    }
}

/// Member, class, tenant and time.
fn ticket_of(values: &[Value]) -> Result<Option<Ticket>, RedisError> {
    let [member, class, tenant, time] = values else { return Ok(None) };
    let member: Vec<u8> = redis::from_redis_value_ref(member)?;
    let class: usize = redis::from_redis_value_ref(class)?;
    let tenant: String = redis::from_redis_value_ref(tenant)?;
    let time: f64 = redis::from_redis_value_ref(time)?;
    let (Some((job, cost)), Some(class)) = (member::decode(&member), Class::ALL.get(class)) else { return Ok(None) };
    #[expect(clippy::cast_possible_truncation, reason = "a time in whole milliseconds, far below 2^53")]
    let not_before = time as Millis;
    Ok(Some(Ticket { job, tenant: TenantId::new(tenant), class: *class, not_before, cost }))
}
