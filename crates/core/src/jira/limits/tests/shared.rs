//! Meters in a real Redis.

use std::time::Duration;

use brine_servers::Redis;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use super::draw;
use crate::clock::Clock;
use crate::jira::limits::{Allowance, Limit, Need, Note, Shared, Window};

/// Longer than any test takes.
const LONG: i64 = 600_000;

async fn process(redis: &Redis) -> Shared {
    let wait = Duration::from_millis(300);
    let config = ConnectionManagerConfig::new().set_connection_timeout(Some(wait)).set_response_timeout(Some(wait));
    let client = redis::Client::open(redis.url()).unwrap();
    Shared::new(ConnectionManager::new_with_config(client, config).await.unwrap(), "brine", Clock::system())
}

#[tokio::test]
async fn processes_share_one_meter_and_take_no_more_than_there_is() {
    let server = Redis::start().unwrap();
    let mut takers = Vec::new();
    for _ in 0..4 {
        let shared = process(&server).await;
        takers.push(tokio::spawn(async move {
            let mut taken = 0;
            for _ in 0..50 {
                let mut need = draw("m", Window::Sliding(LONG), 70, 1);
                need.draws.extend(draw("points", Window::Aligned(LONG), 1000, 3).draws);
                taken += u32::from(shared.take(&need).await.is_ok());
            }
            taken
        }));
    }
    let mut taken = 0;
    for taker in takers {
        taken += taker.await.unwrap();
    }
    assert_eq!(taken, 70, "200 tries of four processes at 70");
    assert_eq!(
        server.cli(&["HGET", "{brine}:jira:meter:points", "drawn"]).unwrap(),
        "210",
        "what was refused took nothing"
    );
}

#[tokio::test]
async fn who_is_held_hears_until_when_and_why() {
    let server = Redis::start().unwrap();
    let (one, other) = (process(&server).await, process(&server).await);
    let clock = Clock::system();
    let need = draw("m", Window::Sliding(LONG), 1, 1);
    one.take(&need).await.unwrap();
    let held = other.take(&need).await.unwrap_err();
    let left = held.until - clock.now();
    assert!(left > LONG - 60_000 && left <= LONG && held.by == Limit::Burst, "{held:?}");

    let hour = draw("h", Window::Aligned(LONG), 5, 6);
    let held = one.take(&hour).await.unwrap_err();
    assert_eq!(held.until % LONG, 0, "the window's end");

    let stopped = Need { stops: vec!["all".to_owned(), "site:t".to_owned()], slow: None, draws: Vec::new() };
    one.take(&stopped).await.unwrap();
    let until = clock.now() + LONG;
    one.note(&[Note::Stop { stop: "site:t".to_owned(), until }]).await;
    one.note(&[Note::Stop { stop: "site:t".to_owned(), until: until - 5000 }]).await;
    let held = other.take(&stopped).await.unwrap_err();
    assert_eq!((held.until, held.by), (until, Limit::Asked));
}

#[tokio::test]
async fn what_is_slow_is_slow_for_all() {
    let server = Redis::start().unwrap();
    let (one, other) = (process(&server).await, process(&server).await);
    let until = Clock::system().now() + LONG;
    one.note(&[Note::Stop { stop: "slow:t".to_owned(), until }]).await;
    let mut need = draw("m", Window::Sliding(LONG), 6, 1);
    need.draws.extend(draw("points", Window::Aligned(LONG), 100, 1).draws);
    need.slow = Some("slow:t".to_owned());
    for _ in 0..3 {
        other.take(&need).await.unwrap();
    }
    assert_eq!(other.take(&need).await.unwrap_err().by, Limit::Burst);
    need.slow = Some("slow:u".to_owned());
    assert!(one.take(&need).await.is_ok(), "only where it is named");
    assert_eq!(server.cli(&["HGET", "{brine}:jira:meter:points", "drawn"]).unwrap(), "4");
}

#[tokio::test]
async fn what_jira_counted_is_known_to_all() {
    let server = Redis::start().unwrap();
    let (one, other) = (process(&server).await, process(&server).await);
    let need = |amount| draw("points", Window::Aligned(LONG), 100, amount);
    one.note(&[
        Note::AtLeast { meter: "points".to_owned(), span: LONG, drawn: 90 },
        Note::AtLeast { meter: "points".to_owned(), span: LONG, drawn: 10 },
        Note::Drawn { meter: "points".to_owned(), span: LONG, amount: 5 },
    ])
    .await;
    assert!(other.take(&need(6)).await.is_err());
    assert!(other.take(&need(5)).await.is_ok());
}

#[tokio::test]
async fn a_short_window_passes() {
    let server = Redis::start().unwrap();
    let shared = process(&server).await;
    let need = draw("m", Window::Sliding(300), 2, 1);
    shared.take(&need).await.unwrap();
    shared.take(&need).await.unwrap();
    let held = loop {
        // Where the machine is slow the window may have passed already.
        if let Err(held) = shared.take(&need).await {
            break held;
        }
    };
    let pause = u64::try_from((held.until - Clock::system().now()).max(0)).unwrap();
    tokio::time::sleep(Duration::from_millis(pause + 1)).await;
    shared.take(&need).await.unwrap();
}

#[tokio::test]
async fn while_redis_is_away_each_process_counts_for_itself() {
    let mut server = Redis::start().unwrap();
    let shared = process(&server).await;
    let need = draw("m", Window::Sliding(LONG), 3, 1);
    shared.take(&need).await.unwrap();
    server.stop();
    shared.take(&need).await.unwrap();
    shared.note(&[Note::Stop { stop: "all".to_owned(), until: Clock::system().now() + LONG }]).await;
    shared.take(&need).await.unwrap();
    let held = shared.take(&need).await.unwrap_err();
    assert_eq!(held.by, Limit::Burst, "it knows what it took before, too");
    let stopped = Need { stops: vec!["all".to_owned()], slow: None, draws: Vec::new() };
    assert!(shared.take(&stopped).await.is_err());
}
