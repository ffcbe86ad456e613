//! The order of the embedded queue, without waiting or locks.
//!
//! One lane for each class. In a lane each tenant has a line (its tickets by age), and the tenants that have one stand in a
//! ring: the front tenant gives one ticket and goes to the back. Tickets whose time has not come lie aside, by time.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::Ticket;
use crate::clock::Millis;
use crate::ids::{JobId, TenantId};
use crate::jobs::Class;

/// The order in which tickets first came.
type Age = u64;

#[derive(Default)]
pub(super) struct Lanes {
    tickets: HashMap<JobId, (Age, Ticket)>,
    ready: BTreeMap<Class, Lane>,
    early: BTreeSet<(Millis, Age, JobId)>,
    last_age: Age,
}

#[derive(Default)]
struct Lane {
    ring: VecDeque<TenantId>,
    lines: HashMap<TenantId, BTreeMap<Age, JobId>>,
}

impl Lanes {
    pub(super) fn push(&mut self, ticket: Ticket) {
        let age = match self.tickets.get(&ticket.job) {
            Some((_, known)) if *known == ticket => return,
            Some((age, _)) => *age,
            None => self.last_age + 1,
        };
        self.last_age = self.last_age.max(age);
        self.remove(&ticket.job);
        self.early.insert((ticket.not_before, age, ticket.job.clone()));
        self.tickets.insert(ticket.job.clone(), (age, ticket));
    }

    pub(super) fn pop(&mut self, now: Millis) -> Option<Ticket> {
        self.admit(now);
        let job = self.ready.values_mut().find_map(Lane::pop)?;
        self.tickets.remove(&job).map(|(_, ticket)| ticket)
    }

    pub(super) fn remove(&mut self, job: &JobId) {
        let Some((age, ticket)) = self.tickets.remove(job) else { return };
        let was_early = self.early.remove(&(ticket.not_before, age, ticket.job));
        if !was_early && let Some(lane) = self.ready.get_mut(&ticket.class) {
            lane.remove(&ticket.tenant, age);
        }
    }

    /// For a ticket whose time has not come: as if it came now, last in its class.
    pub(super) fn ahead(&mut self, job: &JobId, now: Millis) -> Option<usize> {
        self.admit(now);
        let (age, ticket) = self.tickets.get(job)?;
        let before: usize = self.ready.range(..ticket.class).map(|(_, lane)| lane.len()).sum();
        let Some(lane) = self.ready.get(&ticket.class) else { return Some(before) };
        Some(before + lane.ahead(&ticket.tenant, *age).unwrap_or_else(|| lane.len()))
    }

    pub(super) fn len(&self) -> usize {
        self.tickets.len()
    }

    /// Whether another ticket could be handed out at once.
    pub(super) fn has_ready(&mut self, now: Millis) -> bool {
        self.admit(now);
        self.ready.values().any(|lane| lane.lines.values().any(|line| !line.is_empty()))
    }

    /// When the next of those that lie aside can be handed out.
    pub(super) fn next_time(&self) -> Option<Millis> {
        self.early.first().map(|(time, ..)| *time)
    }

    fn admit(&mut self, now: Millis) {
        while self.early.first().is_some_and(|(time, ..)| *time <= now) {
            let Some((_, age, job)) = self.early.pop_first() else { return };
            if let Some((_, ticket)) = self.tickets.get(&job) {
                self.ready.entry(ticket.class).or_default().push(ticket.tenant.clone(), age, job);
            }
        }
    }
}

impl Lane {
    fn push(&mut self, tenant: TenantId, age: Age, job: JobId) {
        if !self.lines.contains_key(&tenant) {
            self.ring.push_back(tenant.clone());
        }
        self.lines.entry(tenant).or_default().insert(age, job);
    }

    fn pop(&mut self) -> Option<JobId> {
        while let Some(tenant) = self.ring.pop_front() {
            let Some(line) = self.lines.get_mut(&tenant) else { continue };
            let taken = line.pop_first();
            if line.is_empty() {
                self.lines.remove(&tenant);
            } else {
                self.ring.push_back(tenant);
            }
            if let Some((_, job)) = taken {
                return Some(job);
            }
        }
        None
    }

    /// The tenant keeps its place in the ring until its next turn: a ticket that is replaced comes back to it.
    fn remove(&mut self, tenant: &TenantId, age: Age) {
        if let Some(line) = self.lines.get_mut(tenant) {
            line.remove(&age);
        }
    }

    fn len(&self) -> usize {
        self.lines.values().map(BTreeMap::len).sum()
    }

    /// The tenant gives its ticket in its `rounds + 1`st turn: until then each other tenant gives one in each round, and one
    /// more when it stands nearer to the front.
    fn ahead(&self, tenant: &TenantId, age: Age) -> Option<usize> {
        let line = self.lines.get(tenant)?;
        if !line.contains_key(&age) {
            return None;
        }
        let rounds = line.range(..age).count();
        let place = self.ring.iter().position(|other| other == tenant)?;
        let others = self.ring.iter().enumerate().filter(|(at, _)| *at != place).map(|(at, other)| {
            let turns = if at < place { rounds + 1 } else { rounds };
            self.lines.get(other).map_or(0, BTreeMap::len).min(turns)
        });
        Some(rounds + others.sum::<usize>())
    }
}
