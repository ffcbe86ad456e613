//! Days of the calendar, without a time zone: Jira's date nodes hold midnight UTC.

use crate::clock::Millis;

const MILLIS_PER_DAY: i64 = 24 * 60 * 60 * 1000;

/// The day in UTC as `YYYY-MM-DD`; none outside the years 0001 to 9999.
pub fn iso_date(time: Millis) -> Option<String> {
    // Days to a date by eras of 400 years that begin on 1 March (Howard Hinnant, "chrono-Compatible Low-Level Date
    // Algorithms"): the leap day is then the last of its year, and no table of months is needed.
    let days = time.div_euclid(MILLIS_PER_DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (1..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// The first instant of a day that is written as `YYYY-MM-DD`; none when there is no such day.
pub fn start_of_day(date: &str) -> Option<Millis> {
    let number = |range: std::ops::Range<usize>| date.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    // The other way round, in the same eras; the round trip refuses the 31st of April.
    let (year, month_from_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let time = (era * 146_097 + day_of_era - 719_468).checked_mul(MILLIS_PER_DAY)?;
    (iso_date(time).as_deref() == Some(date)).then_some(time)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_around_leap_years_and_the_ends() {
        let date = |seconds: i64| iso_date(seconds * 1000);
        assert_eq!(date(0).as_deref(), Some("1970-01-01"));
        assert_eq!(date(-1).as_deref(), Some("1969-12-31"));
        assert_eq!(date(951_782_400).as_deref(), Some("2000-02-29"));
        assert_eq!(date(951_868_800).as_deref(), Some("2000-03-01"));
        assert_eq!(date(4_107_542_400).as_deref(), Some("2100-03-01"));
        assert_eq!(date(1_735_689_600).as_deref(), Some("2025-01-01"));
        assert_eq!(date(1_767_225_599).as_deref(), Some("2025-12-31"));
        assert_eq!(date(253_402_300_799).as_deref(), Some("9999-12-31"));
        assert_eq!(date(253_402_300_800), None);
        assert_eq!(iso_date(i64::MIN), None);
        assert_eq!(iso_date(i64::MAX), None);
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in
            ["", "2026-02-29", "2026-04-31", "2026-13-01", "2026-1-1", "26-11-2026", "2026-11-26T00", "yesterday"]
        {
            assert_eq!(start_of_day(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_later_day_is_a_later_text(day in -700_000_i64..2_900_000) {
            let (this, next) = (iso_date(day * MILLIS_PER_DAY), iso_date((day + 1) * MILLIS_PER_DAY));
            prop_assert!(this.is_some() && this < next);
            prop_assert_eq!(this.as_deref().and_then(start_of_day), Some(day * MILLIS_PER_DAY));
        }
    }
}
