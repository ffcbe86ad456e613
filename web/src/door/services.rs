//! What the server shares among requests. Only doors can look inside.

use std::sync::Arc;
use std::time::Duration;

use brine_core::clock::Clock;
use brine_core::ids::{AccountId, ClientKey, IssueId, ProjectKey, TenantId};
use brine_core::jira::client::http_client;
use brine_core::jira::forge::{ForgeKeys, Invocations};
use brine_core::jira::{AllowedSites, InstallKeys, JiraClients, JiraError};
use brine_core::queue::{Events, Queue};
use brine_core::settings::Settings;
use brine_core::store::{ProjectSettings, Store, Tenant};
use thread_local::ThreadLocal;
use tokio_util::sync::CancellationToken;

use super::Stranger;
use super::desk::IssueFacts;
use super::limits::Doorkeeper;
use super::rights::Grant;
use crate::intake::Intake;
use crate::offered::Offered;
use crate::recent::Recent;
use crate::refusal::Refusal;

/// Permission checks cost rate-limit points; a right that was just there is taken to be there still.
const GRANTS_KEPT: Duration = Duration::from_secs(30);
/// An issue's key and type rarely change while a panel is open.
const FACTS_KEPT: Duration = Duration::from_secs(30);
/// The app's own account on a site never changes while the app stays installed.
const APP_USER_KEPT: Duration = Duration::from_secs(24 * 3600);

/// Webhooks are hints, and come by the hundred: they go by what the store said a moment ago.
const HINTS_KEPT: Duration = Duration::from_secs(5);

/// Everything that a request may need, behind private fields: a handler gets at a tenant's part of it by a door alone.
pub(crate) struct Services {
    pub(super) settings: Settings,
    pub(super) offered: Offered,
    pub(super) store: Store,
    pub(super) queue: Arc<dyn Queue>,
    pub(super) events: Events,
    pub(super) clock: Clock,
    pub(super) clients: JiraClients,
    pub(super) install_keys: InstallKeys,
    pub(super) invocations: Invocations,
    pub(super) allowed_sites: AllowedSites,
    pub(super) doorkeeper: Doorkeeper,
    pub(super) grants: Recent<Grant, ()>,
    pub(super) facts: Recent<(TenantId, IssueId), IssueFacts>,
    /// Apart for Connect and for Forge, whose apps have accounts of their own.
    pub(super) app_users: Recent<(TenantId, bool), AccountId>,
    /// For webhooks alone.
    pub(super) tenants: Recent<ClientKey, Arc<Tenant>>,
    /// For webhooks and events alone.
    pub(super) project_settings: Recent<(TenantId, ProjectKey), Arc<ProjectSettings>>,
    /// One for each thread of the server: what is gathered there wakes no other.
    intakes: ThreadLocal<Intake>,
    pub(super) closing: CancellationToken,
}

impl Services {
    #[expect(clippy::too_many_arguments, reason = "each is a part that whoever starts the process has chosen")]
    pub(crate) fn new(
        settings: Settings,
        offered: Offered,
        store: Store,
        queue: Arc<dyn Queue>,
        events: Events,
        clients: JiraClients,
        clock: Clock,
        closing: CancellationToken,
    ) -> Result<Self, JiraError> {
        let forge = &settings.forge;
        let keys = ForgeKeys::new(forge.jwks_url.clone(), http_client()?, clock.clone());
        Ok(Self {
            invocations: Invocations::new(keys, forge.app_ids.clone(), clock.clone()),
            allowed_sites: AllowedSites::new(&settings.connect.allowed_sites),
            doorkeeper: Doorkeeper::new(&settings.limits, clock.clone()),
            clients,
            install_keys: InstallKeys::new(settings.connect.keys_url.clone(), http_client()?).with_clock(clock.clone()),
            grants: Recent::new(clock.clone(), GRANTS_KEPT),
            facts: Recent::new(clock.clone(), FACTS_KEPT),
            app_users: Recent::new(clock.clone(), APP_USER_KEPT),
            tenants: Recent::new(clock.clone(), HINTS_KEPT),
            project_settings: Recent::new(clock.clone(), HINTS_KEPT),
            intakes: ThreadLocal::new(),
            settings,
            offered,
            store,
            queue,
            events,
            clock,
            closing,
        })
    }

    /// The one of this thread.
    pub(super) fn intake(&self) -> &Intake {
        self.intakes.get_or(|| Intake::start(self.store.clone(), Arc::clone(&self.queue), self.events.clone()))
    }

    /// The settings hold no secret and nothing of a tenant.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The address at which Atlassian reaches us, without a slash at its end.
    pub(crate) fn base_url(&self) -> &str {
        self.settings.server.base_url.as_str().trim_end_matches('/')
    }

    pub(super) fn base(&self) -> &url::Url {
        &self.settings.server.base_url
    }

    /// Refuses an address that proved nothing too often.
    pub(crate) fn let_in(&self, stranger: Stranger) -> Result<(), Refusal> {
        self.doorkeeper.stranger(stranger)
    }

    /// Notes a call that proved nothing.
    pub(crate) fn note_unproven(&self, stranger: Stranger) {
        self.doorkeeper.note_unproven(stranger);
    }
}
