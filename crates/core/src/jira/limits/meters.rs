//! Meters in memory: pure, with the time as an argument.

use std::collections::{HashMap, VecDeque};

use super::{Held, Limit};
use crate::clock::Millis;

/// How a meter's time runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Begins anew at each multiple of so many milliseconds since 1970: an hour's at the top of the UTC hour.
    Aligned(Millis),
    /// In any so many milliseconds, wherever they begin.
    Sliding(Millis),
}

/// What a call takes from one meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The meter's name.
    pub meter: String,
    /// How its time runs.
    pub window: Window,
    /// What may be drawn in one window.
    pub most: u32,
    /// How much is drawn.
    pub amount: u32,
    /// What to say when it is too much.
    pub limit: Limit,
}

/// All that a call needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// None of these may be stopped.
    pub stops: Vec<String>,
    /// While a stop of this name lasts, sliding meters take half as much.
    pub slow: Option<String>,
    /// Each of these must have enough left.
    pub draws: Vec<Draw>,
}

/// What an answer told of the meters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Nothing under this name before that time.
    Stop {
        /// Its name.
        stop: String,
        /// When it ends.
        until: Millis,
    },
    /// In this aligned window at least so much was drawn.
    AtLeast {
        /// The meter's name.
        meter: String,
        /// The length of its window.
        span: Millis,
        /// How much.
        drawn: u32,
    },
    /// So much more was drawn in this aligned window than was asked for.
    Drawn {
        /// The meter's name.
        meter: String,
        /// The length of its window.
        span: Millis,
        /// How much.
        amount: u32,
    },
}

/// So many names are kept without looking for those that have become idle.
const MANY: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Meters {
    stops: HashMap<String, Millis>,
    counts: HashMap<String, Count>,
    logs: HashMap<String, Log>,
}

#[derive(Debug, Default)]
struct Count {
    start: Millis,
    span: Millis,
    drawn: u32,
}

#[derive(Debug, Default)]
struct Log {
    span: Millis,
    times: VecDeque<Millis>,
}

impl Meters {
    pub(super) fn take(&mut self, need: &Need, now: Millis) -> Result<(), Held> {
        self.forget_idle(now);
        let stopped = need.stops.iter().filter_map(|stop| self.stops.get(stop)).filter(|until| **until > now);
        let stopped = stopped.map(|until| Held { until: *until, by: Limit::Asked });
        let mut held: Vec<Held> = stopped.collect();
        let is_slow = need.slow.as_ref().and_then(|slow| self.stops.get(slow)).is_some_and(|until| *until > now);
        held.extend(need.draws.iter().filter_map(|draw| self.short(draw, is_slow, now)));
        if let Some(held) = held.into_iter().max_by_key(|held| held.until) {
            return Err(held);
        }
        self.draw(need, now);
        Ok(())
    }

    /// Draws without asking.
    pub(super) fn draw(&mut self, need: &Need, now: Millis) {
        for draw in &need.draws {
            match draw.window {
                Window::Aligned(span) => {
                    let count = self.count(&draw.meter, span, now);
                    count.drawn = count.drawn.saturating_add(draw.amount);
                }
                Window::Sliding(span) => {
                    let log = self.log(&draw.meter, span, now);
                    log.times.extend((0..draw.amount).map(|_| now));
                }
            }
        }
    }

    pub(super) fn note(&mut self, note: &Note, now: Millis) {
        match note {
            Note::Stop { stop, until } => {
                let ends = self.stops.entry(stop.clone()).or_insert(*until);
                *ends = (*ends).max(*until);
            }
            Note::AtLeast { meter, span, drawn } => {
                let count = self.count(meter, *span, now);
                count.drawn = count.drawn.max(*drawn);
            }
            Note::Drawn { meter, span, amount } => {
                let count = self.count(meter, *span, now);
                count.drawn = count.drawn.saturating_add(*amount);
            }
        }
    }

    fn short(&mut self, draw: &Draw, is_slow: bool, now: Millis) -> Option<Held> {
        let until = match draw.window {
            Window::Aligned(span) => {
                let count = self.count(&draw.meter, span, now);
                (count.drawn.saturating_add(draw.amount) > draw.most).then(|| count.start + span)
            }
            Window::Sliding(span) => {
                let log = self.log(&draw.meter, span, now);
                let most = if is_slow { (draw.most / 2).max(draw.amount) } else { draw.most };
                let too_many = (log.times.len() + draw.amount as usize).checked_sub(most as usize)?;
                // So many of the oldest have to be over first.
                let last = log.times.get(too_many.checked_sub(1)?).copied().unwrap_or(now);
                Some(last + span)
            }
        };
        until.map(|until| Held { until, by: draw.limit })
    }

    fn count(&mut self, meter: &str, span: Millis, now: Millis) -> &mut Count {
        let start = now - now.rem_euclid(span);
        let count = self.counts.entry(meter.to_owned()).or_default();
        if count.start != start || count.span != span {
            *count = Count { start, span, drawn: 0 };
        }
        count
    }

    fn log(&mut self, meter: &str, span: Millis, now: Millis) -> &mut Log {
        let log = self.logs.entry(meter.to_owned()).or_default();
        log.span = span;
        while log.times.front().is_some_and(|time| *time + span <= now) {
            log.times.pop_front();
        }
        log
    }

    fn forget_idle(&mut self, now: Millis) {
        if self.logs.len() + self.counts.len() + self.stops.len() < MANY {
            return;
        }
        self.stops.retain(|_, until| *until > now);
        self.counts.retain(|_, count| count.start + count.span > now);
        self.logs.retain(|_, log| log.times.back().is_some_and(|time| *time + log.span > now));
    }
}
