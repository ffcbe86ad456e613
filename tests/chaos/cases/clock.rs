//! One machine's clock is wrong. Its lease and its look for dead workers must not take jobs from the others.

use std::time::Duration;

use anyhow::Result;

use super::counted;
use crate::chaos::{Cluster, Form, Outcome};

pub(super) async fn ahead(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    cluster.add_worker("late", &[("FAKETIME", "-1h".to_owned())])?;
    cluster.add_worker("early", &[("FAKETIME", "+1h".to_owned())])?;
    cluster.model.set_pause(Duration::from_millis(300));
    let issues = cluster.stories(form.jobs(100))?;
    counted(cluster, &issues, 2, None).await
}
