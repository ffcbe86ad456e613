//! How many jobs a second the store makes, as webhooks do: 32 callers at once, each with an issue and a delivery of its own.
//! On a SQLite file, and on a Postgres that flushes each commit to the disk.
//!
//!     cargo run --release -p brine-core --example store_rate

use std::error::Error;
use std::time::Instant;

use brine_core::clock::Clock;
use brine_core::ids::{ClientKey, IssueId, IssueKey, TenantId};
use brine_core::jobs::{Class, Task};
use brine_core::secret::Cipher;
use brine_core::store::{Installation, NewJob, Store};
use brine_servers::Postgres;
use secrecy::SecretString;

const CALLERS: u32 = 32;
const EACH: u32 = 150;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    rate("SQLite", &Store::sqlite_url(&folder.path().join("brine.db"))).await?;
    let server = Postgres::durable()?;
    rate("Postgres", &server.database()?).await
}

async fn rate(name: &str, url: &str) -> Result<(), Box<dyn Error>> {
    let store = Store::open(url, Clock::system(), Cipher::from_key(&[7; 32])).await?;
    let tenant = store.install_tenant(&installation()).await?.id;
    let start = Instant::now();
    let callers = (0..CALLERS).map(|caller| {
        let (store, tenant) = (store.clone(), tenant.clone());
        tokio::spawn(async move {
            for number in 0..EACH {
                store.create_job(webhook(&tenant, caller * EACH + number)).await?;
            }
            Ok::<(), brine_core::store::StoreError>(())
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await??;
    }
    let rate = f64::from(CALLERS * EACH) / start.elapsed().as_secs_f64();
    println!("{name}: {rate:.0} jobs a second, {CALLERS} callers");
    store.close().await;
    Ok(())
}

fn webhook(tenant: &TenantId, issue: u32) -> NewJob {
    NewJob {
        tenant: tenant.clone(),
        issue_id: IssueId::new(issue.to_string()),
        issue_key: IssueKey::new(format!("SHOP-{issue}")),
        task: Task::Draft { max_scenarios: 6, seed: 1, publish: true },
        class: Class::Automatic,
        requested_by: None,
        requested_by_name: None,
        delivery: Some(format!("issue {issue} was created")),
        anew: false,
    }
}

fn installation() -> Installation {
    Installation {
        client_key: ClientKey::new("site-1"),
        base_url: "https://site-1.atlassian.net".to_owned(),
        shared_secret: SecretString::from("a secret of some length, as Jira makes them"),
        oauth_client_id: None,
        display_url: None,
        cloud_id: None,
    }
}
