//! What a site's administrators choose for all of its projects, and what is kept for tuning.

use actix_web::HttpResponse;
use brine_core::jobs::AdapterChoice;
use brine_core::store::TenantSettings;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::door::{Desk, PersonCaller, Right};
use crate::refusal::Refusal;

/// The settings as the page sends them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SiteChange {
    adapter: AdapterChoice,
    keep_examples: bool,
}

/// The settings as the page gets them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SiteView {
    adapter: AdapterChoice,
    keep_examples: bool,
    /// Accepted criteria that are kept.
    kept: i64,
}

async fn view(desk: &Desk) -> Result<HttpResponse, Refusal> {
    let TenantSettings { adapter, keep_examples } = desk.tenant_settings().await?;
    Ok(HttpResponse::Ok().json(SiteView { adapter, keep_examples, kept: desk.count_examples().await? }))
}

/// The settings, or the defaults while nobody has changed them.
pub(crate) async fn show(caller: PersonCaller) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    view(&caller.desk).await
}

/// Replaces the settings.
pub(crate) async fn change(caller: PersonCaller, body: Body<SiteChange>) -> Result<HttpResponse, Refusal> {
    let Body(SiteChange { adapter, keep_examples }) = body;
    caller.require(&Right::Admin).await?;
    caller.desk.offered().check(&adapter)?;
    caller.desk.set_tenant_settings(&TenantSettings { adapter, keep_examples }).await?;
    view(&caller.desk).await
}

/// Deletes everything that was kept for tuning.
pub(crate) async fn erase(caller: PersonCaller) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    caller.desk.erase_examples().await?;
    view(&caller.desk).await
}
