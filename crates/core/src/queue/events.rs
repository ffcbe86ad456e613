//! Progress of jobs, told to whoever listens. Nothing is kept: a listener first reads the store, and reads it again when it has
//! missed something.
//!
//! With a queue in Redis, progress is also told to the other processes. It goes without the words of story and criteria:
//! a story's text goes nowhere but the model, and who hears of progress reads the store anyway.

use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};

use crate::ids::{JobId, TenantId};
use crate::jobs::Progress;

/// More than all stages of all jobs that run at once; a listener that falls further behind reads the store.
const CAPACITY: usize = 1024;

/// A job has come further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobEvent {
    /// Whose.
    pub tenant: TenantId,
    /// Which job.
    pub job: JobId,
    /// Where it stands now.
    pub progress: Progress,
}

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// A job has come further. Told by another process, it names the stage without its words.
    Of(JobEvent),
    /// Something was missed: read the store again.
    Missed,
}

/// The channel. Clones are the same channel.
#[derive(Clone, Debug)]
pub struct Events {
    here: broadcast::Sender<Heard>,
    elsewhere: Option<mpsc::Sender<JobEvent>>,
}

/// Hears what is told from its making on, of all tenants: the caller picks its own.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<Heard>);

impl Events {
    /// A channel without listeners, of this process alone.
    pub fn new() -> Self {
        Self { here: broadcast::Sender::new(CAPACITY), elsewhere: None }
    }

    /// A channel whose events also come out of the receiver, without words, to be told to other processes.
    pub(super) fn with_elsewhere() -> (Self, mpsc::Receiver<JobEvent>) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        (Self { elsewhere: Some(sender), ..Self::new() }, receiver)
    }

    /// Tells those who listen now.
    pub fn publish(&self, event: JobEvent) {
        if let Some(elsewhere) = &self.elsewhere {
            // When too many wait to be told, others find this one in the store.
            let _ = elsewhere.try_send(JobEvent { progress: without_words(&event.progress), ..event.clone() });
        }
        self.tell_here(Heard::Of(event));
    }

    /// Tells those who listen in this process.
    pub(super) fn tell_here(&self, heard: Heard) {
        // An error means that nobody listens.
        let _ = self.here.send(heard);
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> Listener {
        Listener(self.here.subscribe())
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

impl Listener {
    /// The next thing that is told; waits for it.
    pub async fn next(&mut self) -> Heard {
        match self.0.recv().await {
            Ok(heard) => heard,
            Err(broadcast::error::RecvError::Lagged(_)) => Heard::Missed,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl Heard {
    /// The event, unless something was missed.
    pub fn event(self) -> Option<JobEvent> {
        match self {
            Self::Of(event) => Some(event),
            Self::Missed => None,
        }
    }
}

fn without_words(progress: &Progress) -> Progress {
    match progress.clone() {
        Progress::Writing { scenario, of, .. } => Progress::Writing { scenario, of, so_far: String::new() },
        Progress::Ended { state, draft, .. } => Progress::Ended { state, draft, error: None },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::jobs::JobState;

    fn event(progress: Progress) -> JobEvent {
        JobEvent { tenant: TenantId::new("a"), job: JobId::new("j"), progress }
    }

    #[tokio::test]
    async fn listeners_hear_of_progress_and_nobody_has_to_listen() {
        let events = Events::new();
        events.publish(event(Progress::Reading));
        let mut listener = events.clone().subscribe();
        events.publish(event(Progress::Checking));
        let heard = listener.next().await.event().unwrap();
        assert_eq!(heard, event(Progress::Checking), "what was said before is not repeated");
        events.tell_here(Heard::Missed);
        assert!(listener.next().await.event().is_none());
    }

    #[tokio::test]
    async fn who_falls_far_behind_is_told_that_something_was_missed() {
        let events = Events::new();
        let mut listener = events.subscribe();
        for _ in 0..=CAPACITY {
            events.publish(event(Progress::Reading));
        }
        assert!(listener.next().await.event().is_none());
        assert!(listener.next().await.event().is_some());
    }

    #[tokio::test]
    async fn no_word_of_a_story_leaves_the_process() {
        let (events, mut elsewhere) = Events::with_elsewhere();
        let mut here = events.subscribe();
        let writing = Progress::Writing { scenario: 2, of: 4, so_far: "Scenario: a cart".to_owned() };
        let error = Some("the story of the cart is too short".to_owned());
        let ended = Progress::Ended { state: JobState::Failed, draft: None, error };
        for progress in [writing, ended] {
            events.publish(event(progress.clone()));
            assert_eq!(here.next().await.event().unwrap().progress, progress);
            let told = serde_json::to_string(&elsewhere.recv().await.unwrap()).unwrap();
            assert!(!told.contains("cart"), "{told}");
        }
    }
}
