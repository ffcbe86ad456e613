//! Postgres goes down, or drops everybody.

use std::time::Duration;

use anyhow::Result;

use super::{counted, recovery};
use crate::chaos::{Cluster, Form, Outcome};

const DROP_ALL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
                        AND datname = current_database()";

pub(super) async fn restarted(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    cluster.model.set_pause(Duration::from_millis(300));
    let issues = cluster.stories(form.jobs(200))?;
    let times = if form == Form::Full { 3 } else { 1 };
    let mut longest = Duration::ZERO;
    for _ in 0..times {
        tokio::time::sleep(Duration::from_millis(800)).await;
        cluster.postgres.again()?;
        longest = longest.max(recovery(cluster, &issues).await?);
    }
    counted(cluster, &issues, times, Some(longest)).await
}

pub(super) async fn cut(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    cluster.model.set_pause(Duration::from_millis(50));
    let issues = cluster.stories(form.jobs(200))?;
    let times = if form == Form::Full { 20 } else { 3 };
    for _ in 0..times {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let url = cluster.database.clone();
        cluster.postgres.sql(&url, DROP_ALL)?;
    }
    counted(cluster, &issues, times, None).await
}
