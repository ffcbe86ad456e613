//! What calls cost, which limits they fall under, and what answers tell.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use super::rules;
use crate::ids::TenantId;
use crate::jira::limits::meters::Meters;
use crate::jira::limits::{Asked, Limit, Need, Note, Told, time_of_day};
use crate::jobs::Class;

const NOW: i64 = 490_000 * 3_600_000 + 1_800_000;
const TOP: i64 = NOW + 1_800_000;

fn tenant() -> TenantId {
    TenantId::new("t-1")
}

fn need(class: Class, method: &str, path: &str) -> Need {
    rules(&[]).need(&tenant(), class, &Asked::new(method, path))
}

#[test]
fn a_call_costs_what_atlassian_says() {
    for (method, path, points) in [
        ("GET", "/rest/api/3/issue/10001", 2),
        ("GET", "/rest/api/3/issue/10001/properties/com.brine.criteria", 2),
        ("GET", "/rest/api/3/user", 3),
        ("GET", "/rest/api/3/myself", 3),
        ("POST", "/rest/api/3/permissions/check", 3),
        ("POST", "/rest/api/3/search/jql", 2),
        ("PUT", "/rest/api/3/issue/10001", 1),
        ("POST", "/rest/api/3/issue", 1),
        ("POST", "/rest/api/3/issue/10001/comment", 1),
        ("DELETE", "/rest/api/3/issue/10001/properties/com.brine.criteria", 1),
    ] {
        assert_eq!(Asked::new(method, path).points(), points, "{method} {path}");
    }
    let search = Asked::new("GET", "/rest/api/3/search/jql");
    assert_eq!(search.more_points(&json!({"issues": [{}, {}, {}]})), 2);
    assert_eq!(search.more_points(&json!({"issues": []})), 0);
    let check = Asked::new("POST", "/rest/api/3/permissions/check");
    assert_eq!(check.more_points(&json!({"globalPermissions": [], "projectPermissions": [{}, {}]})), 2);
    let people = Asked::new("GET", "/rest/api/3/user/bulk");
    assert_eq!((people.points(), people.more_points(&json!({"values": [{}, {}, {}]}))), (3, 4));
    assert_eq!(Asked::new("PUT", "/rest/api/3/issue/1").more_points(&json!({"issues": [1, 2]})), 0);
}

#[test]
fn issues_of_a_site_share_their_endpoint_and_writes_of_each_are_counted() {
    let meter = |need: &Need, at: usize| need.draws[at].meter.clone();
    let (one, other) =
        (need(Class::Bulk, "PUT", "/rest/api/3/issue/10001"), need(Class::Bulk, "PUT", "/rest/api/3/issue/10002"));
    assert_eq!(meter(&one, 1), meter(&other, 1));
    assert_eq!(one.draws[1].most, 50);
    assert_ne!(meter(&one, 2), meter(&other, 2));
    assert_eq!((one.draws[2].most, one.draws[3].most), (20, 100));
    let read = need(Class::Bulk, "GET", "/rest/api/3/issue/SHOP-1");
    assert_eq!((read.draws.len(), read.draws[1].most), (2, 100));
    assert_ne!(meter(&read, 1), meter(&one, 1));
}

#[test]
fn the_twenty_first_write_of_an_issue_waits_and_another_issue_does_not() {
    let mut meters = Meters::default();
    let write = need(Class::Interactive, "PUT", "/rest/api/3/issue/10001");
    for at in 0..20 {
        meters.take(&write, NOW + at).unwrap();
    }
    let held = meters.take(&write, NOW + 100).unwrap_err();
    assert_eq!((held.until, held.by), (NOW + 2000, Limit::IssueWrites));
    assert!(meters.take(&need(Class::Interactive, "PUT", "/rest/api/3/issue/10002"), NOW + 100).is_ok());
}

#[test]
fn work_that_nobody_waits_for_leaves_a_reserve() {
    let rules = rules(&[("BRINE_JIRA_POINTS_PER_HOUR", "100")]);
    let mut meters = Meters::default();
    let read =
        |class, tenant: &str| rules.need(&TenantId::new(tenant), class, &Asked::new("GET", "/rest/api/3/issue/1"));
    for at in 0..40 {
        meters.take(&read(Class::Automatic, "t-1"), NOW + at * 1000).unwrap();
    }
    let held = meters.take(&read(Class::Bulk, "t-2"), NOW + 60_000).unwrap_err();
    assert_eq!((held.until, held.by), (TOP, Limit::Reserve), "sites share the points");
    for at in 0..10 {
        meters.take(&read(Class::Interactive, "t-2"), NOW + 60_000 + at * 1000).unwrap();
    }
    assert_eq!(meters.take(&read(Class::Interactive, "t-1"), NOW + 90_000).unwrap_err().by, Limit::Points);
}

#[test]
fn in_tier_two_each_site_has_its_own_points() {
    let rules = rules(&[("BRINE_JIRA_POINTS_SHARED", "false")]);
    let meter = |tenant: &str| {
        let call = Asked::new("GET", "/rest/api/3/issue/1");
        rules.need(&TenantId::new(tenant), Class::Bulk, &call).draws[0].meter.clone()
    };
    assert_ne!(meter("t-1"), meter("t-2"));
}

fn told(status: u16, headers: &[(&'static str, &str)], retry_after: Option<i64>) -> Told {
    let pair =
        |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    Told::read(status, &headers.iter().map(pair).collect::<HeaderMap>(), retry_after, NOW)
}

fn notes(told: &Told) -> Vec<Note> {
    rules(&[]).notes(&tenant(), &Asked::new("PUT", "/rest/api/3/issue/7"), told, 0, NOW)
}

#[test]
fn a_refusal_stops_what_its_reason_names() {
    let stop = |reason: &str, retry_after: Option<i64>| {
        let told = told(429, &[("ratelimit-reason", reason)], retry_after);
        match notes(&told).as_slice() {
            [Note::Stop { stop, until }, ..] => (stop.clone(), *until),
            other => unreachable!("{other:?}"),
        }
    };
    assert_eq!(stop("jira-quota-global-based", None), ("all".to_owned(), TOP));
    assert_eq!(stop("jira-quota-global-based", Some(90_000)), ("all".to_owned(), NOW + 90_000));
    assert_eq!(stop("jira-quota-tenant-based", None), ("site:t-1".to_owned(), TOP));
    assert_eq!(stop("jira-burst-based", Some(3000)), ("site:t-1".to_owned(), NOW + 3000));
    assert_eq!(stop("jira-burst-based", None), ("site:t-1".to_owned(), NOW + 1000));
    assert_eq!(stop("jira-per-issue-on-write", None), ("issue:t-1:7".to_owned(), NOW + 2000));
    assert_eq!(stop("something-new", None), ("site:t-1".to_owned(), NOW + 30_000));
    assert_eq!(stop("", Some(999_999_999)), ("site:t-1".to_owned(), NOW + 3_600_000), "never longer than an hour");
}

#[test]
fn an_endpoint_that_was_called_too_often_is_called_half_as_often_for_a_minute() {
    let mut meters = Meters::default();
    for note in notes(&told(429, &[("ratelimit-reason", "jira-burst-based")], None)) {
        meters.note(&note, NOW);
    }
    let calls = |meters: &mut Meters, path: &str, from: i64| {
        let issues = (0..100).map(|number| need(Class::Interactive, "PUT", &format!("{path}{number}")));
        issues.filter(|call| meters.take(call, from).is_ok()).count()
    };
    assert_eq!(calls(&mut meters, "/rest/api/3/issue/", NOW), 0, "Jira asked for a pause");
    assert_eq!(calls(&mut meters, "/rest/api/3/issue/", NOW + 1000), 25);
    assert_eq!(calls(&mut meters, "/rest/api/3/other/", NOW + 1000), 50, "another endpoint");
    assert_eq!(calls(&mut meters, "/rest/api/3/issue/", NOW + 61_000), 50, "as before");
}

#[test]
fn headers_of_good_answers_correct_the_count() {
    let at_least = |drawn| vec![Note::AtLeast { meter: "points".to_owned(), span: 3_600_000, drawn }];
    for headers in [
        [("x-ratelimit-limit", "65000"), ("x-ratelimit-remaining", "15000")],
        [
            ("ratelimit-policy", "\"global-app-quota\";q=65000;w=3600"),
            ("ratelimit", "\"global-app-quota\";r=15000;t=1800"),
        ],
        [("x-other", "1"), ("beta-ratelimit", "\"burst\";r=3;t=1, \"global-app-quota\";r=15000;t=1800")],
    ] {
        assert_eq!(notes(&told(200, &headers, None)), at_least(50_000), "{headers:?}");
    }
    let near = told(200, &[("x-ratelimit-limit", "65000"), ("x-ratelimit-nearlimit", "true")], None);
    assert_eq!(notes(&near), at_least(52_000));
    for headers in [
        [("x-ratelimit-limit", "100"), ("x-ratelimit-remaining", "3")],
        [("x-ratelimit-limit", "100"), ("x-ratelimit-nearlimit", "true")],
        [("ratelimit", "\"global-app-quota\""), ("x-ratelimit-remaining", "many")],
    ] {
        assert!(notes(&told(200, &headers, None)).is_empty(), "{headers:?} says nothing about the hour");
    }
}

#[test]
fn times_are_told_by_the_clock() {
    assert_eq!(time_of_day(TOP), "17:00:00 UTC");
    assert_eq!(time_of_day(NOW + 5000), "16:30:05 UTC");
    assert_eq!(time_of_day(-1000), "23:59:59 UTC");
}
