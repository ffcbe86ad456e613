//! The table of forged and broken tokens, tried on every kind of caller. Each row first shows that the true token is taken.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use brine_core::store::JobFilter;
use serde_json::{Value, json};

use super::atlassian::{Atlassian, FORGE_KID};
use super::tokens;
use super::world::{ALICE, CLIENT_KEY, SECRET, World};

const OTHER_SECRET: &str = "the-secret-of-other";
pub(super) const INSTALL_KID: &str = "k1";

/// How a caller's token is signed.
#[derive(Clone, Copy, PartialEq)]
enum Signed {
    /// HS256 by the tenant's secret, bound to the request.
    Request,
    /// HS256 by the tenant's secret, for a person in our page.
    Context,
    /// RS256 by Atlassian's install key.
    Install,
    /// RS256 by Forge's key.
    Forge,
}

pub(super) struct Caller {
    name: &'static str,
    signed: Signed,
    method: Method,
    path: &'static str,
    body: Value,
    module: &'static str,
}

pub(super) fn callers(world: &World) -> Vec<Caller> {
    let caller = |name, signed, method, path, body, module| Caller { name, signed, method, path, body, module };
    let none = Value::Null;
    let issue = json!({ "issue": { "id": "10001", "key": "SHOP-1" } });
    let install = json!({ "key": "com.brine.criteria", "clientKey": CLIENT_KEY, "sharedSecret": SECRET,
        "baseUrl": world.jira.base_url, "productType": "jira", "eventType": "installed" });
    let panel = "/panel?issueKey=SHOP-1&issueId=10001&projectKey=SHOP";
    vec![
        caller("a page", Signed::Request, Method::GET, panel, none.clone(), ""),
        caller("a webhook", Signed::Request, Method::POST, "/webhooks/issue-created", issue.clone(), ""),
        caller("enabled", Signed::Request, Method::POST, "/connect/enabled", json!({}), ""),
        caller("our page, looking", Signed::Context, Method::GET, "/api/issues/10001", none.clone(), ""),
        caller("our page, asking", Signed::Context, Method::POST, "/api/issues/10001/jobs", json!({}), ""),
        caller("an install", Signed::Install, Method::POST, "/connect/installed", install, ""),
        caller("Forge, looking", Signed::Forge, Method::GET, "/api/issues/10001", none, "brine-panel"),
        caller("Forge, asking", Signed::Forge, Method::POST, "/api/issues/10001/jobs", json!({}), "brine-panel"),
        caller("Forge's event", Signed::Forge, Method::POST, "/forge/issues", issue, "brine-issues"),
        caller("Forge's lifecycle", Signed::Forge, Method::POST, "/forge/lifecycle", json!({}), "brine-lifecycle"),
    ]
}

impl Caller {
    fn qsh(&self, method: &str, path: &str) -> String {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        tokens::qsh(method, path, query)
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Claims that are taken.
    pub(super) fn claims(&self, world: &World) -> Value {
        let now = world.clock.now_seconds();
        let own = self.qsh(self.method.as_str(), self.path);
        match self.signed {
            Signed::Request => tokens::claims(CLIENT_KEY, Some(ALICE), &own, now),
            Signed::Context => tokens::claims(CLIENT_KEY, Some(ALICE), "context-qsh", now),
            Signed::Install => {
                let mut claims = tokens::claims(CLIENT_KEY, None, &own, now);
                claims["aud"] = json!(["http://127.0.0.1:8930"]);
                claims
            }
            Signed::Forge => world.invocation(self.module, self.path.starts_with("/api/").then_some(ALICE)),
        }
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        match self.signed {
            Signed::Request | Signed::Context => tokens::hs256(claims, SECRET),
            Signed::Install => Atlassian::real().token(INSTALL_KID, claims),
            Signed::Forge => Atlassian::real().token(FORGE_KID, claims),
        }
    }

    /// Whether a token of this caller's is one that the other may show.
    fn is_of(&self, other: &Self) -> bool {
        let both_in_a_page = [self, other].iter().all(|caller| caller.path.starts_with("/api/"));
        both_in_a_page || (self.signed == other.signed && self.module == other.module)
    }

    fn kid(&self) -> &'static str {
        if self.signed == Signed::Forge { FORGE_KID } else { INSTALL_KID }
    }

    pub(super) fn request(&self, world: &World, token: &str) -> TestRequest {
        let scheme = if self.signed == Signed::Forge { "Bearer" } else { "JWT" };
        let request = TestRequest::default()
            .method(self.method.clone())
            .uri(self.path)
            .insert_header(("Authorization", format!("{scheme} {token}")))
            .insert_header(("x-forge-oauth-user", world.oauth(ALICE, 600)));
        if self.body.is_null() { request } else { request.set_json(&self.body) }
    }

    /// Every token that must not be taken, by what is wrong with it.
    fn forged(&self, world: &World) -> Vec<(&'static str, String)> {
        let now = world.clock.now_seconds();
        let with = |field: &str, value: Value| {
            let mut claims = self.claims(world);
            claims[field] = value;
            self.sign(&claims)
        };
        let right = self.claims(world);
        let by_hand = |algorithm: &str| {
            let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
            format!("{}.{}.", part(json!({ "alg": algorithm, "kid": self.kid() })), part(right.clone()))
        };
        let true_one = self.sign(&right);
        let (head, signature) = true_one.rsplit_once('.').unwrap();
        let pem = &Atlassian::real().pem;
        let mut forged = vec![
            ("alg none", by_hand("none")),
            ("alg nOnE", by_hand("nOnE")),
            ("no signature", format!("{head}.")),
            ("a changed signature", format!("{head}.{}", signature.chars().rev().collect::<String>())),
            ("changed claims", format!("{}.{}x.{signature}", head.split('.').next().unwrap(), "e30")),
            ("the public key as secret", tokens::hs256(&right, pem)),
            ("an empty secret", tokens::hs256(&right, "")),
            ("a secret of another tenant", tokens::hs256(&right, OTHER_SECRET)),
            ("a key of someone else", Atlassian::stranger().token(self.kid(), &right)),
            ("a key that nobody knows", Atlassian::stranger().token("unknown-key", &right)),
            ("a key with a path for a name", Atlassian::real().token("../keys/k1", &right)),
            ("expired", with("exp", json!(now - 60))),
            ("without expiry", with("exp", Value::Null)),
            ("expiry that is no number", with("exp", json!("tomorrow"))),
            ("not yet valid", with("nbf", json!(now + 3600))),
            ("made in the future", with("iat", json!(now + 3600))),
            ("another audience", with("aud", json!(["https://elsewhere.example"]))),
            ("another issuer", with("iss", json!("jira:nobody"))),
            ("no issuer", with("iss", Value::Null)),
            ("nothing", String::new()),
            ("no token", "a.b.c".to_owned()),
            ("one part", "a".to_owned()),
            ("far too long", format!("{true_one}{}", "x".repeat(20_000))),
        ];
        match self.signed {
            Signed::Request | Signed::Install => {
                let elsewhere = self.qsh(self.method.as_str(), "/elsewhere");
                let other_method = self.qsh("DELETE", self.path);
                let more = self.qsh(self.method.as_str(), "/connect/installed?a=1");
                forged.extend([
                    ("made for another path", with("qsh", json!(elsewhere))),
                    ("made for another method", with("qsh", json!(other_method))),
                    ("made for another query", with("qsh", json!(more))),
                    ("no hash", with("qsh", Value::Null)),
                    ("a context token", with("qsh", json!("context-qsh"))),
                ]);
            }
            Signed::Context => forged.push(("made for the request", {
                let own = self.qsh(self.method.as_str(), self.path);
                with("qsh", json!(own))
            })),
            Signed::Forge => {
                let module = |key: &str| {
                    let mut claims = self.claims(world);
                    claims["app"]["module"]["key"] = json!(key);
                    self.sign(&claims)
                };
                let app = |pointer: &str, value: Value| {
                    let mut claims = self.claims(world);
                    *claims.pointer_mut(pointer).unwrap() = value;
                    self.sign(&claims)
                };
                forged.extend([
                    ("of another app", app("/app/id", json!("ari:cloud:ecosystem::app/another"))),
                    ("of another site", app("/app/apiBaseUrl", json!("https://api.atlassian.com/ex/jira/elsewhere"))),
                    (
                        "of another module",
                        module(if self.module == "brine-tokens" { "brine-issues" } else { "brine-tokens" }),
                    ),
                    (
                        "of two sites' names",
                        app("/app/apiBaseUrl", json!("https://evil.example/ex/jira/d0d52620-3203")),
                    ),
                    ("made an hour ago", {
                        let mut claims = self.claims(world);
                        claims["iat"] = json!(now - 3600);
                        claims["exp"] = json!(now + 3600);
                        self.sign(&claims)
                    }),
                ]);
                if self.method != Method::GET {
                    forged.push(("without a name", with("jti", Value::Null)));
                }
            }
        }
        forged
    }
}

#[actix_web::test]
async fn no_forged_token_opens_any_door() {
    // The limits have a test of their own.
    let world = World::start_with("http://127.0.0.1:8930", &[("BRINE_UNPROVEN_PER_SECOND", "0")]).await;
    world.other_tenant().await;
    world.jira.known.lock().unwrap().keys.insert(INSTALL_KID.to_owned(), Atlassian::real().pem.clone());
    for caller in callers(&world) {
        let true_one = caller.sign(&caller.claims(&world));
        let taken = world.call(caller.request(&world, &true_one)).await;
        assert!(taken.status.is_success(), "{}: {} {}", caller.name, taken.status, taken.text);
        if caller.signed == Signed::Forge && caller.method != Method::GET {
            let replayed = world.call(caller.request(&world, &true_one)).await;
            assert_eq!(replayed.status, 401, "{}: replayed", caller.name);
        }
        for (what, token) in caller.forged(&world) {
            let answer = world.call(caller.request(&world, &token)).await;
            assert_eq!(answer.status, 401, "{}: {what}: {}", caller.name, answer.text);
            assert!(!answer.text.contains("token"), "no detail for outsiders: {}", answer.text);
        }
        let again = world.call(caller.request(&world, &caller.sign(&caller.claims(&world)))).await;
        assert!(again.status.is_success(), "{}: afterwards {}", caller.name, again.text);
    }
    assert!(world.jira.calls("/keys/") <= 3, "forged names of keys are hardly looked up");
    assert!(world.jira.calls("/jwks.json") <= 2);
}

#[actix_web::test]
async fn a_token_of_one_kind_does_not_open_the_doors_of_another() {
    let world = World::start_with("http://127.0.0.1:8930", &[("BRINE_UNPROVEN_PER_SECOND", "0")]).await;
    world.jira.known.lock().unwrap().keys.insert(INSTALL_KID.to_owned(), Atlassian::real().pem.clone());
    let all = callers(&world);
    for door in &all {
        for key in all.iter().filter(|key| !key.is_of(door)) {
            // The same token under both schemes: neither is taken for the other.
            let token = key.sign(&key.claims(&world));
            for scheme in ["JWT", "Bearer"] {
                let request =
                    door.request(&world, &token).insert_header(("Authorization", format!("{scheme} {token}")));
                let answer = world.call(request).await;
                assert_eq!(answer.status, 401, "{} with the token of {} ({scheme})", door.name, key.name);
            }
        }
    }
    let jobs = world.store.list_jobs(&world.tenant.id, JobFilter { limit: 10, ..JobFilter::default() }).await.unwrap();
    assert!(jobs.is_empty());
}
