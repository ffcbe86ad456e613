//! A fake Jira: stateful, on loopback, and as strict as the real one about tokens, fields and documents.
//!
//! It shares no code with Brine's own Jira client, so that each holds the other to Atlassian's description.

mod adf_html;
mod adf_schema;
mod apps;
mod bearers;
mod control;
mod faults;
mod jql;
mod pages;
mod people;
mod qsh;
mod rest;
mod server;
mod site;
mod state;
mod time;
mod tokens;
mod webhooks;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use anyhow::{Context, Result};

pub use adf_schema::SCHEMA_VARIABLE;
pub use apps::{Installation, install_claims};
pub use control::NewIssue;
pub use faults::{Fault, Trouble};
pub use people::{APP, Person};
pub use qsh::{canonical, qsh};
pub use site::{FakeOptions, Recorded};
pub use state::{Comment, Edit, Issue, Project};
pub use time::now_s;
pub use tokens::{InstallKey, hs256, unsigned};
pub use webhooks::Delivery;

use site::Site;

/// A running fake Jira. It stops when dropped.
pub struct FakeJira {
    site: Arc<Site>,
    server: ServerHandle,
}

impl FakeJira {
    /// Starts the site. Needs a tokio runtime, and Atlassian's ADF schema out of npm.
    pub async fn start(options: FakeOptions) -> Result<Self> {
        Self::start_with_key(options, Arc::new(InstallKey::generate()?)).await
    }

    /// Starts another site of the same Atlassian: its installs are signed with the same key.
    pub async fn start_beside(&self, options: FakeOptions) -> Result<Self> {
        Self::start_with_key(options, Arc::clone(&self.site.install_key)).await
    }

    async fn start_with_key(options: FakeOptions, install_key: Arc<InstallKey>) -> Result<Self> {
        let schema = adf_schema::AdfSchema::load()?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", options.port))
            .with_context(|| format!("the fake Jira can't listen on port {}", options.port))?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        let site = Arc::new(Site {
            base_url,
            options,
            client_key: uuid::Uuid::now_v7().to_string(),
            cloud_id: uuid::Uuid::now_v7().to_string(),
            bearers: Mutex::default(),
            install_key,
            schema,
            http,
            runtime: tokio::runtime::Handle::current(),
            state: Mutex::new(state::State::new()),
            faults: Mutex::default(),
            deliveries: Mutex::default(),
            log: Mutex::default(),
            page_age: AtomicU64::default(),
        });
        let server = server::start(Arc::clone(&site), listener)?;
        Ok(Self { site, server })
    }

    /// "http://127.0.0.1:12345".
    pub fn base_url(&self) -> &str {
        &self.site.base_url
    }

    /// Where the public half of the install key is served, under its kid.
    pub fn keys_url(&self) -> String {
        format!("{}/keys", self.site.base_url)
    }

    /// The address of the stand-in for Atlassian's host script.
    pub fn host_script_url(&self) -> String {
        format!("{}/host/all.js", self.site.base_url)
    }
}

impl Drop for FakeJira {
    fn drop(&mut self) {
        // The command is sent at once; nobody waits for the end.
        drop(self.server.stop(false));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
