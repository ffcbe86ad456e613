//! Which modules of the Forge manifest may call which route. An invocation token holds no path: without this, one that was
//! made for the panel would open the admin's routes for as long as it lives.

/// Every page of ours in the manifest.
const PAGES: [&str; 6] =
    ["brine-panel", "brine-context", "brine-action", "brine-project", "brine-project-settings", "brine-admin"];
/// Routes of events, each with the triggers that call it.
const EVENTS: [(&str, &[&str]); 4] = [
    ("/forge/lifecycle", &["brine-lifecycle", "brine-uninstall"]),
    ("/forge/uninstall", &["brine-uninstall"]),
    ("/forge/issues", &["brine-issues"]),
    ("/forge/tokens", &["brine-tokens"]),
];

/// The pages that may call a route of the API, given as its pattern.
fn pages_of(route: &str) -> &'static [&'static str] {
    if route.starts_with("/api/site/") {
        &["brine-admin"]
    } else if route == "/api/adapters" || route.starts_with("/api/projects/") {
        &["brine-project-settings", "brine-project", "brine-admin"]
    } else if route == "/api/jobs" {
        &["brine-admin", "brine-project"]
    } else if route.starts_with("/api/") {
        &["brine-panel", "brine-context", "brine-action", "brine-project", "brine-admin"]
    } else {
        &[]
    }
}

/// Whether a token that names these modules may open the route.
///
/// A page's token names the page. An event's names its trigger or the endpoint through which it is sent, and that one may
/// be called as the operator likes; so of an event it is enough that it names nothing that belongs elsewhere.
pub(super) fn may_open(route: &str, named: &[String], is_event: bool) -> bool {
    let events = EVENTS.iter().find(|(path, _)| *path == route).map(|(_, triggers)| *triggers);
    let own = events.unwrap_or_else(|| pages_of(route));
    let all = PAGES.iter().chain(EVENTS.iter().flat_map(|(_, triggers)| *triggers));
    let elsewhere: Vec<&str> = all.copied().filter(|module| !own.contains(module)).collect();
    if named.iter().any(|module| elsewhere.contains(&module.as_str())) {
        return false;
    }
    named.iter().any(|module| own.contains(&module.as_str())) || (events.is_some() && is_event && !named.is_empty())
}

#[cfg(test)]
mod tests {
    use super::may_open;

    fn opens(route: &str, named: &[&str], is_event: bool) -> bool {
        may_open(route, &named.iter().map(|&one| one.to_owned()).collect::<Vec<_>>(), is_event)
    }

    #[test]
    fn a_page_opens_its_own_routes_alone() {
        assert!(opens("/api/issues/{issue_id}", &["brine-panel"], false));
        assert!(opens("/api/issues/{issue_id}", &["brine-panel", "brine-panel"], false));
        assert!(opens("/api/issues/{issue_id}/undo", &["brine-context"], false));
        assert!(opens("/api/site/settings", &["brine-admin"], false));
        assert!(opens("/api/projects/{project_key}/settings", &["brine-project-settings"], false));
        assert!(opens("/api/adapters", &["brine-project-settings"], false));
        for (route, module) in [
            ("/api/site/settings", "brine-panel"),
            ("/api/site/examples", "brine-project-settings"),
            ("/api/jobs", "brine-panel"),
            ("/api/projects/{project_key}/settings", "brine-action"),
            ("/api/issues/{issue_id}", "brine-lifecycle"),
            ("/api/issues/{issue_id}", "somebody-elses"),
            ("/forge/issues", "brine-panel"),
            ("/panel", "brine-panel"),
        ] {
            assert!(!opens(route, &[module], false), "{module} opens {route}");
        }
        assert!(!opens("/api/site/settings", &["brine-admin", "brine-panel"], false), "two that differ");
        assert!(!opens("/api/issues/{issue_id}", &[], false));
    }

    #[test]
    fn an_event_opens_the_route_of_its_trigger_or_endpoint() {
        assert!(opens("/forge/issues", &["brine-issues"], true));
        assert!(opens("/forge/issues", &["an-endpoint"], true));
        assert!(!opens("/forge/issues", &["an-endpoint"], false), "the type says that a page has called");
        assert!(!opens("/forge/issues", &["brine-tokens"], true));
        assert!(!opens("/forge/tokens", &["brine-admin"], true));
        assert!(!opens("/forge/tokens", &[], true));
        assert!(!opens("/api/issues/{issue_id}", &["an-endpoint"], true));
    }
}
