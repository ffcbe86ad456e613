//! What callers ask for, handed to the one who gathers it; and what happens to a ticket whose taker has left.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, oneshot};

use super::super::Ticket;
use super::gather;
use super::link::SHORT;
use super::steps::{Note, STEP, Steps};
use crate::ids::TenantId;

/// Calls that may wait; later ones wait to wait.
const WAITING: usize = 1024;
/// Between two tries to reach who gathers, who ends with the process alone.
const PAUSE: Duration = Duration::from_secs(1);

/// Whom all of the process ask.
pub(super) struct Taker {
    pub(super) steps: Arc<Steps>,
    asks: mpsc::Sender<Ask>,
}

/// What is asked of Redis.
pub(super) enum Ask {
    /// To add tickets. Answered with whether all were added.
    Add(Vec<Ticket>, oneshot::Sender<bool>),
    /// Nobody may wait for an answer.
    Note(Note, Option<oneshot::Sender<bool>>),
    /// Tenant, and member of one of its lines.
    Remove(TenantId, Vec<u8>, oneshot::Sender<bool>),
    /// Answered when there is a ticket.
    Take(oneshot::Sender<Handed>),
    /// Answered at once: none when there is none.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests look at what is there"))]
    Look(oneshot::Sender<Handed>),
}

/// A ticket on its way to the caller of `pop`: given back if that one has left.
pub(super) struct Handed {
    ticket: Option<Ticket>,
    steps: Arc<Steps>,
}

impl Taker {
    pub(super) fn new(steps: Steps, bell: Arc<Notify>) -> Self {
        let steps = Arc::new(steps);
        let (asks, asked) = mpsc::channel(WAITING);
        // It ends when all who ask are gone and what they asked for is done.
        tokio::spawn(gather::gather(Arc::clone(&steps), asked, bell));
        Self { steps, asks }
    }

    /// Whether they were added.
    pub(super) async fn add(&self, tickets: Vec<Ticket>) -> bool {
        self.ask_shortly(|answer| Ask::Add(tickets, answer)).await
    }

    /// Adds many; the next comparison with the store adds what this can't.
    pub(super) async fn add_all(&self, tickets: Vec<Ticket>) {
        let mut tickets = tickets.into_iter();
        loop {
            let some: Vec<_> = tickets.by_ref().take(STEP).collect();
            if some.is_empty() || !self.add(some).await {
                return;
            }
        }
    }

    pub(super) async fn remove(&self, tenant: TenantId, member: Vec<u8>) {
        self.ask_shortly(|answer| Ask::Remove(tenant, member, answer)).await;
    }

    pub(super) async fn note(&self, note: Note) {
        self.ask_shortly(|answer| Ask::Note(note, Some(answer))).await;
    }

    /// Notes it before anything that is asked for after this.
    pub(super) async fn note_soon(&self, note: Note) {
        if let Err(mpsc::error::TrySendError::Full(ask)) = self.asks.try_send(Ask::Note(note, None)) {
            let _ = tokio::time::timeout(self.steps.link.patience(SHORT), self.asks.send(ask)).await;
        }
    }

    /// Waits for a ticket.
    pub(super) async fn take(&self) -> Ticket {
        loop {
            if let Some(ticket) = self.ask(Ask::Take).await.and_then(Handed::ticket) {
                return ticket;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    #[cfg(test)]
    pub(super) async fn look(&self) -> Option<Ticket> {
        self.ask(Ask::Look).await.and_then(Handed::ticket)
    }

    async fn ask<A>(&self, ask: impl FnOnce(oneshot::Sender<A>) -> Ask) -> Option<A> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(ask(answer)).await.ok()?;
        answered.await.ok()
    }

    /// Others of the process wait for a ticket for longer: nobody waits behind them for more than an answer of its own may take. What
    /// was asked is done all the same, later.
    async fn ask_shortly(&self, ask: impl FnOnce(oneshot::Sender<bool>) -> Ask) -> bool {
        let patience = self.steps.link.patience(SHORT);
        tokio::time::timeout(patience, self.ask(ask)).await.ok().flatten().unwrap_or(false)
    }
}

impl Handed {
    pub(super) fn new(ticket: Ticket, steps: Arc<Steps>) -> Self {
        Self { ticket: Some(ticket), steps }
    }

    fn ticket(mut self) -> Option<Ticket> {
        self.ticket.take()
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        if let (Some(ticket), Ok(runtime)) = (self.ticket.take(), Handle::try_current()) {
            let steps = Arc::clone(&self.steps);
            runtime.spawn(async move { steps.give_back(ticket).await });
        }
    }
}
