//! Installed, uninstalled, enabled, disabled. Each may come twice and in any order.

use actix_web::HttpResponse;
use brine_core::store::TenantState;

use crate::door::{Installer, LifecycleCaller};
use crate::refusal::Refusal;

/// The first install, an upgrade, a new secret or a renamed site.
pub(crate) async fn installed(installer: Installer) -> Result<HttpResponse, Refusal> {
    installer.install().await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The app is gone from the site.
pub(crate) async fn uninstalled(installer: Installer) -> Result<HttpResponse, Refusal> {
    installer.uninstall().await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The app was switched on.
pub(crate) async fn enabled(caller: LifecycleCaller) -> Result<HttpResponse, Refusal> {
    caller.set_state(TenantState::Active).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The app was switched off.
pub(crate) async fn disabled(caller: LifecycleCaller) -> Result<HttpResponse, Refusal> {
    caller.set_state(TenantState::Disabled).await?;
    Ok(HttpResponse::NoContent().finish())
}
