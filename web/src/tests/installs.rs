//! Signed installs, uninstalls, and switching on and off.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use brine_core::ids::ClientKey;
use brine_core::store::TenantState;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::atlassian::Atlassian;
use super::tokens;
use super::world::{ALICE, Answer, CLIENT_KEY, SECRET, World};

const NEW: &str = "jira:new-site";

/// Serves Atlassian's key under this name.
fn serve(world: &World, key_id: &str) -> &'static Atlassian {
    let atlassian = Atlassian::real();
    world.jira.known.lock().unwrap().keys.insert(key_id.to_owned(), atlassian.pem.clone());
    atlassian
}

fn claims(world: &World, issuer: &str, path: &str) -> Value {
    let mut claims = tokens::claims(issuer, None, &tokens::qsh("POST", path, ""), world.clock.now_seconds());
    claims["aud"] = json!(["http://127.0.0.1:8930"]);
    claims
}

fn payload(world: &World, client_key: &str, secret: &str, event: &str) -> Value {
    json!({ "key": "com.brine.criteria", "clientKey": client_key, "sharedSecret": secret,
        "baseUrl": world.jira.base_url, "productType": "jira", "eventType": event })
}

async fn post(world: &World, path: &str, token: &str, payload: &Value) -> Answer {
    let request = TestRequest::post().uri(path).insert_header(("Authorization", format!("JWT {token}")));
    world.call(request.set_json(payload)).await
}

#[actix_web::test]
async fn an_install_makes_a_tenant_and_a_second_one_replaces_its_secret() {
    let world = World::start().await;
    let atlassian = serve(&world, "k1");
    for secret in ["first-secret", "second-secret"] {
        let token = atlassian.token("k1", &claims(&world, NEW, "/connect/installed"));
        let answer = post(&world, "/connect/installed", &token, &payload(&world, NEW, secret, "installed")).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
        let tenant = world.store.tenant_by_client_key(&ClientKey::new(NEW)).await.unwrap().unwrap();
        assert_eq!(tenant.connect.as_ref().unwrap().shared_secret.expose_secret(), secret);
        assert_eq!(tenant.state(), TenantState::Active);
    }
    assert_eq!(world.jira.calls("/keys/"), 1, "a known key is not fetched again");
}

#[actix_web::test]
async fn forged_installs_change_nothing() {
    let world = World::start().await;
    let atlassian = serve(&world, "k1");
    let path = "/connect/installed";
    let good = claims(&world, CLIENT_KEY, path);
    let with = |field: &str, value: Value| {
        let mut claims = good.clone();
        claims[field] = value;
        atlassian.token("k1", &claims)
    };
    let stolen = payload(&world, CLIENT_KEY, "a-secret-of-mine", "installed");
    let mut elsewhere = stolen.clone();
    elsewhere["baseUrl"] = json!("https://evil.example");
    let other_app = {
        let mut other = stolen.clone();
        other["key"] = json!("com.other.app");
        other
    };
    let thief = Atlassian::stranger();
    let cases = [
        ("signed with the tenant's secret", tokens::hs256(&good, SECRET), &stolen),
        ("signed by someone else", thief.token("k1", &good), &stolen),
        ("of another audience", with("aud", json!(["https://other.example"])), &stolen),
        ("expired", with("exp", json!(1)), &stolen),
        ("for another address", with("qsh", json!(tokens::qsh("POST", "/connect/uninstalled", ""))), &stolen),
        ("with a context token's hash", with("qsh", json!("context-qsh")), &stolen),
        ("by another site", with("iss", json!("jira:thief")), &stolen),
        ("with an unknown key", atlassian.token("k3", &good), &stolen),
        ("with a path for a key", atlassian.token("../k1", &good), &stolen),
        ("from a site that is not allowed", atlassian.token("k1", &good), &elsewhere),
        ("for another app", atlassian.token("k1", &good), &other_app),
    ];
    for (what, token, body) in cases {
        assert_eq!(post(&world, path, &token, body).await.status, 401, "an install {what}");
    }
    let tenant = world.store.tenant(&world.tenant.id).await.unwrap().unwrap();
    assert_eq!(tenant.connect.as_ref().unwrap().shared_secret.expose_secret(), SECRET);
    let answer = post(&world, path, &atlassian.token("k1", &good), &json!({ "key": "com.brine.criteria" })).await;
    assert_eq!(answer.status, 400, "a payload without its fields");
}

#[actix_web::test]
async fn an_uninstalled_site_comes_back_as_the_same_tenant() {
    let world = World::start().await;
    let atlassian = serve(&world, "k1");
    let token = atlassian.token("k1", &claims(&world, CLIENT_KEY, "/connect/uninstalled"));
    let gone = payload(&world, CLIENT_KEY, SECRET, "uninstalled");
    assert_eq!(post(&world, "/connect/uninstalled", &token, &gone).await.status, 204);
    assert_eq!(world.get(ALICE, "/api/issues/10001").await.status, 401);

    let token = atlassian.token("k1", &claims(&world, CLIENT_KEY, "/connect/installed"));
    let back = payload(&world, CLIENT_KEY, "a-new-secret", "installed");
    assert_eq!(post(&world, "/connect/installed", &token, &back).await.status, 204);
    let tenant = world.store.tenant_by_client_key(&ClientKey::new(CLIENT_KEY)).await.unwrap().unwrap();
    assert_eq!(tenant.id, world.tenant.id);
    assert_eq!(tenant.state(), TenantState::Active);
}

#[actix_web::test]
async fn a_site_can_be_switched_off_and_on() {
    let world = World::start().await;
    assert_eq!(world.call(world.signed(None, Method::POST, "/connect/disabled")).await.status, 204);
    assert_eq!(world.get(ALICE, "/api/issues/10001").await.status, 401);
    assert_eq!(world.call(world.signed(None, Method::POST, "/connect/enabled")).await.status, 204);
    assert_eq!(world.get(ALICE, "/api/issues/10001").await.status, 200);
}
