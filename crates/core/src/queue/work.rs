//! What is in work, by tenant. Who is not heard of again lapses.

use std::collections::{BTreeSet, HashMap};

use crate::clock::Millis;
use crate::ids::{JobId, TenantId};

#[derive(Default)]
pub(super) struct Work {
    until: HashMap<(TenantId, JobId), Millis>,
    by_time: BTreeSet<(Millis, TenantId, JobId)>,
    busy: HashMap<TenantId, u32>,
}

impl Work {
    /// How many jobs of the tenant are in work.
    pub(super) fn of(&self, tenant: &TenantId) -> u32 {
        self.busy.get(tenant).copied().unwrap_or(0)
    }

    /// Whether it was not in work before.
    pub(super) fn note(&mut self, tenant: &TenantId, job: &JobId, until: Millis) -> bool {
        let before = self.until.insert((tenant.clone(), job.clone()), until);
        match before {
            Some(before) => drop(self.by_time.remove(&(before, tenant.clone(), job.clone()))),
            None => *self.busy.entry(tenant.clone()).or_default() += 1,
        }
        self.by_time.insert((until, tenant.clone(), job.clone()));
        before.is_none()
    }

    /// Whether it was in work.
    pub(super) fn end(&mut self, tenant: &TenantId, job: &JobId) -> bool {
        let Some(until) = self.until.remove(&(tenant.clone(), job.clone())) else { return false };
        self.by_time.remove(&(until, tenant.clone(), job.clone()));
        if let Some(busy) = self.busy.get_mut(tenant) {
            *busy -= 1;
            if *busy == 0 {
                self.busy.remove(tenant);
            }
        }
        true
    }

    /// Ends one that was not heard of in time, and says whose it was.
    pub(super) fn lapse(&mut self, now: Millis) -> Option<TenantId> {
        let (_, tenant, job) = self.by_time.first().filter(|(until, ..)| *until <= now)?.clone();
        self.end(&tenant, &job);
        Some(tenant)
    }

    pub(super) fn next_lapse(&self) -> Option<Millis> {
        self.by_time.first().map(|(until, ..)| *until)
    }
}
