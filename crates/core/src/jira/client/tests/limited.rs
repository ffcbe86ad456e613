//! Jira's limits as a client meets them.

use std::time::Duration;

use serde_json::json;
use wiremock::ResponseTemplate;

use super::{always, by_connect, clients, issue, json as answer, requests};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::ids::TenantId;
use crate::jira::JiraError;
use crate::jira::limits::Limit;
use crate::jobs::Class;

#[tokio::test]
async fn after_a_429_the_site_is_left_alone_and_other_sites_are_not() {
    let clock = Clock::system();
    let clients = clients(&clock);
    let limited = ResponseTemplate::new(429)
        .insert_header("Retry-After", "90")
        .insert_header("RateLimit-Reason", "jira-burst-based");
    let server = always(limited).await;
    let site = clients.with(&TenantId::new("t-1"), &server.uri(), by_connect());
    assert!(matches!(site.issue(&issue()).await, Err(JiraError::RateLimited { .. })));
    let error = site.issue(&issue()).await.unwrap_err();
    let JiraError::Held { wait, by: Limit::Asked, .. } = &error else { unreachable!("{error:?}") };
    assert!(wait.as_secs() <= 90 && wait.as_secs() > 60, "{wait:?}");
    assert_eq!(requests(&server).await.len(), 1, "the second call was not made");

    let Failure::Wait { reason, .. } = Failure::from(error) else { unreachable!("an attempt is used up") };
    assert!(reason.contains("UTC") && reason.contains("Jira asked for it"), "{reason}");
    let fine = always(answer(json!({"id": "1", "key": "A-1", "fields": {}}))).await;
    clients.with(&TenantId::new("t-2"), &fine.uri(), by_connect()).issue(&issue()).await.unwrap();

    clock.advance(Duration::from_secs(91));
    let _ = site.issue(&issue()).await;
    assert_eq!(requests(&server).await.len(), 2, "the time is over");
}

#[tokio::test]
async fn once_the_apps_points_are_used_up_no_site_is_called_before_the_next_hour() {
    let clock = Clock::system();
    let clients = clients(&clock);
    let limited = ResponseTemplate::new(429).insert_header("RateLimit-Reason", "jira-quota-global-based");
    let server = always(limited).await;
    let site = |tenant: &str| clients.with(&TenantId::new(tenant), &server.uri(), by_connect());
    let _ = site("t-1").issue(&issue()).await;
    let Err(JiraError::Held { until, .. }) = site("t-2").issue(&issue()).await else { unreachable!("it was called") };
    assert_eq!(until % 3_600_000, 0);
}

#[tokio::test]
async fn what_jira_says_is_left_is_kept_for_people_who_wait() {
    let fine = answer(json!({"id": "1", "key": "A-1", "fields": {}}))
        .insert_header("X-RateLimit-Limit", "65000")
        .insert_header("X-RateLimit-Remaining", "9000");
    let server = always(fine).await;
    let clock = Clock::system();
    let person = clients(&clock).with(&TenantId::new("t-1"), &server.uri(), by_connect());
    let background = person.clone().for_class(Class::Bulk);
    background.issue(&issue()).await.unwrap();
    let held = background.issue(&issue()).await.unwrap_err();
    assert!(matches!(held, JiraError::Held { by: Limit::Reserve, .. }), "{held:?}");
    assert!(held.to_string().contains(":00:00 UTC"), "{held}");
    person.issue(&issue()).await.unwrap();
}

/// Fifty a second go to an endpoint; the fifty-first of a burst is a moment late, and none is lost.
#[tokio::test]
async fn a_burst_is_stretched() {
    let server = always(ResponseTemplate::new(204)).await;
    let clock = Clock::system();
    let site = clients(&clock).with(&TenantId::new("t-1"), &server.uri(), by_connect());
    let writes = (0..60).map(|number| {
        let issue = crate::ids::IssueId::new((10_000 + number).to_string());
        let site = &site;
        async move { site.set_issue_property(&issue, "com.brine.criteria", json!(1)).await }
    });
    let begun = clock.now();
    let done = futures::future::join_all(writes).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    assert!(clock.now() - begun >= 900, "sixty went out within a second");
    assert_eq!(requests(&server).await.len(), 60);
}
