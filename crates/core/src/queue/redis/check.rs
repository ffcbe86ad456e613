//! Whether a Redis can serve as the queue: looked at once, at the start.

use super::super::QueueError;
use super::link::Link;

/// The oldest version whose scripts and commands ours use.
const OLDEST: (u32, u32) = (6, 2);

pub(super) async fn check(link: &Link, host: &str) -> Result<(), QueueError> {
    let info: String = link.ask(redis::cmd("INFO").arg("server")).await?;
    let version = field(&info, "redis_version").unwrap_or("unknown");
    if !is_new_enough(version) {
        return Err(QueueError::TooOld { host: host.to_owned(), version: version.to_owned() });
    }
    // Of all that INFO tells, this is what servers that forbid CONFIG tell as well.
    let info: String = link.ask(redis::cmd("INFO").arg("memory")).await?;
    match field(&info, "maxmemory_policy") {
        Some(policy) if evicts(policy) => {
            return Err(QueueError::Evicts { host: host.to_owned(), policy: policy.to_owned() });
        }
        Some(_) => {}
        None => tracing::warn!("Redis does not tell its maxmemory-policy; see that it is noeviction"),
    }
    match persistence(link).await {
        Ok(true) => {}
        Ok(false) => tracing::warn!(
            "Redis keeps nothing on disk (neither snapshots nor an append-only file). This is safe: the jobs table is the \
             truth, and the queue is filled from it again within seconds of a restart"
        ),
        Err(error) => tracing::warn!(
            %error,
            "Redis does not tell whether it keeps anything on disk. Both is safe: the jobs table is the truth"
        ),
    }
    Ok(())
}

/// Keys of ours have no time to live, so that only a policy for all keys can drop them.
fn evicts(policy: &str) -> bool {
    policy.starts_with("allkeys-")
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) >= OLDEST,
        _ => false,
    }
}

async fn persistence(link: &Link) -> Result<bool, QueueError> {
    let set = async |name: &str| {
        let found: Vec<String> = link.ask(redis::cmd("CONFIG").arg("GET").arg(name)).await?;
        Ok::<_, QueueError>(found.into_iter().nth(1).unwrap_or_default())
    };
    Ok(!set("save").await?.is_empty() || set("appendonly").await? == "yes")
}

/// The value of a field of what INFO answers.
pub(super) fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_from_6_2_on_are_taken() {
        for version in ["6.2.0", "6.2.14", "7.0.15", "8.2.1", "10.0"] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["6.0.16", "5.0.7", "2.8", "unknown", "", "7"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let info = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n";
        assert_eq!(field(info, "maxmemory_policy"), Some("noeviction"));
        assert_eq!((field(info, "maxmemory"), field(info, "memory")), (Some("0"), None));
        assert!(evicts("allkeys-lru") && !evicts("volatile-lru") && !evicts("noeviction"));
    }
}
