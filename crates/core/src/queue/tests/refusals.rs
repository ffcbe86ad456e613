//! Servers that cannot serve as the queue, and those that can though they look odd.

use super::*;

async fn connect(url: &str) -> Result<RedisQueue, QueueError> {
    RedisQueue::connect(&settings(url, None), Clock::system()).await
}

async fn works(url: &str) {
    let queue = connect(url).await.unwrap();
    queue.push(ticket("j", "a", Class::Bulk, 0)).await;
    assert_eq!(soon(queue.pop()).await.job.as_str(), "j");
}

#[tokio::test]
async fn one_that_may_drop_jobs_is_refused_with_the_way_to_mend_it() {
    let server = Redis::with(&["--maxmemory-policy", "allkeys-lru"]).unwrap();
    let refused = connect(&server.url()).await.err().unwrap().to_string();
    assert!(refused.contains("allkeys-lru") && refused.contains("CONFIG SET maxmemory-policy noeviction"), "{refused}");
    server.cli(&["config", "set", "maxmemory-policy", "noeviction"]).unwrap();
    works(&server.url()).await;
}

#[tokio::test]
async fn keys_without_a_time_to_live_are_safe_from_other_policies() {
    let server = Redis::with(&["--maxmemory-policy", "volatile-ttl"]).unwrap();
    works(&server.url()).await;
    let queue = connect(&server.url()).await.unwrap();
    queue.push(ticket("j", "a", Class::Bulk, 0)).await;
    for key in server.cli(&["keys", "*"]).unwrap().lines() {
        assert_eq!(server.cli(&["ttl", key]).unwrap(), "-1", "{key}");
    }
}

#[tokio::test]
async fn servers_that_forbid_config_are_taken_and_still_looked_at() {
    let hidden = ["--rename-command", "CONFIG", ""];
    let server = Redis::with(&hidden).unwrap();
    works(&server.url()).await;
    let server = Redis::with(&[&hidden[..], &["--maxmemory-policy", "allkeys-lfu"]].concat()).unwrap();
    assert!(matches!(connect(&server.url()).await, Err(QueueError::Evicts { .. })));
}

#[tokio::test]
async fn no_message_holds_the_password() {
    let server = Redis::start().unwrap();
    let port = server.port();
    server.cli(&["config", "set", "requirepass", "right"]).unwrap();
    for url in [
        // Nothing listens there.
        "redis://:geheim@127.0.0.1:1".to_owned(),
        // Wrong passwords, and what is no address.
        format!("redis://:geheim@127.0.0.1:{port}"),
        format!("redis://geheim:geheim@127.0.0.1:{port}"),
        format!("redis://:geheim@127.0.0.1:{port}/geheim"),
    ] {
        let refused = connect(&url).await.err().expect("refused");
        let said = format!("{refused} {refused:?}");
        assert!(!said.contains("geheim"), "{said}");
    }
    works(&format!("redis://:right@127.0.0.1:{port}")).await;
}

#[tokio::test]
async fn nobody_there_is_said_with_host_and_setting() {
    let refused = connect("redis://127.0.0.1:1").await.err().expect("refused").to_string();
    assert!(refused.contains("127.0.0.1:1") && refused.contains("BRINE_REDIS_URL"), "{refused}");
    let unset = QueueSettings { url: None, ..settings("redis://x", None) };
    let refused = RedisQueue::connect(&unset, Clock::system()).await.err().expect("refused").to_string();
    assert!(refused.contains("BRINE_REDIS_URL"), "{refused}");
}
