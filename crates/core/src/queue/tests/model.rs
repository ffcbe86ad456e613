//! The queues against what they promise, over random histories; and against each other.
//!
//! All times are whole minutes from the beginning of a history, which takes far less than one.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

const MINUTE: Millis = 60_000;
const LIMIT: usize = 2;

#[derive(Clone, Debug)]
enum Action {
    Push { job: u8, class: Class, delay: i64 },
    Pop,
    Remove { job: u8 },
    Finished { job: u8 },
    Working { job: u8, minutes: u64 },
    Wait { minutes: u64 },
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let class = prop_oneof![Just(Class::Interactive), Just(Class::Automatic), Just(Class::Bulk)];
    let push = (0..24_u8, class, prop_oneof![3 => Just(0), 1 => 1..25_i64])
        .prop_map(|(job, class, delay)| Action::Push { job, class, delay });
    let job = || 0..24_u8;
    let other = prop_oneof![
        1 => job().prop_map(|job| Action::Remove { job }),
        3 => job().prop_map(|job| Action::Finished { job }),
        1 => (job(), 1..9_u64).prop_map(|(job, minutes)| Action::Working { job, minutes }),
        1 => (1..9_u64).prop_map(|minutes| Action::Wait { minutes }),
    ];
    prop::collection::vec(prop_oneof![6 => push, 5 => Just(Action::Pop), 4 => other], 1..200)
}

/// A job belongs to one tenant for ever.
fn tenant_of(job: u8) -> TenantId {
    TenantId::new((job % 4).to_string())
}

/// A plain list, and what is needed to judge whether turns were fair.
#[derive(Default)]
struct Model {
    limit: Option<usize>,
    waiting: HashMap<JobId, Ticket>,
    in_work: HashMap<JobId, (TenantId, Millis)>,
    step: u64,
    served: HashMap<(usize, TenantId), u64>,
    ready_since: HashMap<(usize, TenantId), u64>,
}

impl Model {
    fn may_have_more(&self, tenant: &TenantId, now: Millis) -> bool {
        let busy = self.in_work.values().filter(|(whose, until)| whose == tenant && *until > now).count();
        self.limit.is_none_or(|limit| busy < limit)
    }

    /// Tickets that could be handed out, with the class that they count as.
    fn ready(&self, now: Millis) -> Vec<(usize, &Ticket)> {
        let due = self.waiting.values().filter(|ticket| ticket.not_before <= now);
        due.filter(|ticket| self.may_have_more(&ticket.tenant, now))
            .map(|ticket| {
                let risen = usize::try_from((now - ticket.not_before) / AGEING_MS).unwrap();
                (ticket.class.rank().saturating_sub(risen), ticket)
            })
            .collect()
    }

    /// Notes who is ready, and forgets who is not. A tenant's tickets of one class count as what the oldest of them does.
    fn look(&mut self, now: Millis) {
        let mut oldest: HashMap<(Class, &TenantId), (Millis, usize)> = HashMap::new();
        for (counts_as, ticket) in self.ready(now) {
            let seen = oldest.entry((ticket.class, &ticket.tenant)).or_insert((Millis::MAX, counts_as));
            *seen = (*seen).min((ticket.not_before, counts_as));
        }
        let keys: HashSet<_> =
            oldest.into_iter().map(|((_, tenant), (_, counts_as))| (counts_as, tenant.clone())).collect();
        self.ready_since.retain(|key, _| keys.contains(key));
        for key in keys {
            self.ready_since.entry(key).or_insert(self.step);
        }
    }

    /// What has lapsed counts until the next pop notices: a tenant that reaches its limit with it begins anew in its turns.
    fn working(&mut self, job: JobId, tenant: TenantId, until: Millis) {
        self.in_work.insert(job, (tenant.clone(), until));
        let noted = self.in_work.values().filter(|(whose, _)| *whose == tenant).count();
        if self.limit.is_some_and(|limit| noted >= limit) {
            self.ready_since.retain(|(_, whose), _| *whose != tenant);
        }
    }

    fn check_pop(&mut self, popped: Option<&Ticket>, now: Millis) -> Result<(), TestCaseError> {
        self.step += 1;
        self.in_work.retain(|_, (_, until)| *until > now);
        let ready = self.ready(now);
        let Some(popped) = popped else {
            prop_assert!(ready.is_empty(), "nothing was handed out while {ready:?} were ready");
            return Ok(());
        };
        let found = ready.iter().find(|(_, ticket)| *ticket == popped);
        prop_assert!(found.is_some(), "{popped:?} was not ready, or not as pushed last");
        let counts_as = found.map_or(0, |(class, _)| *class);
        let best = ready.iter().map(|(class, _)| *class).min();
        prop_assert_eq!(best, Some(counts_as), "what counts as most urgent comes first");
        let own = ready.iter().filter(|(class, ticket)| *class == counts_as && ticket.tenant == popped.tenant);
        let first = own.map(|(_, ticket)| ticket).min_by_key(|ticket| (ticket.class, ticket.not_before, &ticket.job));
        prop_assert_eq!(first, Some(&popped), "a tenant's own by class, time and id");

        // Nobody has a second turn while another who waited all the time has had none.
        let key = (counts_as, popped.tenant.clone());
        if let Some(last) = self.served.get(&key) {
            for (other, since) in self.ready_since.iter().filter(|(other, _)| other.0 == key.0 && **other != key) {
                let had_a_turn = self.served.get(other).is_some_and(|turn| turn > last);
                prop_assert!(
                    since >= last || had_a_turn,
                    "{other:?} waits since {since}, {key:?} had {last} and now again"
                );
            }
        }
        let popped = popped.clone();
        self.served.insert(key, self.step);
        self.waiting.remove(&popped.job);
        self.in_work.insert(popped.job, (popped.tenant, now + HANDED_OUT_MS));
        Ok(())
    }
}

/// Plays a history on all queues, which must do the same, and holds them against the model.
async fn play(kinds: &[Kind], limit: Option<usize>, actions: Vec<Action>) -> Result<(), TestCaseError> {
    let clock = Clock::system();
    let mut now = clock.now();
    let mut queues = Vec::new();
    for kind in kinds {
        queues.push(kind.with_limit(&clock, limit.map(|limit| u32::try_from(limit).unwrap())).await);
    }
    let mut model = Model { limit, ..Model::default() };
    for action in actions {
        match action {
            Action::Push { job, class, delay } => {
                let ticket = ticket(&job.to_string(), tenant_of(job).as_str(), class, now + delay * MINUTE);
                for queue in &queues {
                    queue.push(ticket.clone()).await;
                }
                model.waiting.insert(ticket.job.clone(), ticket);
            }
            Action::Pop => {
                let mut popped = Vec::new();
                for queue in &queues {
                    popped.push(queue.take_now().await);
                }
                prop_assert!(popped.windows(2).all(|two| two[0] == two[1]), "they differ: {popped:?}");
                model.check_pop(popped[0].as_ref(), now)?;
            }
            Action::Remove { job } => {
                let ticket = ticket(&job.to_string(), tenant_of(job).as_str(), Class::Bulk, 0);
                for queue in &queues {
                    queue.remove(&ticket).await;
                }
                model.waiting.remove(&ticket.job);
            }
            Action::Finished { job } => {
                let (tenant, job) = (tenant_of(job), JobId::new(job.to_string()));
                for queue in &queues {
                    queue.finished(&tenant, &job).await;
                }
                model.in_work.remove(&job);
            }
            Action::Working { job, minutes } => {
                let (tenant, job) = (tenant_of(job), JobId::new(job.to_string()));
                // Half a minute more, so that it does not lapse at the very moment that is looked at.
                let lease = Duration::from_secs(minutes * 60 + 30);
                for queue in &queues {
                    queue.working(&tenant, &job, lease).await;
                }
                model.working(job, tenant, now + Millis::try_from(lease.as_millis()).unwrap());
            }
            Action::Wait { minutes } => {
                clock.advance(Duration::from_secs(minutes * 60));
                now += Millis::try_from(minutes).unwrap() * MINUTE;
            }
        }
        for queue in &queues {
            prop_assert_eq!(queue.len().await, model.waiting.len());
        }
        model.look(now);
    }
    Ok(())
}

fn any_history(kinds: &[Kind], cases: u32, limit: Option<usize>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let checked = TestRunner::new(config).run(&actions(), |actions| runtime.block_on(play(kinds, limit, actions)));
    if let Err(error) = checked {
        panic!("{error}");
    }
}

#[test]
fn any_history_keeps_the_promises_of_the_embedded_queue() {
    any_history(&[Kind::Embedded], 256, None);
    any_history(&[Kind::Embedded], 256, Some(LIMIT));
}

#[test]
fn any_history_keeps_the_promises_in_redis_and_all_queues_do_the_same() {
    let kinds = [Kind::Redis, Kind::RedisOutside, Kind::Embedded];
    any_history(&kinds, 40, None);
    any_history(&kinds, 60, Some(LIMIT));
}
