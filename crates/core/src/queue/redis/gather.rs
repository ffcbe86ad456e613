//! Gathers what all of the process ask for: what comes while a step is under way goes together in the next one. Whoever waits for a
//! ticket is asked for with every step, so that what the process itself adds needs no bell to be found.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use super::super::LONGEST_NAP_MS;
use super::steps::{Done, STEP, Step, Steps};
use super::take::{Ask, Handed};

/// Nobody sleeps longer: a ring of the bell may be lost.
const IDLE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// So many share a step: other processes wait for less than a few milliseconds.
const SHARE: usize = 128;
/// So often others of the process go first before a step begins: most who were just answered have something to ask again, and a
/// step costs as much as a few who share it. Alone, that is no time at all.
const COURTESY: usize = 2;

struct Gather {
    steps: Arc<Steps>,
    step: Step,
    /// Who waits to be told that it was done.
    told: Vec<oneshot::Sender<bool>>,
    waiting: VecDeque<oneshot::Sender<Handed>>,
    lookers: VecDeque<oneshot::Sender<Handed>>,
    /// When to ask for those who wait, if nothing happens until then.
    look_at: Instant,
    /// Redis is not asked for tickets before this.
    not_before: Instant,
    pause: Duration,
}

/// Answers for good. What is under way is finished even when all callers have left.
pub(super) async fn gather(steps: Arc<Steps>, mut asks: mpsc::Receiver<Ask>, bell: Arc<Notify>) {
    let now = Instant::now();
    let mut gather = Gather {
        steps,
        step: Step::default(),
        told: Vec::new(),
        waiting: VecDeque::new(),
        lookers: VecDeque::new(),
        look_at: now,
        not_before: now,
        pause: FIRST_PAUSE,
    };
    let mut asked = Vec::with_capacity(SHARE);
    loop {
        tokio::select! {
            biased;
            many = asks.recv_many(&mut asked, SHARE) => if many == 0 { return },
            () = bell.notified(), if !gather.waiting.is_empty() => {}
            () = tokio::time::sleep_until(gather.look_at), if !gather.waiting.is_empty() => {}
        }
        for _ in 0..COURTESY {
            tokio::task::yield_now().await;
        }
        while asked.len() < 2 * SHARE
            && let Ok(ask) = asks.try_recv()
        {
            asked.push(ask);
        }
        for ask in asked.drain(..) {
            if gather.is_too_much(&ask) {
                gather.run().await;
            }
            gather.add(ask);
        }
        gather.run().await;
    }
}

impl Gather {
    /// For one step, with what is gathered already.
    fn is_too_much(&self, ask: &Ask) -> bool {
        matches!(ask, Ask::Add(tickets, _) if self.step.tickets.len() + tickets.len() > STEP)
    }

    fn add(&mut self, ask: Ask) {
        match ask {
            Ask::Add(mut tickets, answer) => {
                self.step.tickets.append(&mut tickets);
                self.told.push(answer);
            }
            Ask::Note(note, answer) => {
                self.step.notes.push(note);
                self.told.extend(answer);
            }
            Ask::Remove(tenant, member, answer) => {
                self.step.removals.push((tenant, member));
                self.told.push(answer);
            }
            Ask::Take(taker) => self.waiting.push_back(taker),
            Ask::Look(looker) => self.lookers.push_back(looker),
        }
    }

    async fn run(&mut self) {
        loop {
            self.waiting.retain(|taker| !taker.is_closed());
            let is_paused = !self.lookers.is_empty() || self.not_before > Instant::now();
            let asks = if is_paused { 0 } else { self.waiting.len() };
            self.step.takes = (asks + self.lookers.len()).min(SHARE);
            let step = std::mem::take(&mut self.step);
            if step.takes == 0 && step.notes.is_empty() && step.removals.is_empty() && step.tickets.is_empty() {
                return;
            }
            let done = self.steps.run(&step).await;
            let added = done.as_ref().is_ok_and(|done| done.added);
            for teller in self.told.drain(..) {
                // The caller may have left.
                let _ = teller.send(added);
            }
            match done {
                Ok(done) => {
                    let is_all = done.taken.len() == step.takes;
                    self.hand_out(done, step.takes > 0);
                    // More may wait than share a step.
                    if step.takes == 0 || !is_all || self.waiting.is_empty() {
                        return;
                    }
                }
                // The outage was logged.
                Err(_) if step.takes > 0 => {
                    self.lookers.clear();
                    self.not_before = Instant::now() + self.pause.mul_f64(rand::random_range(0.5..=1.0));
                    self.look_at = self.not_before;
                    self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                    return;
                }
                Err(_) => return,
            }
        }
    }

    fn hand_out(&mut self, done: Done, has_asked: bool) {
        for ticket in done.taken {
            let handed = Handed::new(ticket, Arc::clone(&self.steps));
            if let Some(taker) = self.lookers.pop_front().or_else(|| self.waiting.pop_front()) {
                // What comes back is dropped, and with that the ticket is given back.
                let _ = taker.send(handed);
            }
        }
        self.lookers.clear();
        self.pause = FIRST_PAUSE;
        let now = Instant::now();
        if !has_asked {
            // Redis answers, so that nobody needs to wait for it any longer.
            if self.not_before > now {
                (self.not_before, self.look_at) = (now, now);
            }
            return;
        }
        let nap = done.next.map_or(IDLE, |time| {
            let nap = (time - self.steps.clock.now()).clamp(1, LONGEST_NAP_MS);
            Duration::from_millis(nap.unsigned_abs())
        });
        self.look_at = now + nap;
    }
}
