//! Jira's way to write a time.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970 (UTC).
pub(crate) fn now_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// Seconds since 1970 (UTC), as tokens carry them.
pub fn now_s() -> i64 {
    now_ms() / 1000
}

/// "2026-11-23T23:32:00.123+0000".
pub(crate) fn jira_time(ms: i64) -> String {
    let (days, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (h, m, s, milli) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{milli:03}+0000")
}

/// "2026-11-23 23:32", as the pages show it.
pub(crate) fn page_time(ms: i64) -> String {
    jira_time(ms).get(..16).unwrap_or_default().replace('T', " ")
}

/// Days since 1970 to a date of the Gregorian calendar (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_known_moments() {
        assert_eq!(jira_time(0), "1970-01-01T00:00:00.000+0000");
        assert_eq!(jira_time(951_782_400_000), "2000-02-29T00:00:00.000+0000");
        assert_eq!(jira_time(1_795_476_720_123), "2026-11-23T23:32:00.123+0000");
    }
}
