//! What stands between a client and its site.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Allowance, Asked, Held, Rules, Told};
use crate::clock::{Clock, Millis};
use crate::ids::TenantId;
use crate::jobs::Class;

/// A pause of so long is sat out; a longer one is told.
const SHORT: Millis = 2500;

/// The allowance, for the calls of one tenant and for one class of work.
#[derive(Clone, Debug)]
pub struct Guard {
    allowance: Arc<dyn Allowance>,
    rules: Rules,
    tenant: TenantId,
    class: Class,
}

impl Guard {
    /// Calls of this tenant, for work of this class.
    pub fn new(allowance: Arc<dyn Allowance>, rules: Rules, tenant: TenantId, class: Class) -> Self {
        Self { allowance, rules, tenant, class }
    }

    /// The same for work of another class.
    #[must_use]
    pub fn for_class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// Takes what the call needs; waits when that is a matter of moments.
    pub(crate) async fn admit(&self, call: &Asked, clock: &Clock) -> Result<(), Held> {
        let need = self.rules.need(&self.tenant, self.class, call);
        let patience = clock.now().saturating_add(SHORT);
        loop {
            let Err(held) = self.allowance.take(&need).await else { return Ok(()) };
            if held.until > patience {
                return Err(held);
            }
            let pause = u64::try_from(held.until.saturating_sub(clock.now())).unwrap_or_default();
            tokio::time::sleep(Duration::from_millis(pause.max(1))).await;
            if clock.now() > patience {
                return Err(held);
            }
        }
    }

    /// Learns from an answer. `body` is what was read, when it was good.
    pub(crate) async fn learn(&self, call: &Asked, told: &Told, body: Option<&Value>, clock: &Clock) {
        let more = body.map_or(0, |body| call.more_points(body));
        let notes = self.rules.notes(&self.tenant, call, told, more, clock.now());
        if !notes.is_empty() {
            self.allowance.note(&notes).await;
        }
    }
}
