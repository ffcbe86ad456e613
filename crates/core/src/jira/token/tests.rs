#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::OnceLock;
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::{ExpectedQsh, TokenError, peek_issuer, peek_key_id, sign_request, verify_hs256, verify_install};
use crate::clock::Clock;
use crate::ids::ClientKey;
use crate::jira::qsh::query_string_hash;

const SECRET: &str = "the-secret-of-this-installation";
const ISSUER: &str = "jira:4711";
const REQUEST: ExpectedQsh<'_> = ExpectedQsh::Request { method: "GET", path: "/panel", query: "issueKey=SHOP-7" };

fn base() -> Url {
    Url::parse("https://brine.example").unwrap()
}

fn qsh() -> String {
    query_string_hash("GET", "/panel", "issueKey=SHOP-7", "").signing().to_owned()
}

/// Good claims with some replaced; `null` takes one away.
fn claims(change: Value) -> Value {
    let now = Clock::system().now_seconds();
    let mut claims = json!({
        "iss": ISSUER, "iat": now, "exp": now + 180, "qsh": qsh(),
        "sub": "712020:alice", "context": {"jira": {"issue": {"key": "SHOP-7"}}}
    });
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn signed(algorithm: Algorithm, claims: &Value, key: &EncodingKey) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, key).unwrap()
}

fn hs256(claims: &Value) -> String {
    signed(Algorithm::HS256, claims, &EncodingKey::from_secret(SECRET.as_bytes()))
}

fn verified(token: &str, expected: ExpectedQsh<'_>) -> Result<super::ConnectClaims, TokenError> {
    verify_hs256(token, &SecretString::from(SECRET), expected, &base(), &Clock::system())
}

/// A token with any header, signed with nothing.
fn unsigned(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

struct Rsa {
    signing: EncodingKey,
    pem: String,
}

fn make_rsa() -> Rsa {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let pkcs8 = AsDer::<Pkcs8V1Der>::as_der(&pair).unwrap();
    let public = AsDer::<PublicKeyX509Der>::as_der(pair.public_key()).unwrap();
    let pem = |label: &str, der: &[u8]| {
        let body = STANDARD.encode(der);
        let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    };
    let private = pem("PRIVATE KEY", pkcs8.as_ref());
    Rsa { signing: EncodingKey::from_rsa_pem(private.as_bytes()).unwrap(), pem: pem("PUBLIC KEY", public.as_ref()) }
}

/// Atlassian's key and somebody else's, made once for all tests.
fn rsa() -> &'static (Rsa, Rsa) {
    static KEYS: OnceLock<(Rsa, Rsa)> = OnceLock::new();
    KEYS.get_or_init(|| (make_rsa(), make_rsa()))
}

const INSTALL: ExpectedQsh<'_> = ExpectedQsh::Request { method: "POST", path: "/connect/installed", query: "" };

fn install_claims(change: Value) -> Value {
    let mut all = json!({
        "aud": ["https://brine.example"],
        "qsh": query_string_hash("POST", "/connect/installed", "", "").signing(),
        "sub": null, "context": null,
    });
    for (name, value) in change.as_object().unwrap() {
        all[name] = value.clone();
    }
    claims(all)
}

fn install_verified(token: &str) -> Result<super::ConnectClaims, TokenError> {
    verify_install(token, &rsa().0.pem, &base(), INSTALL, &Clock::system())
}

fn rs256(claims: &Value) -> String {
    signed(Algorithm::RS256, claims, &rsa().0.signing)
}

#[test]
fn a_good_request_token() {
    let token = hs256(&claims(json!({})));
    assert_eq!(peek_issuer(&token), Ok(ClientKey::new(ISSUER)));
    let claims = verified(&token, REQUEST).unwrap();
    assert_eq!(claims.iss, ISSUER);
    assert_eq!(claims.sub.unwrap().as_str(), "712020:alice");
    assert_eq!(claims.context.unwrap().pointer("/jira/issue/key"), Some(&json!("SHOP-7")));
}

#[test]
fn a_good_context_token() {
    let token = hs256(&claims(json!({"qsh": "context-qsh"})));
    assert_eq!(verified(&token, ExpectedQsh::Context).unwrap().sub.unwrap().as_str(), "712020:alice");
}

#[test]
fn each_route_takes_one_kind_of_token() {
    let context = hs256(&claims(json!({"qsh": "context-qsh"})));
    assert_eq!(verified(&context, REQUEST), Err(TokenError::ContextToken));
    let request = hs256(&claims(json!({})));
    assert_eq!(verified(&request, ExpectedQsh::Context), Err(TokenError::RequestToken));
}

#[test]
fn forged_and_broken_request_tokens() {
    let now = Clock::system().now_seconds();
    for (change, error) in [
        (json!({"exp": now - 31}), TokenError::Expired),
        (json!({"exp": 0}), TokenError::Expired),
        (json!({"exp": null}), TokenError::NoExpiry),
        (json!({"exp": "tomorrow"}), TokenError::Malformed),
        (json!({"nbf": now + 60}), TokenError::NotYetValid),
        (json!({"iat": now + 60}), TokenError::NotYetValid),
        (json!({"iss": null}), TokenError::Issuer),
        (json!({"iss": ""}), TokenError::Issuer),
        (json!({"iss": ["jira:4711"]}), TokenError::Malformed),
        (json!({"aud": "com.other.app"}), TokenError::Audience),
        (json!({"aud": ["https://evil.example", "com.other.app"]}), TokenError::Audience),
        (json!({"qsh": null}), TokenError::QueryHash),
        (json!({"qsh": ""}), TokenError::QueryHash),
        (json!({"qsh": "0".repeat(64)}), TokenError::QueryHash),
    ] {
        assert_eq!(verified(&hs256(&claims(change.clone())), REQUEST), Err(error), "{change}");
    }
    for aud in [json!("com.brine.criteria"), json!(["x", "https://brine.example/"]), json!([ISSUER]), json!([])] {
        assert!(verified(&hs256(&claims(json!({ "aud": aud }))), REQUEST).is_ok(), "{aud}");
    }
}

#[test]
fn a_token_fits_one_request_only() {
    let token = hs256(&claims(json!({})));
    for (method, path, query) in [
        ("POST", "/panel", "issueKey=SHOP-7"),
        ("GET", "/admin", "issueKey=SHOP-7"),
        ("GET", "/panel", "issueKey=SHOP-8"),
        ("GET", "/panel", "issueKey=SHOP-7&issueKey=SHOP-8"),
        ("GET", "/panel", ""),
    ] {
        let expected = ExpectedQsh::Request { method, path, query };
        assert_eq!(verified(&token, expected), Err(TokenError::QueryHash), "{method} {path}?{query}");
    }
    // The token itself travels in the query.
    let query = format!("jwt={token}&issueKey=SHOP-7");
    assert!(verified(&token, ExpectedQsh::Request { method: "GET", path: "/panel", query: &query }).is_ok());
}

#[test]
fn behind_a_path_of_its_own() {
    let token = hs256(&claims(json!({})));
    let base = Url::parse("https://tools.example/brine").unwrap();
    for path in ["/brine/panel", "/panel"] {
        let expected = ExpectedQsh::Request { method: "GET", path, query: "issueKey=SHOP-7" };
        let secret = SecretString::from(SECRET);
        assert!(verify_hs256(&token, &secret, expected, &base, &Clock::system()).is_ok(), "{path}");
    }
}

#[test]
fn another_secret_and_other_algorithms() {
    let good = claims(json!({}));
    let other_secret = signed(Algorithm::HS256, &good, &EncodingKey::from_secret(b"the-secret-of-another"));
    assert_eq!(verified(&other_secret, REQUEST), Err(TokenError::Signature));

    let wrong = Err(TokenError::Algorithm { expected: "HS256" });
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let token = signed(algorithm, &good, &EncodingKey::from_secret(SECRET.as_bytes()));
        assert_eq!(verified(&token, REQUEST), wrong);
        assert_eq!(peek_issuer(&token).map(|_| ()), wrong.clone().map(|_| ()));
    }
    assert_eq!(verified(&rs256(&good), REQUEST), wrong);
    for alg in ["none", "None", "NONE", "", "hs256"] {
        for signature in ["", "c2ln"] {
            let token = unsigned(&json!({"alg": alg, "typ": "JWT"}), &good, signature);
            assert_eq!(verified(&token, REQUEST), wrong, "{alg:?}");
            assert!(peek_issuer(&token).is_err());
        }
    }
    let no_signature = unsigned(&json!({"alg": "HS256"}), &good, "");
    assert_eq!(verified(&no_signature, REQUEST), Err(TokenError::Signature));
}

#[test]
fn tampering_is_noticed() {
    let token = hs256(&claims(json!({})));
    let parts: Vec<&str> = token.split('.').collect();
    let other = URL_SAFE_NO_PAD.encode(claims(json!({"sub": "712020:mallory"})).to_string());
    assert_eq!(verified(&format!("{}.{other}.{}", parts[0], parts[2]), REQUEST), Err(TokenError::Signature));
    for token in ["", ".", "..", "a.b.c", "a.b.c.d", &format!("{token}."), &format!("{token}.x"), &"x".repeat(20_000)] {
        assert_eq!(verified(token, REQUEST), Err(TokenError::Malformed), "{token:.40}");
        assert_eq!(peek_issuer(token), Err(TokenError::Malformed), "{token:.40}");
        assert_eq!(peek_key_id(token), Err(TokenError::Malformed), "{token:.40}");
    }
}

#[test]
fn times_follow_the_clock_with_half_a_minute_of_leeway() {
    let (token, clock) = (hs256(&claims(json!({}))), Clock::system());
    let verified = || verify_hs256(&token, &SecretString::from(SECRET), REQUEST, &base(), &clock);
    clock.advance(Duration::from_secs(180 + 25));
    assert!(verified().is_ok());
    clock.advance(Duration::from_secs(10));
    assert_eq!(verified(), Err(TokenError::Expired));

    let now = Clock::system().now_seconds();
    assert!(
        super::verify_hs256(
            &hs256(&claims(json!({"iat": now + 20, "nbf": now + 20}))),
            &SecretString::from(SECRET),
            REQUEST,
            &base(),
            &Clock::system()
        )
        .is_ok()
    );
}

#[test]
fn what_we_sign_is_what_jira_verifies() {
    let (secret, client_key, clock) = (SecretString::from(SECRET), ClientKey::new(ISSUER), Clock::system());
    let query = "fields=summary%2Cdescription&jql=key%20%3D%20A";
    let token =
        sign_request("com.brine.criteria", &secret, &client_key, "GET", "/rest/api/3/search/jql", query, &clock)
            .unwrap();
    let site = Url::parse("https://acme.atlassian.net").unwrap();
    let sent = ExpectedQsh::Request { method: "GET", path: "/rest/api/3/search/jql", query };
    // Seen from Jira: our app is the issuer, and the audience is the installation.
    let claims = super::claims::verified(
        &token,
        &jsonwebtoken::DecodingKey::from_secret(SECRET.as_bytes()),
        Algorithm::HS256,
        &clock,
    )
    .unwrap();
    super::check_qsh(&claims.qsh, sent, &site).unwrap();
    assert_eq!(claims.iss, "com.brine.criteria");
    assert_eq!(claims.aud, [ISSUER]);
    assert_eq!(claims.exp - claims.iat.unwrap(), 180);
    // Turned back on us it names no installation of ours.
    assert_eq!(peek_issuer(&token).unwrap().as_str(), "com.brine.criteria");
}

#[test]
fn a_good_install() {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("0a1b-key".to_owned());
    let token = jsonwebtoken::encode(&header, &install_claims(json!({})), &rsa().0.signing).unwrap();
    assert_eq!(peek_key_id(&token).as_deref(), Ok("0a1b-key"));
    assert_eq!(install_verified(&token).unwrap().iss, ISSUER);
    let slash = rs256(&install_claims(json!({"aud": ["https://brine.example/", "https://other.example"]})));
    assert!(install_verified(&slash).is_ok());
}

#[test]
fn forged_and_broken_installs() {
    let now = Clock::system().now_seconds();
    for (change, error) in [
        (json!({"aud": null}), TokenError::Audience),
        (json!({"aud": []}), TokenError::Audience),
        (json!({"aud": ["https://evil.example"]}), TokenError::Audience),
        (json!({"aud": ["https://evil.example", "https://brine.example"]}), TokenError::Audience),
        (json!({"aud": "https://brine.example.evil.example"}), TokenError::Audience),
        (json!({"aud": "com.brine.criteria"}), TokenError::Audience),
        (json!({"iss": null}), TokenError::Issuer),
        (json!({"exp": now - 31}), TokenError::Expired),
        (json!({"exp": null}), TokenError::NoExpiry),
        (json!({"nbf": now + 60}), TokenError::NotYetValid),
        (json!({"qsh": qsh()}), TokenError::QueryHash),
        (json!({"qsh": null}), TokenError::QueryHash),
        (json!({"qsh": "context-qsh"}), TokenError::ContextToken),
    ] {
        assert_eq!(install_verified(&rs256(&install_claims(change.clone()))), Err(error), "{change}");
    }
    let other_key = signed(Algorithm::RS256, &install_claims(json!({})), &rsa().1.signing);
    assert_eq!(install_verified(&other_key), Err(TokenError::Signature));
}

#[test]
fn the_public_key_is_no_shared_secret() {
    let claims = install_claims(json!({}));
    let confused = signed(Algorithm::HS256, &claims, &EncodingKey::from_secret(rsa().0.pem.as_bytes()));
    let wrong = TokenError::Algorithm { expected: "RS256" };
    assert_eq!(install_verified(&confused), Err(wrong.clone()));
    assert_eq!(install_verified(&hs256(&claims)), Err(wrong.clone()));
    assert_eq!(peek_key_id(&confused), Err(wrong.clone()));
    assert_eq!(install_verified(&unsigned(&json!({"alg": "none"}), &claims, "")), Err(wrong));
    // The header says RS256, the signature is an HMAC with the public key.
    let hmac = confused.rsplit_once('.').unwrap().1;
    let relabelled = unsigned(&json!({"alg": "RS256"}), &claims, hmac);
    assert_eq!(install_verified(&relabelled), Err(TokenError::Signature));
    for no_key in ["", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"] {
        let refused = verify_install(&rs256(&claims), no_key, &base(), INSTALL, &Clock::system());
        assert!(matches!(refused, Err(TokenError::Key | TokenError::Signature)), "{refused:?}");
    }
}

proptest! {
    #[test]
    fn no_text_passes_or_panics(token in "[A-Za-z0-9_.=-]{0,80}|\\PC{0,80}") {
        prop_assert!(verified(&token, REQUEST).is_err());
        let _ = peek_issuer(&token);
        let _ = peek_key_id(&token);
    }

    #[test]
    fn no_changed_byte_passes(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_-]") {
        let token = hs256(&claims(json!({})));
        let at = at.index(token.len());
        let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
        // The last digit of a signature holds bits that are no part of it; a strict reader refuses those too.
        prop_assume!(changed != token);
        prop_assert!(verified(&changed, REQUEST).is_err(), "{changed}");
    }
}
