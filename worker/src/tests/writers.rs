//! Which writer a job gets, and how many there are at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use brine_core::failure::Failure;
use brine_core::jobs::AdapterChoice;
use brine_core::store::{ProjectSettings, TenantSettings};
use brine_model::{DraftEvent, DraftRequest, Drafted, ScenarioRequest, WriteError, WrittenScenario};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{CriteriaWriter, Lent, WriterPool, Writers};

/// Counts the models in memory, and how often each was loaded.
#[derive(Default)]
struct Memory {
    now: AtomicUsize,
    most: AtomicUsize,
    loads: Mutex<HashMap<String, usize>>,
}

struct Model(Arc<Memory>);

impl Drop for Model {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl CriteriaWriter for Model {
    async fn draft(
        &self,
        _: DraftRequest,
        _: CancellationToken,
        _: &mut (dyn FnMut(DraftEvent) + Send),
    ) -> Result<Drafted, WriteError> {
        Err(WriteError::Cancelled)
    }

    async fn scenario(
        &self,
        _: ScenarioRequest,
        _: CancellationToken,
        _: &mut (dyn FnMut(DraftEvent) + Send),
    ) -> Result<WrittenScenario, WriteError> {
        Err(WriteError::Cancelled)
    }

    async fn probe(&self) -> Result<(), WriteError> {
        Ok(())
    }
}

impl Memory {
    fn pool(self: &Arc<Self>, usual: Option<&str>, most: usize) -> Arc<WriterPool> {
        let memory = Arc::clone(self);
        let load = move |adapter: Option<&str>| -> Result<Arc<dyn CriteriaWriter>, Failure> {
            if adapter == Some("broken") {
                return Err(Failure::permanent("broken can't be used as an adapter"));
            }
            *memory.loads.lock().unwrap().entry(adapter.unwrap_or("plain").to_owned()).or_default() += 1;
            let now = memory.now.fetch_add(1, Ordering::SeqCst) + 1;
            memory.most.fetch_max(now, Ordering::SeqCst);
            Ok(Arc::new(Model(Arc::clone(&memory))))
        };
        Arc::new(WriterPool::new(usual.map(str::to_owned), most, Arc::new(load)))
    }

    fn loads(&self, adapter: &str) -> usize {
        self.loads.lock().unwrap().get(adapter).copied().unwrap_or_default()
    }
}

fn named(name: &str) -> AdapterChoice {
    AdapterChoice::Named(name.to_owned())
}

async fn writer(pool: &WriterPool, choice: AdapterChoice) -> Lent {
    pool.writer(&choice).await.unwrap()
}

#[tokio::test]
async fn each_choice_is_loaded_once_and_the_usual_one_is_one_of_them() {
    let memory = Arc::new(Memory::default());
    let pool = memory.pool(Some("usual"), 3);
    for _ in 0..2 {
        for choice in [AdapterChoice::Inherit, AdapterChoice::Plain, named("usual"), named("other")] {
            writer(&pool, choice).await;
        }
    }
    assert_eq!((memory.loads("usual"), memory.loads("plain"), memory.loads("other")), (1, 1, 1));
}

#[tokio::test]
async fn the_one_that_was_idle_longest_makes_room() {
    let memory = Arc::new(Memory::default());
    let pool = memory.pool(None, 2);
    for name in ["a", "b", "a", "c", "a", "b"] {
        writer(&pool, named(name)).await;
    }
    assert_eq!((memory.loads("a"), memory.loads("b"), memory.loads("c")), (1, 2, 1));
    assert_eq!(memory.most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn one_that_is_in_use_stays_and_the_next_waits_without_being_passed_over() {
    let memory = Arc::new(Memory::default());
    let pool = memory.pool(None, 1);
    let in_use = writer(&pool, named("a")).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let ask = |name: &'static str| {
        let (pool, order) = (Arc::clone(&pool), Arc::clone(&order));
        tokio::spawn(async move {
            let _lent = writer(&pool, named(name)).await;
            order.lock().unwrap().push(name);
        })
    };
    let waits = ask("b");
    tokio::time::sleep(Duration::from_millis(50)).await;
    let behind = ask("a");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(order.lock().unwrap().is_empty(), "there is no room");
    drop(in_use);
    waits.await.unwrap();
    behind.await.unwrap();
    assert_eq!(*order.lock().unwrap(), ["b", "a"]);
    assert_eq!(memory.most.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn one_that_cannot_be_loaded_is_told_and_takes_no_room() {
    let memory = Arc::new(Memory::default());
    let pool = memory.pool(None, 1);
    let failed = pool.writer(&named("broken")).await.err().unwrap();
    assert!(matches!(&failed, Failure::Permanent { reason } if reason.contains("broken")), "{failed:?}");
    writer(&pool, AdapterChoice::Inherit).await;
    assert_eq!(memory.loads("plain"), 1);
}

#[tokio::test]
async fn a_project_writes_with_its_own_choice_and_else_with_its_sites() {
    let bench = Bench::new().await;
    let site = TenantSettings { adapter: named("of-the-site"), ..TenantSettings::default() };
    bench.store.set_tenant_settings(&bench.tenant, &site).await.unwrap();
    let _worker = bench.start();
    bench.until_over(&bench.ask(1, false).await).await;
    for (issue, adapter) in [(2, named("of-the-project")), (3, AdapterChoice::Plain)] {
        let settings = ProjectSettings { adapter, ..ProjectSettings::default() };
        bench.store.set_project_settings(&bench.tenant, &"SHOP".to_owned().into(), &settings).await.unwrap();
        bench.until_over(&bench.ask(issue, false).await).await;
    }
    let expected = [named("of-the-site"), named("of-the-project"), AdapterChoice::Plain];
    assert_eq!(*bench.writer.choices.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_job_whose_adapter_cannot_be_had_fails_with_the_reason() {
    let bench = Bench::new().await;
    let settings = ProjectSettings { adapter: named("broken"), ..ProjectSettings::default() };
    bench.store.set_project_settings(&bench.tenant, &"SHOP".to_owned().into(), &settings).await.unwrap();
    let job = bench.ask(1, false).await;
    let pool = Arc::new(Memory::default()).pool(None, 1);
    let _worker = bench.start_with(Parts { writers: pool, ..bench.parts() });
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, done.error.as_deref()), (JobState::Failed, Some("broken can't be used as an adapter")));
    assert!(done.draft.is_none(), "nothing else wrote in its place");
}
