//! What operators look at: health and metrics.

use std::sync::Arc;
use std::time::Duration;

use brine_core::settings::{Operations as Address, Settings};
use brine_core::telemetry;
use brine_web::Operations;
use brine_worker::Readiness;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::shared::Shared;
use crate::Failed;

/// Histograms keep each value until somebody looks; nobody may ever.
const UPKEEP: Duration = Duration::from_secs(10);

/// Records from now on. Call it inside a Tokio runtime.
pub(super) fn recorder() -> Result<PrometheusHandle, BuildError> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &telemetry::SECONDS)?
        .build_recorder();
    let handle = recorder.handle();
    // Only the first one counts, and there is no other in this program.
    let _ = metrics::set_global_recorder(recorder);
    telemetry::describe();
    let kept = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    });
    Ok(handle)
}

/// Serves until `shutdown`; ends at once where nothing is to be served.
pub(super) fn serve(
    settings: &Settings,
    shared: &Shared,
    readiness: Option<Readiness>,
    metrics: PrometheusHandle,
    shutdown: CancellationToken,
) -> Result<JoinHandle<()>, Failed> {
    let store = shared.store.clone();
    let operations = Operations {
        ready: Arc::new(move || {
            let (store, readiness) = (store.clone(), readiness.clone());
            Box::pin(async move {
                store.ping().await.map_err(|_| "the store does not answer".to_owned())?;
                readiness.map_or(Ok(()), |readiness| readiness.check())
            })
        }),
        metrics: Arc::new(move || metrics.render()),
    };
    let bound = match settings.operations {
        Address::Off => None,
        Address::At(addr) => Some(operations.bind(addr, shutdown).map_err(Failed::ours)?),
        Address::Usual(addr) => match operations.bind(addr, shutdown) {
            Ok(bound) => Some(bound),
            Err(error) => {
                tracing::warn!(%error, "health and metrics are not served");
                None
            }
        },
    };
    Ok(match bound {
        Some((addr, serving)) => {
            tracing::info!(address = %addr, "health and metrics");
            tokio::spawn(serving)
        }
        None => tokio::spawn(async {}),
    })
}
