//! How often a site may call, and how often an address may call without proving anything.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::dev::ServiceRequest;
use brine_core::clock::Clock;
use brine_core::ids::TenantId;
use brine_core::settings::Limits;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::recent::Recent;
use crate::refusal::Refusal;

/// Seconds' worth of calls that may come at once.
const BURST: u32 = 10;
/// An address that has used up its calls is turned away for so long.
const TURNED_AWAY: Duration = Duration::from_secs(10);
/// With more keys than this, those that have nothing used up are dropped.
const KEYS: usize = 10_000;

/// The limits of this process.
pub(super) struct Doorkeeper {
    sites: Option<DefaultKeyedRateLimiter<TenantId>>,
    strangers: Option<DefaultKeyedRateLimiter<IpAddr>>,
    turned_away: Recent<IpAddr, ()>,
    clock: DefaultClock,
}

/// The address that a request comes from. It is known before anything is proven.
#[derive(Clone, Copy)]
pub(crate) struct Stranger(IpAddr);

impl Stranger {
    /// The caller's address: what the proxy in front of us says, if there is one; else the other end of the connection.
    pub(crate) fn of(request: &ServiceRequest, behind_proxy: bool) -> Option<Self> {
        let told = request.headers().get_all("X-Forwarded-For").last();
        let told = told.filter(|_| behind_proxy).and_then(|list| list.to_str().ok());
        // The last entry is the proxy's own; those before it are the caller's word.
        let told = told.and_then(|list| address(list.rsplit(',').next()?.trim()));
        let address = told.or_else(|| request.peer_addr().map(|peer| peer.ip()))?;
        Some(Self(match address {
            // One customer of a provider has at least all of a /64.
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
            v4 => v4,
        }))
    }
}

/// An address as proxies write it: bare, in brackets, or with the port that the caller came from.
fn address(told: &str) -> Option<IpAddr> {
    let bare = told.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(told);
    bare.parse().ok().or_else(|| told.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()))
}

impl Doorkeeper {
    pub(super) fn new(limits: &Limits, clock: Clock) -> Self {
        Self {
            sites: limits.site_per_second.and_then(quota).map(RateLimiter::keyed),
            strangers: limits.unproven_per_second.and_then(quota).map(RateLimiter::keyed),
            turned_away: Recent::new(clock, TURNED_AWAY),
            clock: DefaultClock::default(),
        }
    }

    /// Refuses when the site has called too often.
    pub(super) fn site(&self, tenant: &TenantId) -> Result<(), Refusal> {
        let Some(sites) = &self.sites else { return Ok(()) };
        if sites.len() > KEYS {
            sites.retain_recent();
        }
        sites.check_key(tenant).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            Refusal::TooMany { wait: wait.as_secs() + 1 }
        })
    }

    /// Refuses an address that proved nothing too often.
    pub(super) fn stranger(&self, stranger: Stranger) -> Result<(), Refusal> {
        match self.turned_away.get(&stranger.0) {
            Some(()) => Err(Refusal::TooMany { wait: TURNED_AWAY.as_secs() }),
            None => Ok(()),
        }
    }

    /// Notes a call that proved nothing.
    pub(super) fn note_unproven(&self, stranger: Stranger) {
        let Some(strangers) = &self.strangers else { return };
        if strangers.len() > KEYS {
            strangers.retain_recent();
        }
        if strangers.check_key(&stranger.0).is_err() {
            self.turned_away.put(stranger.0, ());
        }
    }
}

fn quota(per_second: u32) -> Option<Quota> {
    let rate = NonZeroU32::new(per_second)?;
    Some(Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::new(BURST)?)))
}
