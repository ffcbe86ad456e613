//! Meters in memory.

use proptest::prelude::*;

use super::draw;
use crate::jira::limits::meters::Meters;
use crate::jira::limits::{Limit, Need, Note, Window};

const HOUR: i64 = 3_600_000;
/// Half past some hour.
const NOW: i64 = 490_000 * HOUR + HOUR / 2;

#[test]
fn an_hours_points_come_back_at_the_top_of_the_hour() {
    let mut meters = Meters::default();
    let need = draw("points", Window::Aligned(HOUR), 10, 4);
    assert!(meters.take(&need, NOW).is_ok() && meters.take(&need, NOW + 1).is_ok());
    let held = meters.take(&need, NOW + 2).unwrap_err();
    assert_eq!((held.until, held.by), (NOW + HOUR / 2, Limit::Burst));
    // What is refused takes nothing.
    assert!(meters.take(&draw("points", Window::Aligned(HOUR), 10, 2), NOW + 3).is_ok());
    assert!(meters.take(&need, held.until - 1).is_err());
    assert!(meters.take(&need, held.until).is_ok());
}

#[test]
fn nothing_is_taken_unless_all_can_be() {
    let mut meters = Meters::default();
    let mut both = draw("a", Window::Sliding(1000), 1, 1);
    both.draws.extend(draw("b", Window::Sliding(5000), 1, 1).draws);
    meters.take(&draw("b", Window::Sliding(5000), 1, 1), NOW).unwrap();
    assert_eq!(meters.take(&both, NOW + 10).unwrap_err().until, NOW + 5000);
    assert!(meters.take(&draw("a", Window::Sliding(1000), 1, 1), NOW + 10).is_ok(), "a was not touched");
}

#[test]
fn a_stop_holds_those_that_name_it_until_it_ends() {
    let mut meters = Meters::default();
    let named = Need { stops: vec!["site:t".to_owned()], slow: None, draws: Vec::new() };
    let stop = |until| Note::Stop { stop: "site:t".to_owned(), until };
    meters.note(&stop(NOW + 500), NOW);
    meters.note(&stop(NOW + 100), NOW);
    let held = meters.take(&named, NOW + 200).unwrap_err();
    assert_eq!((held.until, held.by), (NOW + 500, Limit::Asked), "the longer one counts");
    assert!(meters.take(&Need::default(), NOW).is_ok());
    assert!(meters.take(&named, NOW + 500).is_ok());
}

#[test]
fn what_is_slow_takes_half_as_much_and_at_least_one_call() {
    let mut meters = Meters::default();
    let slow =
        |most| Need { slow: Some("slow:t".to_owned()), ..draw(&format!("m{most}"), Window::Sliding(1000), most, 1) };
    meters.note(&Note::Stop { stop: "slow:t".to_owned(), until: NOW + 500 }, NOW);
    for most in [1, 6] {
        let taken = (0..10).filter(|_| meters.take(&slow(most), NOW).is_ok()).count();
        assert_eq!(taken, (most / 2).max(1) as usize);
    }
    let taken = (0..10).filter(|_| meters.take(&slow(6), NOW + 500).is_ok()).count();
    assert_eq!(taken, 3, "all six again when it has ended");
}

#[test]
fn what_jira_counted_counts() {
    let mut meters = Meters::default();
    let need = draw("points", Window::Aligned(HOUR), 100, 1);
    let at_least = |drawn| Note::AtLeast { meter: "points".to_owned(), span: HOUR, drawn };
    meters.note(&at_least(99), NOW);
    meters.note(&at_least(5), NOW);
    assert!(meters.take(&need, NOW).is_ok());
    assert!(meters.take(&need, NOW).is_err());
    let mut meters = Meters::default();
    meters.note(&Note::Drawn { meter: "points".to_owned(), span: HOUR, amount: 100 }, NOW);
    assert!(meters.take(&need, NOW).is_err());
}

#[test]
fn names_that_are_idle_are_forgotten() {
    let mut meters = Meters::default();
    for number in 0..20_000 {
        meters.take(&draw(&format!("m{number}"), Window::Sliding(10), 1, 1), NOW + number).unwrap();
    }
    assert!(format!("{meters:?}").len() < 1_000_000, "they are all still there");
}

proptest! {
    /// Wherever a window is laid, no more than the limit lies in it; and who waits as long as told gets through.
    #[test]
    fn no_window_ever_holds_more_than_its_most(most in 1u32..6, span in 1i64..50, pauses in prop::collection::vec(0i64..20, 1..80)) {
        let mut meters = Meters::default();
        let need = draw("m", Window::Sliding(span), most, 1);
        let (mut now, mut taken) = (NOW, Vec::new());
        for pause in pauses {
            now += pause;
            match meters.take(&need, now) {
                Ok(()) => taken.push(now),
                Err(held) => {
                    prop_assert!(held.until > now && held.until <= now + span);
                    prop_assert!(meters.take(&need, held.until - 1).is_err());
                    now = held.until;
                    prop_assert!(meters.take(&need, now).is_ok());
                    taken.push(now);
                }
            }
        }
        for (at, first) in taken.iter().enumerate() {
            let within = taken[at..].iter().filter(|time| **time < first + span).count();
            prop_assert!(within <= most as usize, "{within} of {most} in {span} ms: {taken:?}");
        }
    }
}
