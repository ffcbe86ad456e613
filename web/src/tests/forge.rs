//! Forge: pages and events, tokens that are kept, and an installation's life.

use std::time::Duration;

use actix_web::http::Method;
use brine_core::ids::{CloudId, InstallationId};
use brine_core::store::{ForgeSite, Tenant, TenantState};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::world::{ALICE, BOB, CAROL, CLOUD, INSTALLATION, MALLORY, World};

const ISSUE_PATH: &str = "/api/issues/10001";

async fn tenant(world: &World) -> Tenant {
    let site = ForgeSite {
        installation: InstallationId::new(INSTALLATION),
        app_id: super::atlassian::APP.to_owned(),
        cloud_id: CloudId::new(CLOUD),
        site_url: None,
        api_base_url: format!("{}/ex/jira/{CLOUD}", world.jira.base_url),
    };
    world.store.forge_tenant(&site, false).await.unwrap().unwrap()
}

async fn page(world: &World, user: &str, path: &str) -> super::world::Answer {
    world.by_forge("brine-panel", user, Method::GET, path, Value::Null).await
}

#[actix_web::test]
async fn a_person_in_a_page_of_forge_can_do_what_jira_lets_them_do() {
    let world = World::start().await;
    let shown = page(&world, ALICE, ISSUE_PATH).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert_eq!(shown.json()["may"], json!({ "generate": true, "accept": true, "undo": false }));
    assert_eq!(world.jira.last_proof(), format!("Bearer {}", world.oauth(ALICE, 600)), "Jira is asked as alice");
    assert!(world.jira.calls(&format!("/ex/jira/{CLOUD}/rest/api/3/permissions/check")) > 0);

    let asked = world.by_forge("brine-action", ALICE, Method::POST, "/api/issues/10001/jobs", json!({})).await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    let job = asked.json()["job"].clone();
    let path = format!("/api/jobs/{}", job["id"].as_str().unwrap());
    let polled = page(&world, ALICE, &path).await;
    assert_eq!((polled.status.as_u16(), polled.json()), (200, job), "the very form of an event of its progress");
    assert_eq!(page(&world, MALLORY, &path).await.status, 404);
    assert_eq!(page(&world, BOB, ISSUE_PATH).await.json()["may"]["generate"], false);

    let settings = "/api/site/settings";
    let site = world.by_forge("brine-admin", CAROL, Method::GET, settings, Value::Null).await;
    assert_eq!(site.status, 200, "{}", site.text);
    assert_eq!(world.by_forge("brine-panel", CAROL, Method::GET, settings, Value::Null).await.status, 401);
    assert_eq!(world.by_forge("brine-admin", BOB, Method::GET, settings, Value::Null).await.status, 403);
}

#[actix_web::test]
async fn a_page_without_a_person_or_in_the_address_gets_nothing() {
    let world = World::start().await;
    let mut claims = world.invocation("brine-panel", Some(ALICE));
    claims.as_object_mut().unwrap().remove("principal");
    assert_eq!(world.call(world.invoked(&claims, Method::GET, ISSUE_PATH)).await.status, 403);
    let token = super::atlassian::Atlassian::real()
        .token(super::atlassian::FORGE_KID, &world.invocation("brine-panel", Some(ALICE)));
    let in_address = actix_web::test::TestRequest::get().uri(&format!("{ISSUE_PATH}?jwt={token}"));
    assert_eq!(world.call(in_address).await.status, 401);
    let twice = world
        .invoked(&world.invocation("brine-panel", Some(ALICE)), Method::GET, ISSUE_PATH)
        .append_header(("Authorization", format!("JWT {}", world.context_token(ALICE))));
    assert_eq!(world.call(twice).await.status, 401, "two proofs prove nothing");
}

#[actix_web::test]
async fn a_call_that_changes_something_is_taken_once() {
    let world = World::start().await;
    let claims = world.invocation("brine-panel", Some(ALICE));
    for expected in [202, 401, 401] {
        let again = world.invoked(&claims, Method::POST, "/api/issues/10001/jobs");
        let again = again.insert_header(("x-forge-oauth-user", world.oauth(ALICE, 600))).set_json(json!({}));
        assert_eq!(world.call(again).await.status, expected);
    }
    let edit = json!({ "text": "x", "version": 1 });
    let elsewhere = world.invoked(&claims, Method::PUT, "/api/drafts/d").set_json(edit);
    assert_eq!(world.call(elsewhere).await.status, 401, "nor on another route");
    let mut nameless = world.invocation("brine-panel", Some(ALICE));
    nameless.as_object_mut().unwrap().remove("jti");
    let request = world.invoked(&nameless, Method::POST, "/api/issues/10001/jobs").set_json(json!({}));
    assert_eq!(world.call(request).await.status, 401);
    let read = world.invoked(&nameless, Method::GET, ISSUE_PATH);
    let read = read.insert_header(("x-forge-oauth-user", world.oauth(ALICE, 600)));
    assert_eq!(world.call(read).await.status, 200, "looking can be repeated");
}

#[actix_web::test]
async fn the_newest_token_of_the_app_is_kept_for_work_that_nobody_waits_for() {
    let world = World::start().await;
    assert_eq!(world.event("brine-lifecycle", "/forge/lifecycle", json!({}), 600).await.status, 204);
    let first = tenant(&world).await.active_forge().unwrap().token.clone().unwrap();
    assert_eq!(first.token.expose_secret(), world.oauth("system", 600));
    assert_eq!(world.event("brine-tokens", "/forge/tokens", json!({}), 3600).await.status, 204);
    assert_eq!(world.event("brine-tokens", "/forge/tokens", json!({}), 1200).await.status, 204);
    let kept = tenant(&world).await.active_forge().unwrap().token.clone().unwrap();
    assert_eq!(kept.token.expose_secret(), world.oauth("system", 3600), "the one that lives longest");

    // The header is not signed: of a call that is repeated it is not believed.
    let claims = world.invocation("brine-panel", Some(ALICE));
    for token in [world.oauth("newer", 7200), world.oauth("forged", 80_000)] {
        let request = world.invoked(&claims, Method::GET, ISSUE_PATH).insert_header(("x-forge-oauth-system", token));
        let request = request.insert_header(("x-forge-oauth-user", world.oauth(ALICE, 600)));
        assert_eq!(world.call(request).await.status, 200);
    }
    let kept = tenant(&world).await.active_forge().unwrap().token.clone().unwrap();
    assert_eq!(kept.token.expose_secret(), world.oauth("newer", 7200));
    let endless = world.event("brine-tokens", "/forge/tokens", json!({}), 400 * 24 * 3600).await;
    assert_eq!(endless.status, 204);
    let kept = tenant(&world).await.active_forge().unwrap().token.clone().unwrap();
    assert!(kept.until <= world.clock.now() + 24 * 3_600_000, "no token is trusted for longer than a day");
}

#[actix_web::test]
async fn without_any_token_the_page_says_what_is_waited_for() {
    let world = World::start().await;
    let request = world.invoked(&world.invocation("brine-panel", Some(ALICE)), Method::GET, ISSUE_PATH);
    let answer = world.call(request).await;
    assert_eq!((answer.status.as_u16(), answer.header("Retry-After")), (503, "60"));
    assert!(answer.message().contains("next token"), "{}", answer.message());
}

#[actix_web::test]
async fn an_uninstalled_app_is_an_outsider_until_it_is_installed_again() {
    let world = World::start().await;
    assert_eq!(page(&world, ALICE, ISSUE_PATH).await.status, 200, "even when the event of the install was lost");
    let id = tenant(&world).await.id;
    for path in ["/forge/uninstall", "/forge/lifecycle"] {
        let gone = world.event("brine-uninstall", path, json!({}), 600).await;
        assert_eq!(gone.status, 204);
    }
    assert_eq!(tenant(&world).await.state(), TenantState::Uninstalled);
    assert!(tenant(&world).await.forge[0].token.is_none());
    assert_eq!(page(&world, ALICE, ISSUE_PATH).await.status, 401);
    assert_eq!(world.event("brine-tokens", "/forge/tokens", json!({}), 600).await.status, 401);
    let upgraded = json!({ "eventType": "avi:forge:upgraded:app", "id": INSTALLATION });
    assert_eq!(world.event("brine-lifecycle", "/forge/lifecycle", upgraded, 600).await.status, 204);
    assert_eq!((tenant(&world).await.id, page(&world, ALICE, ISSUE_PATH).await.status.as_u16()), (id, 200));
}

#[actix_web::test]
async fn a_site_that_moves_from_connect_sees_its_drafts_in_forge() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    world.event("brine-lifecycle", "/forge/lifecycle", json!({}), 600).await;
    // The stub's own address is the one that Connect knows.
    let mut claims = world.invocation("brine-panel", Some(ALICE));
    claims["context"]["siteUrl"] = json!(world.jira.base_url);
    let request = world.invoked(&claims, Method::GET, ISSUE_PATH);
    let shown = world.call(request.insert_header(("x-forge-oauth-user", world.oauth(ALICE, 600)))).await;
    assert_eq!(shown.json()["draft"]["id"], json!(draft.id));
    world.store.set_connect_state(&world.tenant.id, TenantState::Uninstalled).await.unwrap();
    assert_eq!(page(&world, ALICE, ISSUE_PATH).await.json()["draft"]["id"], json!(draft.id));
    assert_eq!(world.get(ALICE, ISSUE_PATH).await.status, 401, "Connect's tokens open nothing any more");
}

#[actix_web::test]
async fn what_one_site_has_another_does_not_see() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    let paths = [format!("/api/jobs/{}", draft.job), format!("/api/jobs/{}/events", draft.job)];
    for path in paths {
        assert_eq!(page(&world, ALICE, &path).await.status, 404, "{path}");
    }
    let edit = json!({ "text": "x", "version": 1 });
    let path = format!("/api/drafts/{}", draft.id);
    assert_eq!(world.by_forge("brine-panel", ALICE, Method::PUT, &path, edit).await.status, 404);
    assert!(page(&world, ALICE, ISSUE_PATH).await.json()["draft"].is_null());

    let mut stolen = world.invocation("brine-panel", Some(ALICE));
    stolen["context"]["cloudId"] = json!("another-site");
    stolen["app"]["apiBaseUrl"] = json!(format!("{}/ex/jira/another-site", world.jira.base_url));
    assert_eq!(world.call(world.invoked(&stolen, Method::GET, ISSUE_PATH)).await.status, 401);
}

#[actix_web::test]
async fn tokens_are_sent_to_no_address_but_atlassians_and_the_allowed_sites() {
    let world = World::start().await;
    for address in ["https://evil.example/ex/jira", "http://169.254.169.254/ex/jira", "http://localhost:1/ex/jira"] {
        let mut claims = world.invocation("brine-panel", Some(ALICE));
        claims["app"]["apiBaseUrl"] = json!(format!("{address}/{CLOUD}"));
        assert_eq!(world.call(world.invoked(&claims, Method::GET, ISSUE_PATH)).await.status, 401, "{address}");
    }
    let mut claims = world.invocation("brine-panel", Some(ALICE));
    claims["context"]["siteUrl"] = json!("http://169.254.169.254/");
    let request = world.invoked(&claims, Method::GET, ISSUE_PATH);
    assert_eq!(world.call(request.insert_header(("x-forge-oauth-user", world.oauth(ALICE, 600)))).await.status, 200);
    assert_eq!(tenant(&world).await.base_url, "", "an address that is none of ours is not remembered");
}

#[actix_web::test]
async fn an_old_token_opens_nothing() {
    let world = World::start().await;
    let claims = world.invocation("brine-panel", Some(ALICE));
    world.clock.advance(Duration::from_secs(31));
    assert_eq!(world.call(world.invoked(&claims, Method::GET, ISSUE_PATH)).await.status, 401);
}
