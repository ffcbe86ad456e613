//! What the headers of an answer tell about Jira's limits.

use reqwest::header::HeaderMap;

use crate::clock::Millis;

/// A budget of an hour has thousands of points; where a header counts less, it counts calls a second.
const LEAST_BUDGET: u64 = 1000;
const BURST_WAIT: Millis = 1000;
const ISSUE_WAIT: Millis = 2000;
const UNKNOWN_WAIT: Millis = 30_000;
const LONGEST: Millis = 3_600_000;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Points that are left of this hour.
    pub(super) left: Option<u32>,
    /// Fewer than a fifth of the hour's points are left.
    pub(super) is_near: bool,
    /// The call was refused for a limit.
    pub(super) refused: Option<Refused>,
}

/// A 429.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    /// `RateLimit-Reason`; empty when there is none.
    pub(super) reason: String,
    /// When Jira said how long to wait.
    pub(super) until: Option<Millis>,
}

impl Refused {
    pub(super) fn default_wait(&self) -> Millis {
        match self.reason.as_str() {
            "jira-burst-based" => BURST_WAIT,
            "jira-per-issue-on-write" => ISSUE_WAIT,
            _ => UNKNOWN_WAIT,
        }
    }
}

impl Told {
    /// `retry_after` is that header, understood already.
    pub(crate) fn read(status: u16, headers: &HeaderMap, retry_after: Option<Millis>, now: Millis) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let number = |name: &str| text(name).and_then(|value| value.parse::<u64>().ok());
        let quota = text("ratelimit").or(text("beta-ratelimit")).and_then(of_quota);
        let of_hour = number("x-ratelimit-limit").is_some_and(|limit| limit >= LEAST_BUDGET);
        let left = quota.or(number("x-ratelimit-remaining").filter(|_| of_hour));
        let is_near = of_hour && text("x-ratelimit-nearlimit").is_some_and(|near| near.eq_ignore_ascii_case("true"));
        let refused = (status == 429).then(|| Refused {
            reason: text("ratelimit-reason").unwrap_or_default().to_ascii_lowercase(),
            until: retry_after.map(|wait| now.saturating_add(wait.clamp(1000, LONGEST))),
        });
        Self { left: left.map(|left| u32::try_from(left).unwrap_or(u32::MAX)), is_near, refused }
    }
}

/// `"global-app-quota";r=12000;t=1830`: what is left of a quota. Several stand with commas between them.
fn of_quota(header: &str) -> Option<u64> {
    let quotas = header.split(',').filter(|item| item.contains("quota"));
    quotas.filter_map(|item| item.split(';').find_map(|part| part.trim().strip_prefix("r=")?.parse().ok())).min()
}
