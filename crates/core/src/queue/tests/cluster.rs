//! A server in cluster mode: what a script touches must lie in one slot.

use super::*;

#[tokio::test]
async fn all_keys_lie_in_one_slot() {
    let server = Redis::with(&["--cluster-enabled", "yes"]).unwrap();
    server.cli(&["cluster", "addslotsrange", "0", "16383"]).unwrap();
    for _ in 0..500 {
        if server.cli(&["cluster", "info"]).unwrap().contains("cluster_state:ok") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (settings, clock) = (settings(&server.url(), Some(2)), Clock::system());
    let queue = RedisQueue::connect(&settings, clock.clone()).await.unwrap();
    let many = (0..150).map(|n| ticket(&format!("a{n:03}"), "a", Class::ALL[n % 3], clock.now()));
    queue.push_all(many.collect()).await;
    let few = (0..3).map(|n| ticket(&format!("b{n}"), "b", Class::ALL[n], clock.now()));
    queue.push_all(few.collect()).await;
    assert_eq!(drain(&queue, 3).await, ["a000", "b0", "a003"]);
    soon(queue.lost()).await;
    let keys = server.cli(&["keys", "*"]).unwrap();
    let slot = |key: &str| server.cli(&["cluster", "keyslot", key]).unwrap();
    let slots: std::collections::HashSet<String> = keys.lines().map(slot).collect();
    for kind in ["tenants", "more:a", "lane:2", "left:2", "changes", "work", "state", "mark"] {
        assert!(keys.lines().any(|key| key.ends_with(&format!(":{kind}"))), "{kind} is not among {keys}");
    }
    assert_eq!(slots.len(), 1, "{keys}");
}
