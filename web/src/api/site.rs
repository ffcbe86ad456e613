//! What a site's administrators choose for all of its projects, and what is kept for tuning.

use actix_web::HttpResponse;
use brine_core::jobs::AdapterChoice;
use brine_core::store::TenantSettings;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::door::{Desk, PersonCaller, Right};
use crate::refusal::Refusal;

/// More than any machine writes on a day.
const MOST_STORIES: u32 = 1_000_000;

/// The settings as the page sends them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SiteChange {
    adapter: AdapterChoice,
    keep_examples: bool,
    /// 0: no limit. A page that does not know of it leaves it as it is.
    #[serde(default)]
    stories_per_day: Option<u32>,
}

/// The settings as the page gets them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SiteView {
    adapter: AdapterChoice,
    keep_examples: bool,
    /// Stories that may be written on a day; 0: no limit.
    stories_per_day: u32,
    /// What the operator of this Brine allows at most; 0: no limit.
    most_stories_per_day: u32,
    /// Accepted criteria that are kept.
    kept: i64,
}

async fn view(desk: &Desk) -> Result<HttpResponse, Refusal> {
    let TenantSettings { adapter, keep_examples, stories_per_day } = desk.tenant_settings().await?;
    Ok(HttpResponse::Ok().json(SiteView {
        adapter,
        keep_examples,
        stories_per_day: stories_per_day.unwrap_or(0),
        most_stories_per_day: desk.settings().limits.stories_per_day.unwrap_or(0),
        kept: desk.count_examples().await?,
    }))
}

/// The settings, or the defaults while nobody has changed them.
pub(crate) async fn show(caller: PersonCaller) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    view(&caller.desk).await
}

/// Replaces the settings.
pub(crate) async fn change(caller: PersonCaller, body: Body<SiteChange>) -> Result<HttpResponse, Refusal> {
    let Body(SiteChange { adapter, keep_examples, stories_per_day }) = body;
    caller.require(&Right::Admin).await?;
    caller.desk.offered().check(&adapter)?;
    let stories_per_day = match stories_per_day {
        Some(0) => None,
        Some(stories) if stories <= MOST_STORIES => Some(stories),
        Some(stories) => {
            return Err(Refusal::Malformed(format!("Stories a day must be 0 to {MOST_STORIES}, got {stories}.")));
        }
        None => caller.desk.tenant_settings().await?.stories_per_day,
    };
    caller.desk.set_tenant_settings(&TenantSettings { adapter, keep_examples, stories_per_day }).await?;
    view(&caller.desk).await
}

/// Deletes everything that was kept for tuning.
pub(crate) async fn erase(caller: PersonCaller) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    caller.desk.erase_examples().await?;
    view(&caller.desk).await
}
