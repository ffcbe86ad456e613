//! Adding, taking and noting, gathered from all of the process who do it at the same time; and what happens to a ticket whose taker
//! has left.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::super::{LONGEST_NAP_MS, Ticket};
use super::steps::{Note, Steps, Taken};
use crate::together::Together;

/// Nobody sleeps longer: a ring of the bell may be lost.
const IDLE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// So many share a step: other processes wait for less than a few milliseconds.
const SHARE: usize = 32;

/// What adding and taking need.
pub(super) struct Taker {
    pub(super) steps: Arc<Steps>,
    pushes: Together<Vec<Ticket>, bool>,
    takes: Together<(), Option<Handed>>,
    notes: Together<Note, ()>,
    bell: Arc<Notify>,
}

/// What was taken on its way to the caller of `pop`: given back if that one has left.
struct Handed {
    taken: Option<Taken>,
    steps: Arc<Steps>,
}

/// Waits for a ticket.
pub(super) async fn pop(taker: &Taker) -> Ticket {
    let mut pause = FIRST_PAUSE;
    loop {
        match taker.take().await {
            Some(Taken::Ticket(ticket)) => {
                // Whoever takes a ticket wakes the next, who takes one or says that it sleeps.
                taker.bell.notify_one();
                return ticket;
            }
            Some(Taken::Nothing(next)) => {
                pause = FIRST_PAUSE;
                let nap = next.map_or(IDLE, |time| {
                    let nap = (time - taker.steps.clock.now()).clamp(1, LONGEST_NAP_MS);
                    Duration::from_millis(nap.unsigned_abs())
                });
                let _ = tokio::time::timeout(nap, taker.bell.notified()).await;
            }
            // The outage was logged.
            None => {
                tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..=1.0))).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

impl Taker {
    pub(super) fn new(steps: Steps, bell: Arc<Notify>) -> Self {
        let steps = Arc::new(steps);
        let (pushing, taking, noting) = (Arc::clone(&steps), Arc::clone(&steps), Arc::clone(&steps));
        Self {
            pushes: Together::start(SHARE, move |lists: Vec<Vec<Ticket>>| {
                let steps = Arc::clone(&pushing);
                async move {
                    let callers = lists.len();
                    let tickets: Vec<Ticket> = lists.into_iter().flatten().collect();
                    vec![steps.push(&tickets).await; callers]
                }
            }),
            takes: Together::start(SHARE, move |callers: Vec<()>| hand_out(Arc::clone(&taking), callers.len())),
            notes: Together::start(SHARE, move |notes: Vec<Note>| {
                let steps = Arc::clone(&noting);
                async move {
                    steps.note(&notes).await;
                    vec![(); notes.len()]
                }
            }),
            steps,
            bell,
        }
    }

    /// Whether they were added, and those of others who added at the same time.
    pub(super) async fn push(&self, tickets: Vec<Ticket>) -> bool {
        self.pushes.ask(tickets).await.unwrap_or(false)
    }

    /// None when Redis does not answer.
    pub(super) async fn take(&self) -> Option<Taken> {
        self.takes.ask(()).await.flatten()?.taken.take()
    }

    pub(super) async fn note(&self, note: Note) {
        self.notes.ask(note).await;
    }
}

async fn hand_out(steps: Arc<Steps>, callers: usize) -> Vec<Option<Handed>> {
    let handed = |taken| Some(Handed { taken: Some(taken), steps: Arc::clone(&steps) });
    match steps.take(callers).await {
        Ok(taken) => taken.into_iter().map(handed).collect(),
        Err(_) => std::iter::repeat_with(|| None).take(callers).collect(),
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        if let (Some(Taken::Ticket(ticket)), Ok(runtime)) = (self.taken.take(), Handle::try_current()) {
            let steps = Arc::clone(&self.steps);
            runtime.spawn(async move { steps.give_back(ticket).await });
        }
    }
}
