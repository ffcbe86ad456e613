//! The table, line by line: a new route has to be written down here with the door that it stands behind.

use super::*;

/// Open to anyone: nothing of any tenant is behind them. This list may shrink, and grows only for a good reason.
const PUBLIC: [&str; 6] = [
    "GET /atlassian-connect.json",
    "GET /healthz",
    "GET /livez",
    "GET /readyz",
    "GET /assets/{file}",
    "GET /assets/{version}/{file}",
];

const GUARDED: [(&str, Kind); 40] = [
    ("POST /connect/installed", Kind::Install),
    ("POST /connect/uninstalled", Kind::Install),
    ("POST /connect/enabled", Kind::Connect),
    ("POST /connect/disabled", Kind::Connect),
    ("POST /webhooks/issue-created", Kind::Connect),
    ("POST /webhooks/issue-updated", Kind::Connect),
    ("POST /forge/lifecycle", Kind::Forge),
    ("POST /forge/uninstall", Kind::Forge),
    ("POST /forge/issues", Kind::Forge),
    ("POST /forge/tokens", Kind::Forge),
    ("GET /panel", Kind::Connect),
    ("GET /admin", Kind::Connect),
    ("GET /project", Kind::Connect),
    ("GET /project-settings", Kind::Connect),
    ("GET /api/issues/{issue_id}", Kind::Person),
    ("GET /api/issues/{issue_id}/section", Kind::Person),
    ("POST /api/issues/{issue_id}/jobs", Kind::Person),
    ("POST /api/issues/{issue_id}/undo", Kind::Person),
    ("GET /api/jobs", Kind::Person),
    ("GET /api/jobs/{job_id}", Kind::Person),
    ("GET /api/jobs/{job_id}/events", Kind::Person),
    ("POST /api/jobs/{job_id}/cancel", Kind::Person),
    ("POST /api/jobs/{job_id}/retry", Kind::Person),
    ("PUT /api/drafts/{draft_id}", Kind::Person),
    ("POST /api/drafts/{draft_id}/accept", Kind::Person),
    ("POST /api/drafts/{draft_id}/scenarios", Kind::Person),
    ("GET /api/adapters", Kind::Person),
    ("GET /api/projects/{project_key}/settings", Kind::Person),
    ("PUT /api/projects/{project_key}/settings", Kind::Person),
    ("GET /api/projects/{project_key}/fields", Kind::Person),
    ("GET /api/site/settings", Kind::Person),
    ("PUT /api/site/settings", Kind::Person),
    ("DELETE /api/site/examples", Kind::Person),
    ("POST /api/site/jobs/retry", Kind::Person),
    ("GET /api/site/bulk", Kind::Person),
    ("POST /api/site/bulk", Kind::Person),
    ("POST /api/site/bulk/count", Kind::Person),
    ("POST /api/site/bulk/{run_id}/pause", Kind::Person),
    ("POST /api/site/bulk/{run_id}/resume", Kind::Person),
    ("POST /api/site/bulk/{run_id}/cancel", Kind::Person),
];

#[test]
fn every_route_stands_behind_its_door() {
    let mut expected: Vec<(String, Kind)> = PUBLIC.iter().map(|line| ((*line).to_owned(), Kind::Public)).collect();
    expected.extend(GUARDED.iter().map(|(line, door)| ((*line).to_owned(), *door)));
    let mut found: Vec<(String, Kind)> =
        table().into_iter().map(|entry| (format!("{} {}", entry.method, entry.path), entry.door)).collect();
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, expected);
}
