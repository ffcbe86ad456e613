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
    queue.push_all((0..9).map(|n| ticket(&n.to_string(), "a", Class::ALL[n % 3], clock.now())).collect()).await;
    queue.push(ticket("later", "b", Class::Bulk, clock.now() + 60_000)).await;
    assert_eq!(drain(&queue, 2).await, ["0", "3"]);
    soon(queue.lost()).await;
    let keys = server.cli(&["keys", "*"]).unwrap();
    let slot = |key: &str| server.cli(&["cluster", "keyslot", key]).unwrap();
    let slots: std::collections::HashSet<String> = keys.lines().map(slot).collect();
    assert!(keys.lines().count() >= 8, "{keys}");
    assert_eq!(slots.len(), 1, "{keys}");
}
