//! How many stories a site has written on a day. Days begin at midnight UTC, for every site alike.

use super::Class;
use crate::clock::Millis;

const DAY_MS: Millis = 24 * 3_600_000;
/// Of a day's stories, one in so many is kept for people who wait in front of the panel: bulk runs leave it.
const KEPT_FOR_PEOPLE: u32 = 5;

/// The most stories that may be begun on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoryQuota {
    /// None: no limit.
    pub per_day: Option<u32>,
}

/// A job that may not begin today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaUsedUp {
    /// The quota that it met.
    pub per_day: u32,
    /// When it goes on.
    pub until: Millis,
}

impl StoryQuota {
    /// The smaller of what a site's administrators allow and what the operator of this Brine allows.
    pub fn of(site: Option<u32>, operator: Option<u32>) -> Self {
        let per_day = match (site, operator) {
            (Some(site), Some(operator)) => Some(site.min(operator)),
            (one, other) => one.or(other),
        };
        Self { per_day }
    }

    /// How many stories may have been begun today when one of this class begins: it must be fewer.
    pub fn allowance(self, class: Class) -> Option<u32> {
        self.per_day.map(|per_day| match class {
            Class::Bulk => per_day - per_day / KEPT_FOR_PEOPLE,
            Class::Interactive | Class::Automatic => per_day,
        })
    }

    /// Whether a story of this class may begin after `today` others.
    pub fn check(self, class: Class, today: u32, now: Millis) -> Result<(), QuotaUsedUp> {
        match (self.per_day, self.allowance(class)) {
            (Some(per_day), Some(allowance)) if today >= allowance => {
                Err(QuotaUsedUp { per_day, until: next_day(now) })
            }
            _ => Ok(()),
        }
    }
}

impl QuotaUsedUp {
    /// One sentence for the person who waits.
    pub fn reason(self, class: Class) -> String {
        let kept = if class == Class::Bulk { ", but for those that are kept for people who wait" } else { "" };
        let quota = self.per_day;
        format!("this site's stories for today are used up ({quota} a day{kept}); it goes on at midnight UTC")
    }
}

/// The number of the day: days since 1970, UTC.
pub fn day_of(now: Millis) -> i64 {
    now.div_euclid(DAY_MS)
}

/// When the next day begins.
pub fn next_day(now: Millis) -> Millis {
    day_of(now).saturating_add(1).saturating_mul(DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-26T00:00:00Z.
    const MIDNIGHT: Millis = 1_795_651_200_000;

    #[test]
    fn a_day_begins_at_midnight_utc() {
        assert_eq!(day_of(MIDNIGHT), day_of(MIDNIGHT + DAY_MS - 1));
        assert_eq!(day_of(MIDNIGHT - 1) + 1, day_of(MIDNIGHT));
        assert_eq!(next_day(MIDNIGHT), MIDNIGHT + DAY_MS);
        assert_eq!(next_day(MIDNIGHT - 1), MIDNIGHT);
        assert_eq!((day_of(-1), next_day(-1)), (-1, 0));
    }

    #[test]
    fn the_smaller_of_two_limits_counts() {
        let of = |site, operator| StoryQuota::of(site, operator).per_day;
        assert_eq!(of(None, None), None);
        assert_eq!(of(Some(5), None), Some(5));
        assert_eq!(of(None, Some(7)), Some(7));
        assert_eq!(of(Some(5), Some(7)), Some(5));
        assert_eq!(of(Some(9), Some(7)), Some(7));
    }

    #[test]
    fn bulk_runs_leave_a_fifth_for_people() {
        let quota = StoryQuota { per_day: Some(10) };
        assert_eq!(quota.check(Class::Bulk, 7, MIDNIGHT), Ok(()));
        let used_up = quota.check(Class::Bulk, 8, MIDNIGHT).unwrap_err();
        assert_eq!(used_up, QuotaUsedUp { per_day: 10, until: MIDNIGHT + DAY_MS });
        for class in [Class::Interactive, Class::Automatic] {
            assert_eq!(quota.check(class, 9, MIDNIGHT), Ok(()));
            assert!(quota.check(class, 10, MIDNIGHT).is_err());
        }
        assert_eq!(StoryQuota { per_day: Some(4) }.check(Class::Bulk, 3, MIDNIGHT), Ok(()));
        assert_eq!(StoryQuota::default().check(Class::Bulk, u32::MAX, MIDNIGHT), Ok(()));
    }

    #[test]
    fn the_reason_says_when_it_goes_on() {
        let used_up = QuotaUsedUp { per_day: 20, until: MIDNIGHT };
        let reason = used_up.reason(Class::Automatic);
        assert_eq!(reason, "this site's stories for today are used up (20 a day); it goes on at midnight UTC");
        assert!(used_up.reason(Class::Bulk).contains("kept for people"));
    }
}
