//! Why the queue in Redis cannot be used. No message holds the address as it was given: that may hold a password.

/// A Redis that cannot serve as the queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// None is named.
    #[error(
        "queue.url (BRINE_REDIS_URL) is not set; name the Redis that web sides and workers share, such as redis://127.0.0.1:6379"
    )]
    NotSet,
    /// The client does not understand the address.
    #[error("queue.url (BRINE_REDIS_URL) cannot be used: {0}")]
    Address(String),
    /// Nothing answers there, or it refuses us.
    #[error(
        "Redis at {host} cannot be reached: {cause}; see that it runs, that queue.url (BRINE_REDIS_URL) names it, and \
         for rediss:// that the machine trusts its certificate (SSL_CERT_FILE names further authorities)"
    )]
    Unreachable {
        /// Host and port.
        host: String,
        /// What the client said.
        cause: redis::RedisError,
    },
    /// Scripts of ours need what it does not have.
    #[error("Redis at {host} is version {version}; Brine needs 6.2 or newer, or Valkey")]
    TooOld {
        /// Host and port.
        host: String,
        /// As it names itself.
        version: String,
    },
    /// It would drop keys when its memory is full.
    #[error(
        "Redis at {host} may drop waiting jobs when its memory is full (maxmemory-policy is {policy}); run \
         `redis-cli CONFIG SET maxmemory-policy noeviction` and set the same in its configuration, or give Brine a Redis of its own"
    )]
    Evicts {
        /// Host and port.
        host: String,
        /// The policy.
        policy: String,
    },
    /// A command failed.
    #[error("Redis: {0}")]
    Command(#[from] redis::RedisError),
    /// No answer in time.
    #[error("Redis did not answer in time")]
    TimedOut,
}
