//! Whose turn it is inside a class: start-time fair queueing (Goyal, Vin and Cheng, 1996).
//!
//! Each tenant that has something to hand out has a place in the lane, counted in tokens. The one at the lowest place is next,
//! and moves on by the cost of what it hands out. Who comes anew begins where the lane stands, or where it left off if that
//! is further on: idling saves nothing up, and coming and going gains nothing.

use std::collections::{BTreeSet, HashMap};

use crate::ids::TenantId;

/// Places are told apart by who came to theirs first; the number of arrivals counts round.
pub(super) const ARRIVALS: u64 = 1 << 20;

/// Tokens, and arrivals.
pub(super) type Place = (u64, u64);

#[derive(Default)]
pub(super) struct Lane {
    order: BTreeSet<(Place, TenantId)>,
    places: HashMap<TenantId, Place>,
    left_off: HashMap<TenantId, u64>,
    stands_at: u64,
    arrivals: u64,
}

impl Lane {
    pub(super) fn first(&self) -> Option<TenantId> {
        self.order.first().map(|(_, tenant)| tenant.clone())
    }

    pub(super) fn tenants(&self) -> impl Iterator<Item = (&TenantId, Place)> {
        self.order.iter().map(|(place, tenant)| (tenant, *place))
    }

    /// Where the tenant is, or would be.
    pub(super) fn place(&self, tenant: &TenantId) -> Place {
        let would = || (self.stands_at.max(self.left_off.get(tenant).copied().unwrap_or(0)), ARRIVALS);
        self.places.get(tenant).copied().unwrap_or_else(would)
    }

    pub(super) fn enter(&mut self, tenant: &TenantId) {
        if !self.places.contains_key(tenant) {
            let (tokens, _) = self.place(tenant);
            self.put(tenant, tokens);
        }
    }

    /// Nobody has to be remembered when nobody is there to compete with.
    pub(super) fn leave(&mut self, tenant: &TenantId) {
        let Some(place) = self.places.remove(tenant) else { return };
        self.order.remove(&(place, tenant.clone()));
        if self.order.is_empty() {
            *self = Self::default();
        }
    }

    /// The tenant hands out something of this cost.
    pub(super) fn charge(&mut self, tenant: &TenantId, cost: u32) {
        let (tokens, _) = self.place(tenant);
        self.stands_at = tokens;
        let after = tokens + u64::from(cost.max(1));
        self.left_off.insert(tenant.clone(), after);
        self.put(tenant, after);
    }

    fn put(&mut self, tenant: &TenantId, tokens: u64) {
        self.arrivals = (self.arrivals + 1) % ARRIVALS;
        let place = (tokens, self.arrivals);
        if let Some(before) = self.places.insert(tenant.clone(), place) {
            self.order.remove(&(before, tenant.clone()));
        }
        self.order.insert((place, tenant.clone()));
    }
}
