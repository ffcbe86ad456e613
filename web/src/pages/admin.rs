//! The list of jobs and the site's settings, for Jira administrators.

use actix_web::HttpResponse;

use super::app::{Layout, shell};
use crate::door::{ConnectCaller, Right};
use crate::refusal::Refusal;

/// Refused to everyone else.
pub(crate) async fn admin(caller: ConnectCaller) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    shell(caller.desk.settings(), Layout::Wide, "admin", "Brine jobs", &[])
}
