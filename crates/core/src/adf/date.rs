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

    proptest! {
        #[test]
        fn a_later_day_is_a_later_text(day in -700_000_i64..2_900_000) {
            let (this, next) = (iso_date(day * MILLIS_PER_DAY), iso_date((day + 1) * MILLIS_PER_DAY));
            prop_assert!(this.is_some() && this < next);
        }
    }
}
