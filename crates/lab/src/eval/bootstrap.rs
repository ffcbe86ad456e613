//! Intervals by resampling stories (bootstrap): how far a value would move had other stories of the same kind been asked.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Serialize;

/// Resamples of an interval.
pub const RESAMPLES: usize = 1000;
/// What lies outside of a 95 % interval on each side.
const TAIL: f64 = 0.025;

/// How the values of stories become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// For shares.
    Mean,
    /// For times and counts, which have long tails.
    Median,
}

/// A value with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Over all stories that have one.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Stories that have a value.
    pub stories: usize,
}

/// Draws of stories, the same ones for every measure and arm, so that differences between arms are paired.
pub struct Resamples {
    draws: Vec<Vec<usize>>,
}

impl Resamples {
    /// [`RESAMPLES`] draws of as many stories as there are, with replacement.
    pub fn new(stories: usize, seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        let mut draw = || (0..stories).map(|_| chance.random_range(0..stories)).collect();
        Self { draws: (0..RESAMPLES).map(|_| draw()).collect() }
    }

    /// The statistic of one value a story; stories without one are passed over. None when no story has one.
    pub fn estimate(&self, values: &[Option<f64>], statistic: Statistic) -> Option<Estimate> {
        let of = |stories: &mut dyn Iterator<Item = usize>| {
            statistic.of(stories.filter_map(|story| *values.get(story)?).collect())
        };
        self.spread(values.len(), values.iter().flatten().count(), of)
    }

    /// The mean over what stories hold several of: each has a mean and its weight. A heavy story weighs more, as it does in
    /// the mean over all scenarios.
    pub fn weighted(&self, values: &[Option<(f64, f64)>]) -> Option<Estimate> {
        let of = |stories: &mut dyn Iterator<Item = usize>| mean_of(values, stories);
        self.spread(values.len(), values.iter().flatten().count(), of)
    }

    /// The difference of two such means over the stories that have both.
    pub fn weighted_difference(&self, a: &[Option<(f64, f64)>], b: &[Option<(f64, f64)>]) -> Option<Estimate> {
        let both: Vec<_> = a.iter().zip(b).map(|(a, b)| Some(((*a)?, (*b)?))).collect();
        let one: Vec<_> = both.iter().map(|both| both.map(|(a, _)| a)).collect();
        let other: Vec<_> = both.iter().map(|both| both.map(|(_, b)| b)).collect();
        let of = |stories: &mut dyn Iterator<Item = usize>| {
            let stories: Vec<usize> = stories.collect();
            let of = |values| mean_of(values, &mut stories.iter().copied());
            Some(of(&one)? - of(&other)?)
        };
        self.spread(both.len(), both.iter().flatten().count(), of)
    }

    /// A value of all stories, and the middle 95 % of what the resamples say.
    fn spread(
        &self,
        stories: usize,
        present: usize,
        of: impl Fn(&mut dyn Iterator<Item = usize>) -> Option<f64>,
    ) -> Option<Estimate> {
        let value = of(&mut (0..stories))?;
        let mut spread: Vec<f64> = self.draws.iter().filter_map(|draw| of(&mut draw.iter().copied())).collect();
        spread.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * (spread.len().max(1) - 1) as f64).round() as usize;
            spread.get(place).copied().unwrap_or(value)
        };
        Some(Estimate { value, low: at(TAIL), high: at(1.0 - TAIL), stories: present })
    }

    /// The difference `a - b`, story by story, of those that have both.
    pub fn difference(&self, a: &[Option<f64>], b: &[Option<f64>], statistic: Statistic) -> Option<Estimate> {
        let pairs: Vec<Option<f64>> = a.iter().zip(b).map(|(a, b)| Some((*a)? - (*b)?)).collect();
        self.estimate(&pairs, statistic)
    }
}

fn mean_of(values: &[Option<(f64, f64)>], stories: &mut dyn Iterator<Item = usize>) -> Option<f64> {
    let (mut sum, mut weight) = (0.0, 0.0);
    for (value, of) in stories.filter_map(|story| *values.get(story)?) {
        sum += value * of;
        weight += of;
    }
    (weight > 0.0).then(|| sum / weight)
}

impl Estimate {
    /// The interval leaves zero out.
    pub fn clear(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

impl Statistic {
    fn of(self, mut values: Vec<f64>) -> Option<f64> {
        if values.is_empty() {
            return None;
        }
        match self {
            Statistic::Mean => Some(values.iter().sum::<f64>() / values.len() as f64),
            Statistic::Median => {
                values.sort_by(f64::total_cmp);
                let middle = values.len() / 2;
                let upper = *values.get(middle)?;
                if values.len() % 2 == 1 {
                    return Some(upper);
                }
                Some((upper + values.get(middle.checked_sub(1)?)?) / 2.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn the_interval_of_a_rate_is_about_that_of_the_binomial() {
        // 100 stories, 30 % of them 1: the standard error is 0.0458.
        let values: Vec<Option<f64>> = (0..100).map(|story| Some(if story % 10 < 3 { 1.0 } else { 0.0 })).collect();
        let estimate = Resamples::new(100, 1).estimate(&values, Statistic::Mean).unwrap();
        assert!((estimate.value - 0.3).abs() < 1e-9);
        assert!((estimate.low - 0.21).abs() < 0.02 && (estimate.high - 0.39).abs() < 0.02, "{estimate:?}");
    }

    #[test]
    fn pairing_makes_a_small_constant_difference_clear() {
        let a: Vec<Option<f64>> = (0..50).map(|story| Some(f64::from(story))).collect();
        let b: Vec<Option<f64>> = a.iter().map(|value| value.map(|value| value - 0.1)).collect();
        let resamples = Resamples::new(50, 1);
        let difference = resamples.difference(&a, &b, Statistic::Mean).unwrap();
        assert!((difference.low - 0.1).abs() < 1e-6 && difference.clear());
        let noise = resamples.difference(&a, &a.iter().rev().copied().collect::<Vec<_>>(), Statistic::Mean).unwrap();
        assert!(!noise.clear(), "{noise:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let values = some(&[0.1, 0.9, 0.4, 0.3, 0.8, 0.2]);
        let of = |seed| Resamples::new(6, seed).estimate(&values, Statistic::Mean);
        assert_eq!(of(4), of(4));
        assert_ne!(of(4), of(5));
    }

    #[test]
    fn stories_without_a_value_are_passed_over_and_medians_ignore_tails() {
        let resamples = Resamples::new(4, 1);
        let estimate = resamples.estimate(&[Some(1.0), None, Some(2.0), Some(900.0)], Statistic::Median).unwrap();
        assert_eq!((estimate.value, estimate.stories), (2.0, 3));
        assert_eq!(resamples.estimate(&[None, None, None, None], Statistic::Mean), None);
        assert_eq!(resamples.estimate(&some(&[1.0, 2.0]), Statistic::Median).unwrap().value, 1.5);
    }

    #[test]
    fn a_long_story_weighs_more_than_a_short_one() {
        let resamples = Resamples::new(3, 1);
        let values = [Some((10.0, 1.0)), Some((4.0, 5.0)), None];
        let estimate = resamples.weighted(&values).unwrap();
        assert_eq!((estimate.value, estimate.stories), (5.0, 2));
        assert!(estimate.low >= 4.0 && estimate.high <= 10.0, "{estimate:?}");
        let other = [Some((9.0, 1.0)), Some((3.0, 5.0)), Some((0.0, 9.0))];
        let difference = resamples.weighted_difference(&values, &other).unwrap();
        assert!((difference.value - 1.0).abs() < 1e-9 && difference.clear(), "{difference:?}");
        assert_eq!(resamples.weighted(&[None, None, None]), None);
    }
}
