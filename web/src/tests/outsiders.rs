//! Everyone who must not get in: without a token, with a forged one, of another site, or without the right.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use brine_core::store::TenantState;
use serde_json::json;

use super::tokens;
use super::world::{ALICE, BOB, CLIENT_KEY, ISSUE, MALLORY, SECRET, World};
use crate::door::Kind;
use crate::routes;

/// The address of a route with something plausible in its gaps.
fn filled(path: &str) -> String {
    path.replace("{issue_id}", ISSUE)
        .replace("{job_id}", "j")
        .replace("{draft_id}", "d")
        .replace("{run_id}", "r")
        .replace("{project_key}", "SHOP")
}

#[actix_web::test]
async fn no_guarded_route_opens_without_a_token() {
    let world = World::start().await;
    for entry in routes::table().into_iter().filter(|entry| entry.door != Kind::Public) {
        let request = TestRequest::default().method(entry.method.clone()).uri(&filled(entry.path)).set_json(json!({}));
        let answer = world.call(request).await;
        assert_eq!(answer.status, 401, "{} {}", entry.method, entry.path);
        assert!(!answer.message().contains("token"), "no detail for outsiders: {}", answer.message());
    }
}

#[actix_web::test]
async fn forged_tokens_open_nothing() {
    let world = World::start().await;
    let now = world.clock.now_seconds();
    let path = "/api/issues/10001";
    let good = tokens::claims(CLIENT_KEY, Some(ALICE), "context-qsh", now);
    let with = |field: &str, value: serde_json::Value| {
        let mut claims = good.clone();
        claims[field] = value;
        tokens::hs256(&claims, SECRET)
    };
    let request_qsh = tokens::qsh("GET", path, "");
    let forged = [
        ("another secret", tokens::hs256(&good, "a-secret-of-mine")),
        ("an empty secret", tokens::hs256(&good, "")),
        ("expired", with("exp", json!(now - 60))),
        ("not yet valid", with("iat", json!(now + 3600))),
        ("an unknown issuer", with("iss", json!("jira:nobody"))),
        ("another audience", with("aud", json!(["com.other.app"]))),
        ("a token for a request", with("qsh", json!(request_qsh))),
        ("no algorithm", format!("eyJhbGciOiJub25lIn0.{}.", with("sub", json!(ALICE)).split('.').nth(1).unwrap())),
        ("no token at all", "x.y.z".to_owned()),
    ];
    for (what, token) in forged {
        let request = TestRequest::get().uri(path).insert_header(("Authorization", format!("JWT {token}")));
        assert_eq!(world.call(request).await.status, 401, "{what}");
    }
    let in_query = format!("{path}?jwt={}", world.context_token(ALICE));
    assert_eq!(world.call(TestRequest::get().uri(&in_query)).await.status, 401, "a context token in the address");
}

#[actix_web::test]
async fn a_page_takes_one_token_made_for_it() {
    let world = World::start().await;
    let address = "/panel?issueKey=SHOP-1&issueId=10001&projectKey=SHOP";
    let context =
        TestRequest::get().uri(address).insert_header(("Authorization", format!("JWT {}", world.context_token(ALICE))));
    assert_eq!(world.call(context).await.status, 401, "a context token is not for pages");

    let claims = tokens::claims(
        CLIENT_KEY,
        Some(ALICE),
        &tokens::qsh("GET", "/panel", "issueKey=SHOP-1&issueId=10001&projectKey=SHOP"),
        world.clock.now_seconds(),
    );
    let token = tokens::hs256(&claims, SECRET);
    let in_query = format!("{address}&jwt={token}");
    assert_eq!(world.call(TestRequest::get().uri(&in_query)).await.status, 200);
    let other_issue = in_query.replace("10001", "10002");
    assert_eq!(world.call(TestRequest::get().uri(&other_issue)).await.status, 401, "changed after it was signed");
    let twice = TestRequest::get().uri(&in_query).insert_header(("Authorization", format!("JWT {token}")));
    assert_eq!(world.call(twice).await.status, 401, "two tokens");
}

#[actix_web::test]
async fn a_site_that_has_left_is_an_outsider() {
    let world = World::start().await;
    for state in [TenantState::Disabled, TenantState::Uninstalled] {
        world.store.set_connect_state(&world.tenant.id, state).await.unwrap();
        assert_eq!(world.get(ALICE, "/api/issues/10001").await.status, 401, "{state:?}");
    }
    let enable = world.call(world.signed(None, Method::POST, "/connect/enabled")).await;
    assert_eq!(enable.status, 401, "an old secret cannot undo an uninstall");
}

#[actix_web::test]
async fn ids_of_another_site_are_not_found() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    let other = world.other_tenant().await;
    let token = tokens::hs256(
        &tokens::claims("jira:other", Some(ALICE), "context-qsh", world.clock.now_seconds()),
        "the-secret-of-other",
    );
    assert_ne!(other.id, world.tenant.id);
    let calls = [
        (Method::GET, format!("/api/jobs/{}", draft.job), json!({})),
        (Method::GET, format!("/api/jobs/{}/events", draft.job), json!({})),
        (Method::POST, format!("/api/jobs/{}/cancel", draft.job), json!({})),
        (Method::POST, format!("/api/jobs/{}/retry", draft.job), json!({})),
        (Method::PUT, format!("/api/drafts/{}", draft.id), json!({ "text": "x", "version": 1 })),
        (Method::POST, format!("/api/drafts/{}/accept", draft.id), json!({ "version": 1 })),
        (Method::POST, format!("/api/drafts/{}/scenarios", draft.id), json!({ "version": 1, "place": 0 })),
    ];
    for (method, path, body) in calls {
        let request = TestRequest::default()
            .method(method)
            .uri(&path)
            .insert_header(("Authorization", format!("JWT {token}")))
            .set_json(body);
        assert_eq!(world.call(request).await.status, 404, "{path}");
    }
    let request = TestRequest::get().uri("/api/issues/10001").insert_header(("Authorization", format!("JWT {token}")));
    assert!(world.call(request).await.json()["draft"].is_null(), "the same issue id on another site is another issue");
}

#[actix_web::test]
async fn people_without_the_right_are_told_no_or_nothing() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    let (job, id) = (draft.job.clone(), draft.id.clone());
    let edit = json!({ "text": super::data::TEXT, "version": draft.version });
    let accept = json!({ "version": draft.version });
    let run = json!({ "jql": "project = SHOP", "most": 5 });
    let settings = json!({ "automatic": true, "issueTypes": [], "target": "comment", "maxScenarios": 4 });
    let calls = [
        (Method::GET, "/api/issues/10001".to_owned(), json!({}), 200, 404),
        (Method::GET, "/api/issues/10001/section".to_owned(), json!({}), 200, 404),
        (Method::POST, "/api/issues/10001/jobs".to_owned(), json!({}), 403, 404),
        // What there is to undo says which right it takes; here there is nothing.
        (Method::POST, "/api/issues/10001/undo".to_owned(), json!({}), 409, 404),
        (Method::GET, format!("/api/jobs/{job}"), json!({}), 200, 404),
        (Method::GET, format!("/api/jobs/{job}/events"), json!({}), 200, 404),
        (Method::POST, format!("/api/jobs/{job}/cancel"), json!({}), 403, 404),
        (Method::POST, format!("/api/jobs/{job}/retry"), json!({}), 403, 404),
        (Method::PUT, format!("/api/drafts/{id}"), edit, 403, 404),
        (Method::POST, format!("/api/drafts/{id}/accept"), accept, 403, 404),
        (Method::POST, format!("/api/drafts/{id}/scenarios"), json!({ "version": 1, "place": 0 }), 403, 404),
        (Method::GET, "/api/jobs".to_owned(), json!({}), 403, 403),
        (Method::GET, "/api/adapters".to_owned(), json!({}), 200, 200),
        (Method::GET, "/api/projects/SHOP/settings".to_owned(), json!({}), 403, 403),
        (Method::PUT, "/api/projects/SHOP/settings".to_owned(), settings, 403, 403),
        (Method::GET, "/api/projects/SHOP/fields".to_owned(), json!({}), 403, 403),
        (Method::GET, "/api/site/settings".to_owned(), json!({}), 403, 403),
        (Method::PUT, "/api/site/settings".to_owned(), json!({ "adapter": null, "keepExamples": true }), 403, 403),
        (Method::DELETE, "/api/site/examples".to_owned(), json!({}), 403, 403),
        (Method::POST, "/api/site/jobs/retry".to_owned(), json!({}), 403, 403),
        (Method::GET, "/api/site/bulk".to_owned(), json!({}), 403, 403),
        (Method::POST, "/api/site/bulk".to_owned(), run.clone(), 403, 403),
        (Method::POST, "/api/site/bulk/count".to_owned(), run, 403, 403),
        (Method::POST, "/api/site/bulk/r/pause".to_owned(), json!({}), 403, 403),
        (Method::POST, "/api/site/bulk/r/resume".to_owned(), json!({}), 403, 403),
        (Method::POST, "/api/site/bulk/r/cancel".to_owned(), json!({}), 403, 403),
    ];
    let guarded = routes::table().iter().filter(|entry| entry.door == Kind::Person).count();
    assert_eq!(calls.len(), guarded, "every call of the API is tried");
    for (method, path, body, for_bob, for_mallory) in calls {
        let bob = world.api(BOB, method.clone(), &path, body.clone()).await;
        assert_eq!(bob.status, for_bob, "bob: {method} {path}: {}", bob.text);
        let mallory = world.api(MALLORY, method.clone(), &path, body).await;
        assert_eq!(mallory.status, for_mallory, "mallory: {method} {path}");
    }
    for address in ["/admin", "/project-settings?projectKey=SHOP"] {
        let answer = world.call(world.signed(Some(BOB), Method::GET, address)).await;
        assert_eq!(answer.status, 403, "{address}");
        let nobody = world.call(world.signed(None, Method::GET, address)).await;
        assert_eq!(nobody.status, 403, "{address} without a person");
    }
}
