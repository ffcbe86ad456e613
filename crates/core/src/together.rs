//! Calls that are made while one is under way wait for the next one, together: a transaction, or a way to a server and back, is paid
//! once for all of them. Whoever calls alone waits for nobody.

use std::future::Future;

use tokio::sync::{mpsc, oneshot};

/// Calls that may wait; later ones wait to wait.
const WAITING: usize = 1024;

/// Gathers calls, and answers each by itself.
#[derive(Debug)]
pub struct Together<Q, A> {
    calls: mpsc::Sender<Call<Q, A>>,
}

#[derive(Debug)]
struct Call<Q, A> {
    asked: Q,
    answer: oneshot::Sender<A>,
}

impl<Q: Send + 'static, A: Send + 'static> Together<Q, A> {
    /// Starts to gather, up to `most` calls at a time. `run` answers them in their order. Call it inside a Tokio runtime; what is
    /// under way is finished even when all callers have left.
    pub fn start<F, R>(most: usize, run: F) -> Self
    where
        F: Fn(Vec<Q>) -> R + Send + 'static,
        R: Future<Output = Vec<A>> + Send + 'static,
    {
        let (calls, waiting) = mpsc::channel(WAITING);
        tokio::spawn(gather(waiting, most, run));
        Self { calls }
    }

    /// The answer; none when nobody gathers any more. An answer whose caller has left is dropped.
    pub async fn ask(&self, asked: Q) -> Option<A> {
        let (answer, answered) = oneshot::channel();
        self.calls.send(Call { asked, answer }).await.ok()?;
        answered.await.ok()
    }
}

async fn gather<Q, A, R>(mut waiting: mpsc::Receiver<Call<Q, A>>, most: usize, run: impl Fn(Vec<Q>) -> R)
where
    R: Future<Output = Vec<A>>,
{
    let mut calls = Vec::with_capacity(most);
    while waiting.recv_many(&mut calls, most).await > 0 {
        let (asked, callers): (Vec<Q>, Vec<_>) = calls.drain(..).map(|call| (call.asked, call.answer)).unzip();
        for (answer, caller) in run(asked).await.into_iter().zip(callers) {
            // The caller may have left.
            let _ = caller.send(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn those_who_come_while_one_is_served_are_served_together_and_each_gets_its_own_answer() {
        let (begun, mut runs) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let waits = Arc::clone(&gate);
        let together = Arc::new(Together::start(8, move |asked: Vec<u32>| {
            let waits = Arc::clone(&waits);
            begun.send(asked.len()).unwrap();
            async move {
                waits.acquire().await.unwrap().forget();
                asked.into_iter().map(|number| number * 2).collect()
            }
        }));
        let ask = |number: u32| {
            let together = Arc::clone(&together);
            tokio::spawn(async move { together.ask(number).await })
        };
        let first = ask(1);
        assert_eq!(runs.recv().await, Some(1));
        let others: Vec<_> = (2..=6).map(ask).collect();
        while together.calls.capacity() > WAITING - 5 {
            tokio::task::yield_now().await;
        }
        gate.add_permits(2);
        assert_eq!(first.await.unwrap(), Some(2));
        assert_eq!(runs.recv().await, Some(5));
        for (number, other) in (2..).zip(others) {
            assert_eq!(other.await.unwrap(), Some(number * 2));
        }
    }

    #[tokio::test]
    async fn who_gets_no_answer_is_told_so() {
        let together = Together::start(8, |asked: Vec<u32>| async move { asked.into_iter().skip(1).collect() });
        assert_eq!(together.ask(1).await, None);
    }
}
