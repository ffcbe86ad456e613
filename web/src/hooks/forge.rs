//! What Forge itself tells: that the app was installed, upgraded, or is about to go; and fresh tokens.

use actix_web::HttpResponse;
use brine_core::jira::forge::Lifecycle;

use crate::body::Event;
use crate::door::{EventCaller, ForgeInstaller};
use crate::refusal::Refusal;

/// Each may come twice and in any order.
pub(crate) async fn lifecycle(installer: ForgeInstaller, body: Event) -> Result<HttpResponse, Refusal> {
    match Lifecycle::read(&body.0, installer.modules()) {
        Some(Lifecycle::Installed) => installer.install().await?,
        Some(Lifecycle::Uninstalled) => installer.uninstall().await?,
        None => {}
    }
    Ok(HttpResponse::NoContent().finish())
}

/// The app is about to go. What calls here says so, whatever its body is.
pub(crate) async fn uninstall(installer: ForgeInstaller) -> Result<HttpResponse, Refusal> {
    installer.uninstall().await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A scheduled trigger calls here so that its door keeps the token that comes along.
pub(crate) async fn tokens(_: EventCaller) -> HttpResponse {
    HttpResponse::NoContent().finish()
}
