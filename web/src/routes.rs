//! The one table of routes. An entry can only be made of a handler whose first argument is a door, so that no route
//! can be mounted outside its guard; the test beside this file holds the table, line by line.

use actix_web::dev::Handler;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpResponse, Responder, Route, web};
use std::collections::BTreeMap;

use crate::door::{Behind, Kind};
use crate::refusal::Refusal;
use crate::{api, assets, health, hooks, pages};

/// One line of the table.
pub(crate) struct Entry {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) door: Kind,
    route: Route,
}

fn entry<F, Args>(method: Method, path: &'static str, handler: F) -> Entry
where
    F: Handler<Args>,
    Args: FromRequest + Behind + 'static,
    F::Output: Responder + 'static,
{
    let route = web::method(method.clone()).to(handler);
    Entry { method, path, door: Args::DOOR, route }
}

/// Every route of Brine.
pub(crate) fn table() -> Vec<Entry> {
    use Method as M;
    vec![
        entry(M::GET, "/atlassian-connect.json", hooks::descriptor),
        entry(M::POST, "/connect/installed", hooks::installed),
        entry(M::POST, "/connect/uninstalled", hooks::uninstalled),
        entry(M::POST, "/connect/enabled", hooks::enabled),
        entry(M::POST, "/connect/disabled", hooks::disabled),
        entry(M::POST, "/webhooks/issue-created", hooks::issue_created),
        entry(M::POST, "/webhooks/issue-updated", hooks::issue_updated),
        entry(M::POST, "/forge/lifecycle", hooks::forge_lifecycle),
        entry(M::POST, "/forge/uninstall", hooks::forge_uninstall),
        entry(M::POST, "/forge/issues", hooks::forge_issue),
        entry(M::POST, "/forge/tokens", hooks::forge_tokens),
        entry(M::GET, "/panel", pages::panel),
        entry(M::GET, "/admin", pages::admin),
        entry(M::GET, "/project", pages::project),
        entry(M::GET, "/project-settings", pages::project_settings),
        entry(M::GET, "/api/issues/{issue_id}", api::issues::show),
        entry(M::GET, "/api/issues/{issue_id}/section", api::section::show),
        entry(M::POST, "/api/issues/{issue_id}/jobs", api::issues::generate),
        entry(M::POST, "/api/issues/{issue_id}/undo", api::undo::undo),
        entry(M::GET, "/api/jobs", api::jobs::list),
        entry(M::GET, "/api/jobs/{job_id}", api::jobs::show),
        entry(M::GET, "/api/jobs/{job_id}/events", api::events::stream),
        entry(M::POST, "/api/jobs/{job_id}/cancel", api::jobs::cancel),
        entry(M::POST, "/api/jobs/{job_id}/retry", api::jobs::retry),
        entry(M::PUT, "/api/drafts/{draft_id}", api::drafts::edit),
        entry(M::POST, "/api/drafts/{draft_id}/accept", api::drafts::accept),
        entry(M::POST, "/api/drafts/{draft_id}/scenarios", api::drafts::scenario),
        entry(M::GET, "/api/adapters", api::adapters::list),
        entry(M::GET, "/api/projects/{project_key}/settings", api::projects::show),
        entry(M::PUT, "/api/projects/{project_key}/settings", api::projects::change),
        entry(M::GET, "/api/projects/{project_key}/fields", api::projects::fields),
        entry(M::GET, "/api/site/settings", api::site::show),
        entry(M::PUT, "/api/site/settings", api::site::change),
        entry(M::DELETE, "/api/site/examples", api::site::erase),
        entry(M::POST, "/api/site/jobs/retry", api::jobs::retry_failed),
        entry(M::GET, "/api/site/bulk", api::bulk::show),
        entry(M::POST, "/api/site/bulk", api::bulk::start),
        entry(M::POST, "/api/site/bulk/count", api::bulk::count),
        entry(M::POST, "/api/site/bulk/{run_id}/pause", api::bulk::pause),
        entry(M::POST, "/api/site/bulk/{run_id}/resume", api::bulk::resume),
        entry(M::POST, "/api/site/bulk/{run_id}/cancel", api::bulk::cancel),
        entry(M::GET, "/healthz", health::alive),
        entry(M::GET, "/livez", health::alive),
        entry(M::GET, "/readyz", health::ready),
        entry(M::GET, "/assets/{file}", assets::latest),
        entry(M::GET, "/assets/{version}/{file}", assets::versioned),
    ]
}

/// Mounts the table; anything else is 404, a known path with another method 405.
pub(crate) fn mount(config: &mut web::ServiceConfig) {
    let mut by_path: BTreeMap<&'static str, Vec<Entry>> = BTreeMap::new();
    for entry in table() {
        tracing::debug!(method = %entry.method, path = entry.path, door = ?entry.door, "route");
        by_path.entry(entry.path).or_default().push(entry);
    }
    // Addresses are tried in this order: webhooks, which are the most, should not be held against the patterns of all others first.
    let mut by_path: Vec<_> = by_path.into_iter().collect();
    by_path.sort_by_key(|(path, _)| (!path.starts_with("/webhooks/"), path.contains('{')));
    for (path, entries) in by_path {
        let resource = entries.into_iter().fold(web::resource(path), |resource, entry| resource.route(entry.route));
        config.service(resource.default_service(web::to(wrong_method)));
    }
    config.default_service(web::to(nothing_here));
}

async fn wrong_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .json(serde_json::json!({ "error": { "message": "This address does not take that method." } }))
}

async fn nothing_here() -> Result<HttpResponse, Refusal> {
    Err(Refusal::NotFound("There is nothing at this address."))
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
