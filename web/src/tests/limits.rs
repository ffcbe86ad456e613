//! How often a site and an address may call.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;

use super::tokens;
use super::world::{ALICE, World};

const HERE: &str = "http://127.0.0.1:8930";
const PATH: &str = "/api/issues/10001";

fn from(address: &str) -> SocketAddr {
    format!("{address}:40000").parse().unwrap()
}

fn unproven(address: &str) -> TestRequest {
    TestRequest::get().uri(PATH).peer_addr(from(address))
}

/// How many calls are answered before one is turned away.
async fn calls_until_turned_away(world: &World, mut call: impl FnMut() -> TestRequest) -> usize {
    for number in 0..100 {
        let answer = world.call(call()).await;
        if answer.status == 429 {
            let wait: u64 = answer.header("Retry-After").parse().unwrap();
            assert!((1..=60).contains(&wait) && answer.message().contains("Try again"), "{}", answer.text);
            return number;
        }
    }
    panic!("nobody was turned away");
}

#[actix_web::test]
async fn an_address_that_proves_nothing_has_to_wait_and_others_do_not() {
    let world = World::start_with(HERE, &[("BRINE_UNPROVEN_PER_SECOND", "1")]).await;
    let calls = calls_until_turned_away(&world, || unproven("203.0.113.7")).await;
    assert!(calls >= 10, "{calls}");
    let proven = world.api_request(ALICE, Method::GET, PATH);
    assert_eq!(world.call(proven.peer_addr(from("203.0.113.7"))).await.status, 429);
    assert_eq!(world.call(unproven("203.0.113.8")).await.status, 401);
    let health = TestRequest::get().uri("/healthz").peer_addr(from("203.0.113.7"));
    assert_eq!(world.call(health).await.status, 200, "a monitor may share its address");
    world.clock.advance(Duration::from_secs(11));
    let proven = world.api_request(ALICE, Method::GET, PATH);
    assert_eq!(world.call(proven.peer_addr(from("203.0.113.7"))).await.status, 200);
}

#[actix_web::test]
async fn who_proves_who_they_are_uses_nothing_up() {
    let world = World::start_with(HERE, &[("BRINE_UNPROVEN_PER_SECOND", "1")]).await;
    for _ in 0..30 {
        let proven = world.api_request(ALICE, Method::GET, PATH);
        assert_eq!(world.call(proven.peer_addr(from("203.0.113.7"))).await.status, 200);
    }
}

#[actix_web::test]
async fn behind_a_proxy_its_word_counts_and_elsewhere_not() {
    let proxy = [("BRINE_UNPROVEN_PER_SECOND", "1"), ("BRINE_BEHIND_PROXY", "true")];
    let forwarded = |list: &str| unproven("10.0.0.1").insert_header(("X-Forwarded-For", list.to_owned()));
    let world = World::start_with(HERE, &proxy).await;
    // What stands before the last entry is the caller's own word.
    let mut claimed = 0;
    calls_until_turned_away(&world, || {
        claimed += 1;
        forwarded(&format!("198.51.100.{claimed}, 203.0.113.7"))
    })
    .await;
    assert_eq!(world.call(forwarded("203.0.113.8")).await.status, 401);
    // Some proxies write the port that a caller came from: it is the same caller.
    let mut port = 1000;
    calls_until_turned_away(&world, || {
        port += 1;
        forwarded(&format!("203.0.113.9:{port}"))
    })
    .await;
    assert_eq!(world.call(forwarded("[2001:db8::1]:4711")).await.status, 401);
    let world = World::start_with(HERE, &proxy[..1]).await;
    let mut claimed = 0;
    calls_until_turned_away(&world, || {
        claimed += 1;
        forwarded(&format!("203.0.113.{claimed}"))
    })
    .await;
}

#[actix_web::test]
async fn one_site_cannot_use_up_what_another_needs() {
    let world = World::start_with(HERE, &[("BRINE_SITE_PER_SECOND", "1")]).await;
    let calls = calls_until_turned_away(&world, || world.api_request(ALICE, Method::GET, PATH)).await;
    assert!(calls >= 10, "{calls}");
    world.other_tenant().await;
    let claims = tokens::claims("jira:other", Some(ALICE), "context-qsh", world.clock.now_seconds());
    let token = tokens::hs256(&claims, "the-secret-of-other");
    let other = TestRequest::get().uri(PATH).insert_header(("Authorization", format!("JWT {token}")));
    assert_eq!(world.call(other).await.status, 200);
}
