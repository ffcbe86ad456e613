//! The order of the queue, without waiting or locks; `redis/lua` says the same in Lua, and a test holds them together.
//!
//! A tenant has a line for each class: its tickets by time. What a line's oldest ticket counts as decides in which of three
//! lanes its tenant stands, if in any: it waits for its time, then rises as it ages. When it rises is noted, so that
//! nothing is done for a ticket while it waits, and only the front of a line is ever looked at.

use std::collections::{BTreeSet, HashMap};

use super::lane::Lane;
use super::work::Work;
use super::{AGEING_MS, HANDED_OUT_MS, Ticket};
use crate::clock::Millis;
use crate::ids::{JobId, TenantId};
use crate::jobs::Class;

const CLASSES: usize = Class::ALL.len();

#[derive(Default)]
pub(super) struct Lanes {
    limit: Option<u32>,
    tickets: HashMap<JobId, Ticket>,
    lines: HashMap<TenantId, Lines>,
    lanes: [Lane; CLASSES],
    changes: BTreeSet<(Millis, TenantId)>,
    work: Work,
}

#[derive(Default)]
struct Lines {
    by_class: [BTreeSet<(Millis, JobId)>; CLASSES],
    next_change: Option<Millis>,
}

/// The lane in which a line counts, and when that changes.
#[derive(Default)]
struct Standing {
    lane: Option<usize>,
    change: Option<Millis>,
}

impl Lines {
    fn standing(&self, class: usize, now: Millis) -> Standing {
        let Some((since, _)) = self.by_class[class].first() else { return Standing::default() };
        if *since > now {
            return Standing { lane: None, change: Some(*since) };
        }
        let risen = (now - since) / AGEING_MS;
        let lane = class.saturating_sub(usize::try_from(risen).unwrap_or(usize::MAX));
        Standing { lane: Some(lane), change: (lane > 0).then(|| since + (risen + 1) * AGEING_MS) }
    }

    /// Tickets of the tenant that count in this lane.
    fn waiting_in(&self, lane: usize, now: Millis) -> usize {
        let counts = |class: &usize| self.standing(*class, now).lane == Some(lane);
        (lane..CLASSES).filter(counts).map(|class| self.due(class, now)).sum()
    }

    fn due(&self, class: usize, now: Millis) -> usize {
        self.by_class[class].iter().take_while(|(time, _)| *time <= now).count()
    }

    fn is_empty(&self) -> bool {
        self.by_class.iter().all(BTreeSet::is_empty)
    }
}

impl Lanes {
    pub(super) fn with_limit(limit: Option<u32>) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(super) fn push(&mut self, ticket: Ticket, now: Millis) {
        let was_first = self.take_out(&ticket.job).is_some_and(|(_, was_first)| was_first);
        let tenant = ticket.tenant.clone();
        let line = &mut self.lines.entry(tenant.clone()).or_default().by_class[ticket.class.rank()];
        line.insert((ticket.not_before, ticket.job.clone()));
        // Where a line counts is a matter of its front alone.
        let is_first = line.first().is_some_and(|(_, job)| *job == ticket.job);
        self.tickets.insert(ticket.job.clone(), ticket);
        if was_first || is_first {
            self.settle(&tenant, now);
        }
    }

    pub(super) fn pop(&mut self, now: Millis) -> Option<Ticket> {
        self.advance(now);
        for lane in 0..CLASSES {
            while let Some(tenant) = self.lanes[lane].first() {
                let Some(ticket) = self.take_first(&tenant, lane, now) else {
                    self.settle(&tenant, now);
                    continue;
                };
                self.lanes[lane].charge(&tenant, ticket.cost);
                let is_full = self.note(&tenant, &ticket.job, now + HANDED_OUT_MS);
                let stands = self.lines.get(&tenant).and_then(|lines| lines.standing(ticket.class.rank(), now).lane);
                // Mostly the next ticket counts as the same, and the tenant stands where it is. That it would rise later than was
                // noted shows when that time comes.
                if is_full || stands != Some(lane) {
                    self.settle(&tenant, now);
                }
                return Some(ticket);
            }
        }
        None
    }

    fn take_first(&mut self, tenant: &TenantId, lane: usize, now: Millis) -> Option<Ticket> {
        let lines = self.lines.get_mut(tenant)?;
        let class = (lane..CLASSES).find(|class| lines.standing(*class, now).lane == Some(lane))?;
        let (_, job) = lines.by_class[class].pop_first()?;
        self.tickets.remove(&job)
    }

    /// Whether the tenant may have no more from here on.
    fn note(&mut self, tenant: &TenantId, job: &JobId, until: Millis) -> bool {
        let Some(limit) = self.limit else { return false };
        self.work.note(tenant, job, until) && self.work.of(tenant) >= limit
    }

    pub(super) fn working(&mut self, tenant: &TenantId, job: &JobId, until: Millis, now: Millis) {
        if self.note(tenant, job, until) {
            self.settle(tenant, now);
        }
    }

    pub(super) fn finished(&mut self, tenant: &TenantId, job: &JobId, now: Millis) {
        let was_full = self.limit.is_some_and(|limit| self.work.of(tenant) >= limit);
        if self.work.end(tenant, job) && was_full {
            self.settle(tenant, now);
        }
    }

    pub(super) fn remove(&mut self, job: &JobId, now: Millis) {
        if let Some((tenant, true)) = self.take_out(job) {
            self.settle(&tenant, now);
        }
    }

    /// Whose ticket it was, and whether it was the first of its line.
    fn take_out(&mut self, job: &JobId) -> Option<(TenantId, bool)> {
        let ticket = self.tickets.remove(job)?;
        let line = &mut self.lines.get_mut(&ticket.tenant)?.by_class[ticket.class.rank()];
        let was_first = line.first().is_some_and(|(_, first)| *first == ticket.job);
        line.remove(&(ticket.not_before, ticket.job));
        Some((ticket.tenant, was_first))
    }

    pub(super) fn len(&self) -> usize {
        self.tickets.len()
    }

    /// When to look again, if nothing is pushed until then.
    pub(super) fn next_time(&self) -> Option<Millis> {
        let change = self.changes.first().map(|(time, _)| *time);
        change.into_iter().chain(self.work.next_lapse()).min()
    }

    pub(super) fn ahead(&mut self, job: &JobId, now: Millis) -> Option<usize> {
        self.advance(now);
        let ticket = self.tickets.get(job)?;
        let (class, cost) = (ticket.class.rank(), u64::from(ticket.cost.max(1)));
        let lines = self.lines.get(&ticket.tenant)?;
        let lane = lines.standing(class, now).lane.unwrap_or(class);
        let more_urgent = (lane..class).filter(|class| lines.standing(*class, now).lane == Some(lane));
        let mut own: usize = more_urgent.map(|class| lines.due(class, now)).sum();
        let older = |(time, other): &&(Millis, JobId)| *time <= now && (*time, other) < (ticket.not_before, job);
        own += lines.by_class[class].iter().take_while(older).count();

        let waiting = |tenant: &TenantId, lane| self.lines.get(tenant).map_or(0, |lines| lines.waiting_in(lane, now));
        let earlier = self.lanes[..lane].iter().enumerate();
        let before: usize =
            earlier.flat_map(|(at, lane)| lane.tenants().map(move |(tenant, _)| waiting(tenant, at))).sum();
        let (tokens, arrival) = self.lanes[lane].place(&ticket.tenant);
        let goal = tokens + as_u64(own) * cost;
        let others = self.lanes[lane].tenants().filter(|(tenant, _)| **tenant != ticket.tenant);
        let turns = others.map(|(tenant, (tokens, other_arrival))| {
            let turns = goal.saturating_sub(tokens).div_ceil(cost);
            let is_tie = tokens <= goal && (goal - tokens).is_multiple_of(cost);
            let goes_first = is_tie && (turns, other_arrival) < (as_u64(own), arrival);
            waiting(tenant, lane).min(usize::try_from(turns + u64::from(goes_first)).unwrap_or(usize::MAX))
        });
        Some(before + own + turns.sum::<usize>())
    }

    /// Lets lapse and rise what is due.
    fn advance(&mut self, now: Millis) {
        let freed: BTreeSet<TenantId> = std::iter::from_fn(|| self.work.lapse(now)).collect();
        for tenant in freed {
            self.settle(&tenant, now);
        }
        while let Some((_, tenant)) = self.changes.first().filter(|(time, _)| *time <= now).cloned() {
            self.settle(&tenant, now);
        }
    }

    /// Puts a tenant into the lanes in which it counts now, and out of all others.
    fn settle(&mut self, tenant: &TenantId, now: Millis) {
        let full = self.limit.is_some_and(|limit| self.work.of(tenant) >= limit);
        let Some(lines) = self.lines.get_mut(tenant) else { return };
        let standings = (0..CLASSES).map(|class| if full { Standing::default() } else { lines.standing(class, now) });
        let standings: Vec<Standing> = standings.collect();
        for (number, lane) in self.lanes.iter_mut().enumerate() {
            if standings.iter().any(|standing| standing.lane == Some(number)) {
                lane.enter(tenant);
            } else {
                lane.leave(tenant);
            }
        }
        let next = standings.iter().filter_map(|standing| standing.change).min();
        if let Some(before) = std::mem::replace(&mut lines.next_change, next) {
            self.changes.remove(&(before, tenant.clone()));
        }
        self.changes.extend(next.map(|next| (next, tenant.clone())));
        if lines.is_empty() {
            self.lines.remove(tenant);
        }
    }
}

fn as_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
