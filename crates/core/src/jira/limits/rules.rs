//! Atlassian's numbers, and which of them a call falls under. The copies of "Rate limiting" that these were read from are of
//! August and October 2026.

use super::{Asked, Draw, Limit, Need, Note, Told, Window};
use crate::clock::Millis;
use crate::ids::TenantId;
use crate::jobs::Class;
use crate::settings::Limits;

const HOUR: Millis = 3_600_000;
const SECOND: Millis = 1000;
/// Calls a second of one site by one method to one endpoint.
const READS_AND_POSTS: u32 = 100;
const PUTS_AND_DELETES: u32 = 50;
/// An endpoint that was refused for its calls a second is called half as often for so long: Jira counts more than we know of.
const SLOW_MS: Millis = 60_000;
/// Writes of one issue: so many in so many milliseconds.
const ISSUE_WRITES: [(u32, Millis); 2] = [(20, 2000), (100, 30_000)];

/// How many points there are, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    points: u32,
    /// All sites draw on the same points.
    shared: bool,
    /// What work that nobody waits for may use.
    background: u32,
}

impl Rules {
    /// As the operator set them.
    pub fn new(limits: &Limits) -> Self {
        let percent = u64::from(limits.jira_background_percent);
        let background = u64::from(limits.jira_points_per_hour) * percent / 100;
        Self {
            points: limits.jira_points_per_hour,
            shared: limits.jira_points_shared,
            background: u32::try_from(background).unwrap_or(u32::MAX),
        }
    }

    /// What a call for this tenant needs.
    pub(super) fn need(&self, tenant: &TenantId, class: Class, call: &Asked) -> Need {
        let (most, limit) = match class {
            Class::Interactive => (self.points, Limit::Points),
            Class::Automatic | Class::Bulk => (self.background, Limit::Reserve),
        };
        let rate = if matches!(call.method(), "GET" | "POST") { READS_AND_POSTS } else { PUTS_AND_DELETES };
        let sliding = |meter: String, most, span, limit| {
            let window = Window::Sliding(span);
            Draw { meter, window, most, amount: 1, limit }
        };
        let mut stops = vec![everybody(), site(tenant)];
        let mut draws = vec![
            Draw { meter: self.meter(tenant), window: Window::Aligned(HOUR), most, amount: call.points(), limit },
            sliding(format!("burst:{tenant}:{}:{}", call.method(), call.endpoint()), rate, SECOND, Limit::Burst),
        ];
        if let Some(changed) = call.changes() {
            stops.push(issue(tenant, changed));
            draws.extend(ISSUE_WRITES.map(|(most, span)| {
                sliding(format!("writes:{tenant}:{changed}:{span}"), most, span, Limit::IssueWrites)
            }));
        }
        Need { stops, slow: Some(slow(tenant, call)), draws }
    }

    /// What an answer says about the meters; `more` are the points that it cost beyond what was asked for.
    pub(super) fn notes(&self, tenant: &TenantId, call: &Asked, told: &Told, more: u32, now: Millis) -> Vec<Note> {
        let meter = || self.meter(tenant);
        let mut notes = Vec::new();
        if more > 0 {
            notes.push(Note::Drawn { meter: meter(), span: HOUR, amount: more });
        }
        // Where Jira's own budget is larger than what the operator set, the operator's counts.
        if let Some(left) = told.left {
            notes.push(Note::AtLeast { meter: meter(), span: HOUR, drawn: self.points.saturating_sub(left) });
        }
        if told.is_near {
            notes.push(Note::AtLeast { meter: meter(), span: HOUR, drawn: self.background });
        }
        if let Some(refused) = &told.refused {
            let top_of_hour = now - now.rem_euclid(HOUR) + HOUR;
            let reset = refused.until.unwrap_or(top_of_hour);
            let soon = refused.until.unwrap_or(now + refused.default_wait());
            let (stop, until) = match refused.reason.as_str() {
                "jira-quota-global-based" => (everybody(), reset),
                "jira-quota-tenant-based" => (site(tenant), reset),
                "jira-per-issue-on-write" => match call.changes() {
                    Some(changed) => (issue(tenant, changed), soon),
                    None => (site(tenant), soon),
                },
                _ => (site(tenant), soon),
            };
            notes.push(Note::Stop { stop, until });
            if refused.reason == "jira-burst-based" {
                notes.push(Note::Stop { stop: slow(tenant, call), until: until.saturating_add(SLOW_MS) });
            }
        }
        notes
    }

    fn meter(&self, tenant: &TenantId) -> String {
        if self.shared { "points".to_owned() } else { format!("points:{tenant}") }
    }
}

fn everybody() -> String {
    "all".to_owned()
}

fn site(tenant: &TenantId) -> String {
    format!("site:{tenant}")
}

fn slow(tenant: &TenantId, call: &Asked) -> String {
    format!("slow:{tenant}:{}:{}", call.method(), call.endpoint())
}

fn issue(tenant: &TenantId, issue: &str) -> String {
    format!("issue:{tenant}:{issue}")
}
