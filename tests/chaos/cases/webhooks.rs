//! Webhooks come twice, late, or broken.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::counted;
use crate::chaos::{Cluster, Form, Outcome};

pub(super) async fn doubled(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    let issues = cluster.stories(form.jobs(100))?;
    let mut times = 0;
    for _ in 0..3 {
        for delivery in cluster.jira.deliveries() {
            times += usize::from(cluster.jira.send_again(&delivery.identifier));
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    cluster.jira.webhooks_settled(Duration::from_secs(120)).await?;
    let address = format!("{}/webhooks/issue-created", cluster.base_url());
    for (body, token) in [("{", ""), ("[]", "JWT x.y.z"), ("", "JWT "), ("{}", "Bearer x")] {
        let sent = cluster.http().post(&address).header("Authorization", token).body(body).send().await?;
        ensure!(sent.status().is_client_error(), "{body:?} was answered with {}", sent.status());
        times += 1;
    }
    let large = vec![b' '; 10 << 20];
    // The server may close the connection before all of it was sent.
    if let Ok(answer) = cluster.http().post(&address).body(large).send().await {
        ensure!(answer.status().is_client_error(), "10 MB were answered with {}", answer.status());
    }
    // Late: once more after everything is written.
    cluster.settled(&issues).await?;
    for delivery in cluster.jira.deliveries().into_iter().take(10) {
        times += usize::from(cluster.jira.send_again(&delivery.identifier));
    }
    cluster.jira.webhooks_settled(Duration::from_secs(120)).await?;
    counted(cluster, &issues, times, None).await
}
