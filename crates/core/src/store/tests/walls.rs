//! A tenant sees and changes only its own: every finder and every order is tried with another tenant's id.

use super::*;
use crate::ids::{AccountId, FieldId, ProjectKey};
use crate::jobs::{AdapterChoice, JobState};

on_both![
    no_finder_shows_another_tenants_rows,
    no_order_reaches_another_tenants_rows,
    the_same_issue_and_delivery_on_two_sites_are_two_jobs,
    settings_are_kept_for_each_project_and_have_defaults,
];

async fn no_finder_shows_another_tenants_rows(bench: Bench) {
    let (job, draft) = bench.drafted(1).await;
    let chosen = ProjectSettings { automatic: true, ..ProjectSettings::default() };
    let project = ProjectKey::new("SHOP");
    bench.store.set_project_settings(&bench.tenant, &project, &chosen).await.unwrap();
    let keep = TenantSettings { keep_examples: true, ..TenantSettings::default() };
    bench.store.set_tenant_settings(&bench.tenant, &keep).await.unwrap();
    bench.accepted(2).await;
    let stranger = bench.store.install_tenant(&installation("site-2")).await.unwrap().id;

    let store = &bench.store;
    let seen = async |tenant: &TenantId| {
        let filter = JobFilter { limit: 50, ..JobFilter::default() };
        [
            ("job", store.job(tenant, &job.id).await.unwrap().is_some()),
            ("list_jobs", !store.list_jobs(tenant, filter).await.unwrap().is_empty()),
            ("count_jobs", !store.count_jobs(tenant).await.unwrap().is_empty()),
            ("live_job_of_issue", store.live_job_of_issue(tenant, &job.issue_id).await.unwrap().is_some()),
            ("last_job_of_issue", store.last_job_of_issue(tenant, &job.issue_id).await.unwrap().is_some()),
            ("draft", store.draft(tenant, &draft.id).await.unwrap().is_some()),
            ("open_draft", store.open_draft(tenant, &job.issue_id).await.unwrap().is_some()),
            ("latest_draft", store.latest_draft(tenant, &job.issue_id).await.unwrap().is_some()),
            ("tenant_settings", store.tenant_settings(tenant).await.unwrap() == keep),
            ("count_examples", store.count_examples(tenant).await.unwrap() > 0),
            ("examples", !store.examples(tenant).await.unwrap().is_empty()),
            ("project_settings", store.project_settings(tenant, &project).await.unwrap() == chosen),
        ]
    };
    for (finder, found) in seen(&bench.tenant).await {
        assert!(found, "{finder} finds the tenant's own");
    }
    for (finder, found) in seen(&stranger).await {
        assert!(!found, "{finder} shows another tenant's");
    }
}

async fn no_order_reaches_another_tenants_rows(bench: Bench) {
    let (job, draft) = bench.drafted(1).await;
    let stranger = bench.store.install_tenant(&installation("site-2")).await.unwrap().id;
    let (store, by) = (&bench.store, AccountId::new("eve"));

    assert!(store.cancel_job(&stranger, &job.id).await.unwrap().is_none());
    let edit = store.edit_draft(&stranger, &draft.id, 1, &criteria("x"), &[], &by).await;
    assert!(matches!(edit, Err(StoreError::NotFound(_))));
    let publish = NewJob { tenant: stranger.clone(), ..publish_job(&draft) };
    let accept = store.accept_draft(&stranger, &draft.id, 1, &by, publish).await;
    assert!(matches!(accept, Err(StoreError::NotFound(_))));
    assert_eq!(store.erase_examples(&stranger).await.unwrap(), 0);
    let forged = Job { tenant: stranger.clone(), ..job.clone() };
    assert!(matches!(store.renew(&forged, LEASE).await, Err(StoreError::LeaseLost)));
    assert!(matches!(store.still_held(&forged).await, Err(StoreError::LeaseLost)));
    assert!(matches!(store.put_draft(&forged, draft_of(&forged), &story()).await, Err(StoreError::LeaseLost)));
    assert!(matches!(store.settle(&forged, Settlement::GiveBack).await, Err(StoreError::LeaseLost)));
    store.settle(&job, Settlement::Failed { reason: "x".to_owned() }).await.unwrap();
    assert!(store.retry_job(&stranger, &job.id).await.unwrap().is_none());
    let all = FailedFilter { limit: 50, ..FailedFilter::default() };
    assert!(store.retry_failed(&stranger, all).await.unwrap().queued.is_empty());

    assert_eq!(bench.job(&job).await.state, JobState::Failed);
    assert_eq!(store.draft(&bench.tenant, &draft.id).await.unwrap().unwrap(), draft);
}

async fn the_same_issue_and_delivery_on_two_sites_are_two_jobs(bench: Bench) {
    let stranger = bench.store.install_tenant(&installation("site-2")).await.unwrap().id;
    for tenant in [&bench.tenant, &stranger] {
        let new = NewJob { delivery: Some("d-1".to_owned()), ..draft_job(tenant, 1) };
        assert!(matches!(bench.store.create_job(new).await.unwrap(), Created::New(_)));
    }
}

async fn settings_are_kept_for_each_project_and_have_defaults(bench: Bench) {
    let shop = ProjectKey::new("SHOP");
    let defaults = bench.store.project_settings(&bench.tenant, &shop).await.unwrap();
    assert_eq!(
        (defaults.automatic || defaults.on_change, defaults.target, defaults.max_scenarios),
        (false, Target::Description, crate::gherkin::form::MOST_SCENARIOS)
    );
    assert_eq!(defaults.issue_types, ["Story"]);
    for (target, field) in [(Target::Comment, None), (Target::Field, Some(FieldId::new("customfield_10042")))] {
        let adapter = AdapterChoice::Named("ours".to_owned());
        let chosen = ProjectSettings {
            automatic: true,
            on_change: true,
            issue_types: Vec::new(),
            target,
            field,
            max_scenarios: 4,
            adapter,
        };
        bench.store.set_project_settings(&bench.tenant, &shop, &chosen).await.unwrap();
        assert_eq!(bench.store.project_settings(&bench.tenant, &shop).await.unwrap(), chosen);
    }
    assert_eq!(bench.store.project_settings(&bench.tenant, &ProjectKey::new("BANK")).await.unwrap(), defaults);
}
