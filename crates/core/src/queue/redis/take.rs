//! Adding, taking and noting, gathered from all of the process who do it at the same time; and what happens to a ticket whose taker
//! has left.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::super::{LONGEST_NAP_MS, Ticket};
use super::link::SHORT;
use super::steps::{Note, Steps, Taken};
use crate::together::Together;

/// Nobody sleeps longer: a ring of the bell may be lost.
const IDLE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// So many share a step: other processes wait for less than a few milliseconds.
const SHARE: usize = 64;

/// What adding, noting and taking need.
pub(super) struct Taker {
    pub(super) steps: Arc<Steps>,
    together: Together<Ask, Answer>,
    bell: Arc<Notify>,
}

/// What is asked of Redis.
enum Ask {
    Push(Vec<Ticket>),
    Note(Note),
    Take,
}

enum Answer {
    /// Whether all that were added at the same time were added.
    Pushed(bool),
    Noted,
    /// None when Redis does not answer.
    Taken(Option<Handed>),
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
        let together = Together::start(SHARE, {
            let steps = Arc::clone(&steps);
            move |asked| answer(Arc::clone(&steps), asked)
        });
        Self { steps, together, bell }
    }

    /// Whether they were added.
    pub(super) async fn push(&self, tickets: Vec<Ticket>) -> bool {
        matches!(self.ask_shortly(Ask::Push(tickets)).await, Some(Answer::Pushed(true)))
    }

    /// None when Redis does not answer.
    pub(super) async fn take(&self) -> Option<Taken> {
        match self.together.ask(Ask::Take).await? {
            Answer::Taken(handed) => handed?.taken.take(),
            Answer::Pushed(_) | Answer::Noted => None,
        }
    }

    pub(super) async fn note(&self, note: Note) {
        self.ask_shortly(Ask::Note(note)).await;
    }

    /// Others of the process wait for a ticket for longer: nobody waits behind them for more than an answer of its own may take. What
    /// was asked is done all the same, later.
    async fn ask_shortly(&self, ask: Ask) -> Option<Answer> {
        let patience = self.steps.link.patience(SHORT);
        tokio::time::timeout(patience, self.together.ask(ask)).await.ok().flatten()
    }
}

/// Sends all at once, in this order: what is added or has ended counts when tickets are taken.
async fn answer(steps: Arc<Steps>, asked: Vec<Ask>) -> Vec<Answer> {
    let (mut tickets, mut notes, mut takes) = (Vec::new(), Vec::new(), 0);
    let mut answers = Vec::with_capacity(asked.len());
    for ask in asked {
        answers.push(match ask {
            Ask::Push(mut some) => {
                tickets.append(&mut some);
                Answer::Pushed(false)
            }
            Ask::Note(note) => {
                notes.push(note);
                Answer::Noted
            }
            Ask::Take => {
                takes += 1;
                Answer::Taken(None)
            }
        });
    }
    let (pushed, (), taken) = tokio::join!(biased; steps.push(&tickets), steps.note(&notes), steps.take(takes));
    let mut taken = taken.unwrap_or_default().into_iter();
    for answer in &mut answers {
        match answer {
            Answer::Pushed(all) => *all = pushed,
            Answer::Noted => {}
            Answer::Taken(handed) => {
                *handed = taken.next().map(|taken| Handed { taken: Some(taken), steps: Arc::clone(&steps) });
            }
        }
    }
    answers
}

impl Drop for Handed {
    fn drop(&mut self) {
        if let (Some(Taken::Ticket(ticket)), Ok(runtime)) = (self.taken.take(), Handle::try_current()) {
            let steps = Arc::clone(&self.steps);
            runtime.spawn(async move { steps.give_back(ticket).await });
        }
    }
}
