//! How often a site and an address may call, how often Brine may call Jira, how many stories a site may have written, and how
//! long what a site left behind is kept.

use super::reader::Reader;

/// More than any machine of ours answers.
const MOST: u64 = 1_000_000;

/// Limits at the door, where bursts of ten seconds' worth are taken; and limits towards Jira.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls a second of one site; none: no limit.
    pub site_per_second: Option<u32>,
    /// Calls a second of one address that prove nothing; none: no limit.
    pub unproven_per_second: Option<u32>,
    /// Points that Jira gives the app in an hour.
    pub jira_points_per_hour: u32,
    /// All sites draw on the same points; otherwise each has so many of its own.
    pub jira_points_shared: bool,
    /// How much of them work may use that no person waits for. Percent.
    pub jira_background_percent: u8,
    /// Days for which a site's jobs, drafts and settings are kept after it uninstalled Brine.
    pub kept_days: u32,
    /// Stories of one site on a day; none: no limit.
    pub stories_per_day: Option<u32>,
    /// Stories of one bulk run.
    pub stories_per_run: u32,
}

pub(super) fn read(reader: &mut Reader) -> Option<Limits> {
    let rate = |number: Option<u64>| number.map(|number| u32::try_from(number).ok().filter(|rate| *rate > 0));
    let site = rate(reader.number("limits.site_per_second", 0..=MOST));
    let unproven = rate(reader.number("limits.unproven_per_second", 0..=MOST));
    let points = reader.number("limits.jira_points_per_hour", 100..=10_000_000);
    let shared = reader.switch("limits.jira_points_shared");
    let background = reader.number("limits.jira_background_percent", 1..=100);
    let kept_days = reader.number("limits.kept_days", 0..=3650);
    let stories_per_day = rate(reader.number("limits.stories_per_day", 0..=MOST));
    let stories_per_run = reader.number("limits.stories_per_run", 1..=MOST);
    Some(Limits {
        site_per_second: site?,
        unproven_per_second: unproven?,
        jira_points_per_hour: u32::try_from(points?).ok()?,
        jira_points_shared: shared?,
        jira_background_percent: u8::try_from(background?).ok()?,
        kept_days: u32::try_from(kept_days?).ok()?,
        stories_per_day: stories_per_day?,
        stories_per_run: u32::try_from(stories_per_run?).ok()?,
    })
}
