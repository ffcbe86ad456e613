//! Invocation tokens, true and forged, against a key set that can change.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::jira::client::http_client;

const APP: &str = "ari:cloud:ecosystem::app/8db33809-1f32-48bb-8c52-5877dab48107";
const KID: &str = "forge/invocation-token/0b9a3c";

struct Key {
    kid: String,
    jwk: Value,
    signing: EncodingKey,
}

fn key(kid: &str) -> Key {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let public: PublicKeyComponents<Vec<u8>> = pair.public_key().into();
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwk = json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
        "n": number(&public.n), "e": number(&public.e)});
    let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let pem =
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(private.as_ref()));
    Key { kid: kid.to_owned(), jwk, signing: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap() }
}

impl Key {
    fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &self.signing).unwrap()
    }
}

async fn serve(server: &MockServer, answer: ResponseTemplate) {
    server.reset().await;
    Mock::given(any()).respond_with(answer).mount(server).await;
}

async fn serve_keys(server: &MockServer, keys: &[&Key]) {
    let keys: Vec<&Value> = keys.iter().map(|key| &key.jwk).collect();
    serve(server, ResponseTemplate::new(200).set_body_json(json!({ "keys": keys }))).await;
}

async fn fetches(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

fn invocations(server: &MockServer, clock: &Clock) -> Invocations {
    let url = format!("{}/jwks.json", server.uri()).parse().unwrap();
    let keys = ForgeKeys::new(url, http_client().unwrap(), clock.clone());
    Invocations::new(keys, vec![APP.to_owned()], clock.clone())
}

fn claims(now: i64) -> Value {
    json!({
        "iss": "forge/invocation-token", "aud": APP, "iat": now, "nbf": now, "exp": now + 25, "jti": "call-1",
        "app": {
            "id": APP, "version": "16", "appVersion": "16.0.1",
            "installationId": "ari:cloud:ecosystem::installation/0a3a7799",
            "apiBaseUrl": "https://api.atlassian.com/ex/jira/d0d52620-3203",
            "environment": {"type": "DEVELOPMENT", "id": "ari:cloud:ecosystem::environment/x/y"},
            "module": {"type": "jira:issuePanel", "key": "brine-panel"},
            "installation": {"id": "ari:cloud:ecosystem::installation/0a3a7799", "contexts": [{"name": "jira"}]},
            "license": {"isActive": true}
        },
        "context": {"localId": "l", "cloudId": "d0d52620-3203", "moduleKey": "brine-panel",
            "siteUrl": "https://acme.atlassian.net", "extension": {"issue": {"id": "10001"}}},
        "principal": "655362:312d3308"
    })
}

fn changed(now: i64, pointer: &str, value: Value) -> Value {
    let mut claims = claims(now);
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = claims.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(field)
    } else {
        parent.insert(field.to_owned(), value)
    };
    claims
}

#[tokio::test]
async fn a_page_and_an_event_say_where_they_come_from() {
    let (server, clock, key) = (MockServer::start().await, Clock::system(), key(KID));
    serve_keys(&server, &[&key]).await;
    let invocations = invocations(&server, &clock);
    let now = clock.now_seconds();
    let page = invocations.verify(&key.sign(&claims(now))).await.unwrap();
    assert_eq!((page.app_id.as_str(), page.cloud_id.as_str()), (APP, "d0d52620-3203"));
    assert_eq!(page.installation.as_str(), "ari:cloud:ecosystem::installation/0a3a7799");
    assert_eq!(page.site_url.as_deref(), Some("https://acme.atlassian.net"));
    assert_eq!(page.user.unwrap().as_str(), "655362:312d3308");
    assert_eq!((page.modules, page.is_event), (vec!["brine-panel".to_owned(), "brine-panel".to_owned()], false));
    assert_eq!((page.id.as_deref(), page.exp), (Some("call-1"), now + 25));

    let mut event = claims(now);
    let fields = event.as_object_mut().unwrap();
    fields.remove("context");
    fields.remove("principal");
    fields["app"]["module"] = json!({"type": "core:endpoint", "key": "brine-issues"});
    let event = invocations.verify(&key.sign(&event)).await.unwrap();
    assert_eq!((event.cloud_id.as_str(), event.site_url, event.user), ("d0d52620-3203", None, None));
    assert_eq!((event.modules, event.is_event), (vec!["brine-issues".to_owned()], true));
    assert_eq!(fetches(&server).await, 1);
}

#[tokio::test]
async fn forged_tokens_prove_nothing() {
    let (server, clock, key) = (MockServer::start().await, Clock::system(), key(KID));
    serve_keys(&server, &[&key]).await;
    let invocations = invocations(&server, &clock);
    let now = clock.now_seconds();
    invocations.verify(&key.sign(&claims(now))).await.unwrap();
    let stranger = self::key(KID);
    let by_secret = |secret: &[u8]| {
        let header = Header { kid: Some(KID.to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims(now), &EncodingKey::from_secret(secret)).unwrap()
    };
    let unsigned = |header: Value| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(&header), part(&claims(now)))
    };
    let good = key.sign(&claims(now));
    let (body, _) = good.rsplit_once('.').unwrap();
    let other_app = "ari:cloud:ecosystem::app/00000000-0000-4000-8000-000000000000";
    let both = json!([APP, other_app]);
    let change = |pointer: &str, value: Value| key.sign(&changed(now, pointer, value));
    let forged = [
        ("signed by someone else", stranger.sign(&claims(now))),
        ("without a signature", format!("{body}.")),
        ("with half a signature", good[..good.len() - 20].to_owned()),
        ("algorithm none", unsigned(json!({"alg": "none", "kid": KID}))),
        ("algorithm None", unsigned(json!({"alg": "None", "kid": KID}))),
        ("RS256 said, none signed", unsigned(json!({"alg": "RS256", "kid": KID}))),
        ("HS256 with the public modulus", by_secret(key.jwk["n"].as_str().unwrap().as_bytes())),
        ("HS256 with the public key set", by_secret(key.jwk.to_string().as_bytes())),
        ("another issuer", change("/iss", json!("https://evil.example"))),
        ("no issuer", change("/iss", Value::Null)),
        ("another audience", change("/aud", json!(other_app))),
        ("the bare id as audience", change("/aud", json!("8db33809-1f32-48bb-8c52-5877dab48107"))),
        ("two audiences", change("/aud", both)),
        ("no audience", change("/aud", Value::Null)),
        ("an app that is not the audience", change("/app/id", json!(other_app))),
        ("expired", change("/exp", json!(now - 6))),
        ("without expiry", change("/exp", Value::Null)),
        ("not yet valid", change("/nbf", json!(now + 30))),
        ("made in the future", change("/iat", json!(now + 30))),
        (
            "made long ago",
            key.sign(&{
                let mut old = changed(now, "/iat", json!(now - 3600));
                old["exp"] = json!(now + 3600);
                old["nbf"] = json!(now - 3600);
                old
            }),
        ),
        ("without a time", change("/iat", Value::Null)),
        ("of two sites", change("/context/cloudId", json!("another-site"))),
        (
            "of a site with a path for a name",
            change("/app/apiBaseUrl", json!("https://api.atlassian.com/ex/jira/../x")),
        ),
        (
            "no installation",
            key.sign(&{
                let mut claims = changed(now, "/app/installation", Value::Null);
                claims["app"].as_object_mut().unwrap().remove("installationId");
                claims
            }),
        ),
        ("nothing", String::new()),
        ("no token", "x.y.z".to_owned()),
        ("four parts", format!("{good}.x")),
        ("far too long", format!("{good}{}", "x".repeat(20_000))),
    ];
    for (what, token) in forged {
        assert!(invocations.verify(&token).await.is_err(), "{what}");
    }
    assert_eq!(fetches(&server).await, 1, "no forged token makes us fetch keys");
    assert!(invocations.verify(&key.sign(&claims(now))).await.is_ok());
}

#[tokio::test]
async fn a_token_lives_for_25_seconds() {
    let (server, clock, key) = (MockServer::start().await, Clock::system(), key(KID));
    serve_keys(&server, &[&key]).await;
    let invocations = invocations(&server, &clock);
    let token = key.sign(&claims(clock.now_seconds()));
    clock.advance(Duration::from_secs(20));
    assert!(invocations.verify(&token).await.is_ok());
    clock.advance(Duration::from_secs(11));
    assert_eq!(invocations.verify(&token).await, Err(InvocationError::Token(TokenError::Expired)));
}

#[tokio::test]
async fn a_new_key_is_found_and_a_withdrawn_one_goes() {
    let (server, clock) = (MockServer::start().await, Clock::system());
    let (old, new) = (key("forge/invocation-token/old"), key("forge/invocation-token/new"));
    serve_keys(&server, &[&old]).await;
    let invocations = invocations(&server, &clock);
    invocations.verify(&old.sign(&claims(clock.now_seconds()))).await.unwrap();
    serve_keys(&server, &[&new]).await;
    invocations.verify(&new.sign(&claims(clock.now_seconds()))).await.unwrap();
    let withdrawn = invocations.verify(&old.sign(&claims(clock.now_seconds()))).await;
    assert_eq!(withdrawn, Err(InvocationError::Key(ForgeKeyError::Unknown)));

    // Also without a new key to look for: a set is fetched anew when it has become old.
    serve_keys(&server, &[&old]).await;
    clock.advance(Duration::from_secs(3601));
    let withdrawn = invocations.verify(&new.sign(&claims(clock.now_seconds()))).await;
    assert_eq!(withdrawn, Err(InvocationError::Key(ForgeKeyError::Unknown)));
}

#[tokio::test]
async fn a_flood_of_unknown_keys_makes_one_fetch_a_minute() {
    let (server, clock, key) = (MockServer::start().await, Clock::system(), key(KID));
    serve_keys(&server, &[&key]).await;
    let invocations = invocations(&server, &clock);
    let mut stranger = self::key("forge/invocation-token/stranger");
    let flood = async |stranger: &mut Key, prefix: &str| {
        for n in 0..50 {
            stranger.kid = format!("{prefix}-{n}");
            assert!(invocations.verify(&stranger.sign(&claims(clock.now_seconds()))).await.is_err());
        }
    };
    flood(&mut stranger, "a").await;
    assert_eq!(fetches(&server).await, 1);
    assert!(
        invocations.verify(&key.sign(&claims(clock.now_seconds()))).await.is_ok(),
        "true ones are served meanwhile"
    );
    assert_eq!(fetches(&server).await, 1);
    clock.advance(Duration::from_secs(61));
    flood(&mut stranger, "b").await;
    assert_eq!(fetches(&server).await, 2);
    for name in ["", "../x", "a b", &"k".repeat(201), "k\u{e9}"] {
        clock.advance(Duration::from_secs(61));
        stranger.kid = name.to_owned();
        let refused = invocations.verify(&stranger.sign(&claims(clock.now_seconds()))).await;
        assert!(refused.is_err(), "{name:?}");
    }
    assert!(fetches(&server).await <= 3, "a name that is none is not looked up");
}

#[tokio::test]
async fn while_no_set_can_be_had_the_old_one_serves_for_a_day() {
    let (server, clock, key) = (MockServer::start().await, Clock::system(), key(KID));
    serve_keys(&server, &[&key]).await;
    let invocations = invocations(&server, &clock);
    invocations.verify(&key.sign(&claims(clock.now_seconds()))).await.unwrap();
    serve(&server, ResponseTemplate::new(500)).await;
    for _ in 0..3 {
        clock.advance(Duration::from_secs(4 * 3600));
        assert!(invocations.verify(&key.sign(&claims(clock.now_seconds()))).await.is_ok());
    }
    clock.advance(Duration::from_secs(13 * 3600));
    let refused = invocations.verify(&key.sign(&claims(clock.now_seconds()))).await;
    assert_eq!(refused, Err(InvocationError::Key(ForgeKeyError::Unavailable)));
}

#[tokio::test]
async fn what_is_no_key_set_gives_no_key() {
    let (server, clock, key) = (MockServer::start().await, Clock::system(), key(KID));
    let weak = json!({"kty": "RSA", "kid": KID, "n": URL_SAFE_NO_PAD.encode([0xff; 128]), "e": "AQAB"});
    let secret = json!({"kty": "oct", "kid": KID, "k": "c2VjcmV0", "n": key.jwk["n"], "e": "AQAB"});
    let mut for_encryption = key.jwk.clone();
    for_encryption["use"] = json!("enc");
    for answer in [
        ResponseTemplate::new(404),
        ResponseTemplate::new(302).insert_header("Location", "https://evil.example/jwks.json"),
        ResponseTemplate::new(200).set_body_string("<html>"),
        ResponseTemplate::new(200).set_body_string("x".repeat(300 * 1024)),
        ResponseTemplate::new(200).set_body_json(json!({ "keys": [weak] })),
        ResponseTemplate::new(200).set_body_json(json!({ "keys": [secret] })),
        ResponseTemplate::new(200).set_body_json(json!({ "keys": [for_encryption] })),
    ] {
        serve(&server, answer).await;
        let refused = invocations(&server, &clock).verify(&key.sign(&claims(clock.now_seconds()))).await;
        assert!(matches!(refused, Err(InvocationError::Key(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn without_an_app_no_call_is_taken() {
    let (server, clock, key) = (MockServer::start().await, Clock::system(), key(KID));
    serve_keys(&server, &[&key]).await;
    let url = server.uri().parse().unwrap();
    let none = Invocations::new(ForgeKeys::new(url, http_client().unwrap(), clock.clone()), Vec::new(), clock.clone());
    let refused = none.verify(&key.sign(&claims(clock.now_seconds()))).await.unwrap_err();
    assert!(refused.to_string().contains("BRINE_FORGE_APP_IDS"), "{refused}");
    assert_eq!(fetches(&server).await, 0);
}
