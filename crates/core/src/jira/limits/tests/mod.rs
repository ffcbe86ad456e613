#![allow(clippy::unwrap_used, clippy::expect_used)]

mod meters;
mod rules;
mod shared;

use super::{Draw, Limit, Need, Rules, Window};
use crate::settings::Settings;

fn rules(more: &[(&str, &str)]) -> Rules {
    let environment = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Rules::new(&Settings::from_sources(None, environment).unwrap().limits)
}

fn draw(meter: &str, window: Window, most: u32, amount: u32) -> Need {
    let limit = Limit::Burst;
    Need { stops: Vec::new(), slow: None, draws: vec![Draw { meter: meter.to_owned(), window, most, amount, limit }] }
}
