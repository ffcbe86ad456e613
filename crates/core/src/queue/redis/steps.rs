//! What the scripts do: each call is one step, for as many as ask for it at the same time.

use std::sync::Arc;

use redis::{Cmd, RedisError, Value};

use super::super::{HANDED_OUT_MS, QueueError, Ticket};
use super::link::{LONG, Link, SHORT};
use super::member;
use super::scripts::Frame;
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

/// What is done in one step, in this order: what has ended or was added counts when tickets are taken.
#[derive(Default)]
pub(super) struct Step {
    pub(super) notes: Vec<Note>,
    /// Tenants, and members of their lines.
    pub(super) removals: Vec<(TenantId, Vec<u8>)>,
    pub(super) tickets: Vec<Ticket>,
    /// How many tickets are asked for.
    pub(super) takes: usize,
}

/// What came of it.
pub(super) struct Done {
    /// Whether all tickets were added.
    pub(super) added: bool,
    pub(super) taken: Vec<Ticket>,
    /// When to look again, if fewer were found than were asked for, and if it is known.
    pub(super) next: Option<Millis>,
}

/// That a job is in work, or no more.
pub(super) struct Note {
    pub(super) tenant: TenantId,
    pub(super) job: JobId,
    /// Until when, unless more is said; none when the work has ended.
    pub(super) until: Option<Millis>,
}

impl Steps {
    pub(super) async fn run(&self, step: &Step) -> Result<Done, QueueError> {
        let now = self.clock.now();
        let mut call = self.frame.call(&self.frame.step, now);
        call.arg(now + HANDED_OUT_MS).arg(step.takes);
        call.arg(step.notes.len()).arg(step.removals.len()).arg(step.tickets.len());
        write(step, &mut call);
        let patience = if step.takes > 0 { LONG } else { SHORT };
        let answer: Vec<Value> = self.link.run(&self.frame.step, &call, patience).await?;
        let [refused, next, taken @ ..] = &answer[..] else {
            return Ok(Done { added: false, taken: Vec::new(), next: None });
        };
        let added = *refused == Value::Int(0);
        self.link.note_memory(added);
        let next: String = redis::from_redis_value_ref(next).map_err(RedisError::from)?;
        // Somebody else's member is out of the way now, and does not take the other tickets with it.
        let taken = taken.chunks(4).filter_map(|ticket| ticket_of(ticket).ok().flatten()).collect();
        Ok(Done { added, taken, next: next.parse().ok() })
    }

    pub(super) async fn give_back(&self, ticket: Ticket) {
        let mut step = Step::default();
        if self.frame.limit > 0 {
            step.notes.push(Note { tenant: ticket.tenant.clone(), job: ticket.job.clone(), until: None });
        }
        step.tickets.push(ticket);
        // What cannot be given back the next comparison with the store adds.
        let _ = self.run(&step).await;
    }
}

fn write(step: &Step, call: &mut Cmd) {
    for Note { tenant, job, until } in &step.notes {
        call.arg(tenant.as_str()).arg(member::in_work(tenant, job));
        match until {
            Some(until) => call.arg(until),
            None => call.arg(""),
        };
    }
    for (tenant, member) in &step.removals {
        call.arg(tenant.as_str()).arg(member);
    }
    for ticket in &step.tickets {
        call.arg(ticket.tenant.as_str()).arg(ticket.class.rank()).arg(member::time(ticket.not_before));
        call.arg(member::encode(&ticket.job, ticket.cost));
    }
}

/// Member, class, tenant and time.
fn ticket_of(values: &[Value]) -> Result<Option<Ticket>, RedisError> {
    let [member, class, tenant, time] = values else { return Ok(None) };
    let (Value::BulkString(member), Value::BulkString(tenant)) = (member, tenant) else { return Ok(None) };
    let class: usize = redis::from_redis_value_ref(class)?;
    let not_before: Millis = redis::from_redis_value_ref(time)?;
    let (Some((job, cost)), Some(class)) = (member::decode(member), Class::ALL.get(class)) else { return Ok(None) };
    let Ok(tenant) = std::str::from_utf8(tenant) else { return Ok(None) };
    Ok(Some(Ticket { job, tenant: TenantId::new(tenant), class: *class, not_before, cost }))
}
