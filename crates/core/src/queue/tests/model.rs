//! The queue against what it promises, over random histories.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;

use super::super::lanes::Lanes;
use super::*;

#[derive(Clone, Debug)]
enum Action {
    Push { job: u8, tenant: u8, class: Class, delay: i64 },
    Pop,
    Remove { job: u8 },
    Wait { ms: i64 },
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let class = prop_oneof![Just(Class::Interactive), Just(Class::Automatic), Just(Class::Bulk)];
    let push = (0..24_u8, class, prop_oneof![3 => Just(0), 1 => 1..50_i64])
        // A job belongs to one tenant for ever.
        .prop_map(|(job, class, delay)| Action::Push { job, tenant: job % 4, class, delay });
    let remove = (0..24_u8).prop_map(|job| Action::Remove { job });
    let wait = (1..30_i64).prop_map(|ms| Action::Wait { ms });
    prop::collection::vec(prop_oneof![5 => push, 4 => Just(Action::Pop), 1 => remove, 1 => wait], 1..200)
}

/// A plain list, and what is needed to judge whether turns were fair.
#[derive(Default)]
struct Model {
    waiting: Vec<(u64, Ticket)>,
    age: u64,
    step: u64,
    served: HashMap<(Class, TenantId), u64>,
    ready_since: HashMap<(Class, TenantId), u64>,
}

impl Model {
    fn push(&mut self, ticket: Ticket) {
        match self.waiting.iter_mut().find(|(_, known)| known.job == ticket.job) {
            Some((_, known)) => *known = ticket,
            None => {
                self.age += 1;
                self.waiting.push((self.age, ticket));
            }
        }
    }

    fn ready(&self, now: Millis) -> Vec<&(u64, Ticket)> {
        self.waiting.iter().filter(|(_, ticket)| ticket.not_before <= now).collect()
    }

    /// Notes who is ready, and forgets who is not.
    fn look(&mut self, now: Millis) {
        let keys: Vec<_> = self.ready(now).iter().map(|(_, ticket)| (ticket.class, ticket.tenant.clone())).collect();
        self.ready_since.retain(|key, _| keys.contains(key));
        for key in keys {
            self.ready_since.entry(key).or_insert(self.step);
        }
    }

    fn check_pop(&mut self, popped: Option<Ticket>, now: Millis) -> Result<(), TestCaseError> {
        self.step += 1;
        let ready = self.ready(now);
        let Some(popped) = popped else {
            prop_assert!(ready.is_empty(), "nothing was handed out while {ready:?} were ready");
            return Ok(());
        };
        let best = ready.iter().map(|(_, ticket)| ticket.class).min();
        prop_assert_eq!(best, Some(popped.class), "the most urgent class first");
        let own = ready.iter().filter(|(_, ticket)| ticket.class == popped.class && ticket.tenant == popped.tenant);
        let oldest = own.min_by_key(|(age, _)| *age).map(|(_, ticket)| ticket);
        prop_assert_eq!(oldest, Some(&popped), "a tenant's own by age, and as pushed last");

        // Nobody has a second turn while another who waited all the time has had none.
        let key = (popped.class, popped.tenant.clone());
        if let Some(last) = self.served.get(&key) {
            for (other, since) in self.ready_since.iter().filter(|(other, _)| other.0 == key.0 && **other != key) {
                let had_a_turn = self.served.get(other).is_some_and(|turn| turn > last);
                prop_assert!(
                    since >= last || had_a_turn,
                    "{other:?} waits since {since}, {key:?} had {last} and now again"
                );
            }
        }
        self.served.insert(key, self.step);
        self.waiting.retain(|(_, ticket)| ticket.job != popped.job);
        Ok(())
    }
}

proptest! {
    #[test]
    fn any_history_keeps_the_promises(actions in actions()) {
        let (mut lanes, mut model, mut now) = (Lanes::default(), Model::default(), 0);
        for action in actions {
            match action {
                Action::Push { job, tenant, class, delay } => {
                    let ticket = ticket(&job.to_string(), &tenant.to_string(), class, now + delay);
                    lanes.push(ticket.clone());
                    model.push(ticket);
                }
                Action::Pop => {
                    let popped = lanes.pop(now);
                    model.check_pop(popped, now)?;
                }
                Action::Remove { job } => {
                    let job = JobId::new(job.to_string());
                    lanes.remove(&job);
                    model.waiting.retain(|(_, ticket)| ticket.job != job);
                }
                Action::Wait { ms } => now += ms,
            }
            prop_assert_eq!(lanes.len(), model.waiting.len());
            prop_assert_eq!(lanes.has_ready(now), !model.ready(now).is_empty());
            model.look(now);
        }
    }

    #[test]
    fn ahead_is_what_is_handed_out_before(actions in actions()) {
        let (mut lanes, now) = (Lanes::default(), 1_000);
        for action in actions {
            match action {
                Action::Push { job, tenant, class, .. } => {
                    lanes.push(ticket(&job.to_string(), &tenant.to_string(), class, 0));
                }
                Action::Pop => drop(lanes.pop(now)),
                Action::Remove { job } => lanes.remove(&JobId::new(job.to_string())),
                Action::Wait { .. } => {}
            }
        }
        let told: HashMap<_, _> = (0..24_u8)
            .map(|job| JobId::new(job.to_string()))
            .filter_map(|job| lanes.ahead(&job, now).map(|ahead| (job, ahead)))
            .collect();
        let order: Vec<_> = std::iter::from_fn(|| lanes.pop(now)).collect();
        prop_assert_eq!(told.len(), order.len());
        for (before, ticket) in order.iter().enumerate() {
            prop_assert_eq!(told.get(&ticket.job), Some(&before), "{:?}", ticket);
        }
    }
}

#[tokio::test]
async fn a_ticket_that_is_dropped_by_one_waiter_goes_to_the_next() {
    let queue = EmbeddedQueue::new(Clock::system());
    for _ in 0..50 {
        let gave_up = tokio::time::timeout(Duration::from_micros(10), queue.pop()).await;
        assert!(gave_up.is_err());
    }
    queue.push(ticket("j", "a", Class::Bulk, 0)).await;
    assert_eq!(drain(&queue, 1).await, ["j"]);
}
