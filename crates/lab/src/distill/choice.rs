//! The best of several answers to one story: fewest findings, then most of the story covered, then the earliest. When none
//! passed, the one that came furthest, so that its reason is the one to work on.

use std::cmp::Reverse;

use super::filters::Passed;
use super::reason::Rejection;

/// One answer and what the filters say of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// From 0.
    pub(crate) number: u32,
    /// As the teacher wrote it.
    pub(crate) text: String,
    /// See [`super::judge`].
    pub(crate) verdict: Result<Passed, Rejection>,
}

/// The one to keep; none of none.
pub(crate) fn best(samples: Vec<Sample>) -> Option<Sample> {
    // Shares as whole numbers can be put in order.
    let millionths = |share: f64| (share * 1e6) as i64;
    samples.into_iter().max_by_key(|sample| match &sample.verdict {
        Ok(passed) => (true, Reverse(passed.findings), millionths(passed.covered), None, Reverse(sample.number)),
        Err(rejection) => (false, Reverse(0), 0, Some(rejection.reason), Reverse(sample.number)),
    })
}

#[cfg(test)]
mod tests {
    use brine_core::gherkin::Language;

    use super::super::reason::Reason;
    use super::*;

    fn passed(number: u32, findings: usize, covered: f64) -> Sample {
        Sample {
            number,
            text: String::new(),
            verdict: Ok(Passed { criteria: String::new(), language: Language::En, findings, covered }),
        }
    }

    fn rejected(number: u32, reason: Reason) -> Sample {
        Sample { number, text: String::new(), verdict: Err(Rejection::new(reason, "")) }
    }

    fn kept(samples: &[Sample]) -> Option<u32> {
        best(samples.to_vec()).map(|sample| sample.number)
    }

    #[test]
    fn fewest_findings_then_most_covered_then_the_earliest() {
        assert_eq!(kept(&[]), None);
        assert_eq!(kept(&[passed(0, 2, 1.0), passed(1, 1, 0.6), passed(2, 1, 0.8)]), Some(2));
        assert_eq!(kept(&[passed(0, 1, 0.8), passed(1, 1, 0.8)]), Some(0));
        assert_eq!(kept(&[rejected(0, Reason::Lessons), passed(1, 9, 0.0)]), Some(1));
    }

    #[test]
    fn of_rejected_ones_the_one_that_came_furthest() {
        assert_eq!(kept(&[rejected(0, Reason::Parse), rejected(1, Reason::Cover), rejected(2, Reason::Tags)]), Some(1));
        assert_eq!(kept(&[rejected(0, Reason::Parse), rejected(1, Reason::Parse)]), Some(0));
    }
}
