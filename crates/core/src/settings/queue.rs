//! Where tickets wait, and how many jobs of one site are in work at once.

use secrecy::SecretString;
use url::Url;

use super::reader::Reader;

/// Longest name of a queue, in bytes.
const NAME_BYTES: usize = 64;

/// The queue.
#[derive(Clone, Debug)]
pub struct QueueSettings {
    /// The Redis that web sides and workers share; it may hold a password. None: the embedded queue of this process.
    pub url: Option<SecretString>,
    /// What the queue's keys in Redis begin with.
    pub name: String,
    /// At most so many jobs of one site are in work at once; none: no limit.
    pub tenant_concurrency: Option<u32>,
}

pub(super) fn read(reader: &mut Reader) -> Option<QueueSettings> {
    let url = reader.optional_text("queue.url");
    if url.as_deref().is_some_and(|url| !is_redis(url)) {
        // The value is not told: it may hold a password.
        reader.refuse(
            "queue.url",
            "must be an address such as redis://127.0.0.1:6379 or rediss://user:password@host:6380/0",
        );
    }
    let name = reader.text("queue.name");
    if let Some(name) = name.as_deref().filter(|name| !is_name(name)) {
        reader.refuse(
            "queue.name",
            format!("must be up to {NAME_BYTES} letters, digits, '-', '_' and '.', got {name:?}"),
        );
    }
    let limit = reader.number("queue.tenant_concurrency", 0..=10_000).and_then(|number| u32::try_from(number).ok());
    let tenant_concurrency = limit.map(|number| Some(number).filter(|number| *number > 0));
    Some(QueueSettings { url: url.map(SecretString::from), name: name?, tenant_concurrency: tenant_concurrency? })
}

fn is_redis(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "redis" | "rediss") && url.has_host())
}

/// A brace would change which part of a key is its hash tag.
fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.len() <= NAME_BYTES && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use secrecy::ExposeSecret;

    use crate::settings::Settings;

    fn settings(environment: &[(&str, &str)]) -> Result<Settings, String> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::from_sources(None, environment).map_err(|error| error.to_string())
    }

    #[test]
    fn the_queue_is_embedded_and_without_limit_until_something_else_is_said() {
        let queue = settings(&[]).unwrap().queue;
        assert!(queue.url.is_none());
        assert_eq!((queue.name.as_str(), queue.tenant_concurrency), ("brine", None));
        let said = [
            ("BRINE_REDIS_URL", "rediss://brine:pass@redis.example.com:6380/2"),
            ("BRINE_QUEUE_NAME", "brine-2"),
            ("BRINE_TENANT_CONCURRENCY", "3"),
        ];
        let queue = settings(&said).unwrap().queue;
        assert_eq!(queue.url.unwrap().expose_secret(), said[0].1);
        assert_eq!((queue.name.as_str(), queue.tenant_concurrency), ("brine-2", Some(3)));
    }

    #[test]
    fn the_password_is_shown_neither_in_what_is_printed_nor_in_what_is_refused() {
        let read = settings(&[("BRINE_REDIS_URL", "redis://:geheim@10.0.0.1")]).unwrap();
        assert!(!format!("{read:?}").contains("geheim"));
        for url in ["http://:geheim@10.0.0.1", "redis:geheim", "geheim@host"] {
            let refused = settings(&[("BRINE_REDIS_URL", url)]).expect_err("refused");
            assert!(refused.starts_with("queue.url (BRINE_REDIS_URL): must be an address"), "{refused}");
            assert!(!refused.contains("geheim"), "{refused}");
        }
    }

    #[test]
    fn names_that_would_break_keys_apart_are_refused() {
        for name in ["a{b}", "a b", "a:b", &"n".repeat(65)] {
            let refused = settings(&[("BRINE_QUEUE_NAME", name)]).expect_err("refused");
            assert!(refused.contains("queue.name"), "{refused}");
        }
        assert!(settings(&[("BRINE_TENANT_CONCURRENCY", "-1")]).is_err());
    }
}
