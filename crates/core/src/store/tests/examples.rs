use super::*;
use crate::ids::AccountId;
use crate::jobs::AdapterChoice;

on_both![
    without_consent_nothing_is_kept_at_any_step,
    an_accepted_draft_is_kept_with_its_story_as_written_and_as_edited,
    what_is_accepted_by_itself_is_kept_and_told_apart,
    a_replaced_draft_is_forgotten_and_a_decision_that_came_to_nothing_does_not_count,
    switched_off_nothing_new_is_kept_and_what_was_kept_stays_until_it_is_erased,
    an_uninstall_erases_and_ends_the_consent,
    no_text_of_an_example_can_be_read_in_the_file,
    it_is_read_beside_a_store_that_writes_and_not_written,
];

fn ann() -> AccountId {
    "ann".to_owned().into()
}

impl Bench {
    async fn keep(&self, on: bool) {
        let settings =
            TenantSettings { adapter: AdapterChoice::Inherit, keep_examples: on, ..TenantSettings::default() };
        self.store.set_tenant_settings(&self.tenant, &settings).await.unwrap();
    }

    async fn kept(&self) -> Vec<Example> {
        let kept = self.store.examples(&self.tenant).await.unwrap();
        assert_eq!(self.store.count_examples(&self.tenant).await.unwrap(), i64::try_from(kept.len()).unwrap());
        kept
    }

    /// Rows of any kind, those of drafts that wait included.
    async fn rows(&self) -> i64 {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM examples").fetch_one(&self.store.pool).await.unwrap();
        sqlx::Row::get(&row, "n")
    }
}

async fn without_consent_nothing_is_kept_at_any_step(bench: Bench) {
    let (_, draft) = bench.drafted(1).await;
    assert_eq!(bench.rows().await, 0);
    bench.keep(true).await;
    bench.store.accept_draft(&bench.tenant, &draft.id, 1, &ann(), publish_job(&draft)).await.unwrap();
    assert_eq!(bench.rows().await, 0, "the story was read before anybody agreed");
}

async fn an_accepted_draft_is_kept_with_its_story_as_written_and_as_edited(bench: Bench) {
    bench.keep(true).await;
    let (_, untouched) = bench.accepted(1).await;
    let (job, draft) = bench.drafted(2).await;
    assert_eq!(bench.kept().await.len(), 1, "a draft that waits does not count");
    bench.store.settle(&job, Settlement::Drafted { draft: draft.id.clone() }).await.unwrap();
    bench.store.edit_draft(&bench.tenant, &draft.id, 1, &criteria("Edited"), &[], &ann()).await.unwrap();
    bench.store.accept_draft(&bench.tenant, &draft.id, 2, &ann(), publish_job(&draft)).await.unwrap();

    let kept = bench.kept().await;
    assert_eq!(kept.len(), 2);
    let story = story();
    for example in &kept {
        assert_eq!((example.summary.as_str(), example.description.as_str()), (story.summary(), story.description()));
        assert_eq!(example.written, criteria("An item leaves the cart").to_text());
        assert_eq!((&example.provenance, example.project.as_str()), (&draft.provenance, "SHOP"));
        assert!(example.by_person);
    }
    assert_eq!((kept[0].edited, &kept[0].accepted, &kept[0].issue), (false, &kept[0].written, &untouched.issue_id));
    assert_eq!((kept[1].edited, &kept[1].accepted), (true, &criteria("Edited").to_text()));
    assert_eq!(bench.store.tenants_that_keep().await.unwrap(), std::slice::from_ref(&bench.tenant));
}

async fn what_is_accepted_by_itself_is_kept_and_told_apart(bench: Bench) {
    bench.keep(true).await;
    let (job, draft) = bench.drafted(1).await;
    for _ in 0..2 {
        bench.store.accept_own_draft(&job, &draft.id).await.unwrap();
    }
    let kept = bench.kept().await;
    assert_eq!((kept.len(), kept[0].by_person, kept[0].edited), (1, false, false));
}

async fn a_replaced_draft_is_forgotten_and_a_decision_that_came_to_nothing_does_not_count(bench: Bench) {
    bench.keep(true).await;
    let (job, first) = bench.drafted(1).await;
    bench.store.settle(&job, Settlement::Drafted { draft: first.id.clone() }).await.unwrap();
    let (_, publish) = bench.accepted(1).await;
    assert_eq!((bench.rows().await, bench.kept().await.len()), (1, 1), "the first draft's row went");

    bench.store.cancel_job(&bench.tenant, &publish.id).await.unwrap();
    assert_eq!((bench.rows().await, bench.kept().await.len()), (1, 0), "it waits for a decision again");
    bench.store.retry_job(&bench.tenant, &publish.id).await.unwrap().unwrap();
    assert_eq!(bench.kept().await.len(), 1);
    bench.keep(false).await;
    bench.store.cancel_job(&bench.tenant, &publish.id).await.unwrap();
    assert_eq!(bench.rows().await, 0, "what waits is not remembered without consent");
}

async fn switched_off_nothing_new_is_kept_and_what_was_kept_stays_until_it_is_erased(bench: Bench) {
    bench.keep(true).await;
    bench.accepted(1).await;
    let (job, waits) = bench.drafted(2).await;
    bench.store.settle(&job, Settlement::Drafted { draft: waits.id.clone() }).await.unwrap();
    bench.keep(false).await;
    bench.store.accept_draft(&bench.tenant, &waits.id, 1, &ann(), publish_job(&waits)).await.unwrap();
    assert_eq!((bench.rows().await, bench.kept().await.len()), (1, 1));
    assert!(bench.store.tenants_that_keep().await.unwrap().is_empty());
    assert_eq!(bench.store.erase_examples(&bench.tenant).await.unwrap(), 1);
    assert_eq!(bench.rows().await, 0);
}

async fn an_uninstall_erases_and_ends_the_consent(bench: Bench) {
    bench.keep(true).await;
    bench.accepted(1).await;
    bench.store.set_connect_state(&bench.tenant, TenantState::Disabled).await.unwrap();
    assert_eq!(bench.rows().await, 1);
    bench.store.set_connect_state(&bench.tenant, TenantState::Uninstalled).await.unwrap();
    assert_eq!(bench.rows().await, 0);
    bench.store.install_tenant(&installation("site-1")).await.unwrap();
    assert!(!bench.store.tenant_settings(&bench.tenant).await.unwrap().keep_examples);
}

async fn no_text_of_an_example_can_be_read_in_the_file(bench: Bench) {
    bench.keep(true).await;
    bench.accepted(1).await;
    let row = sqlx::query("SELECT story, written, accepted FROM examples").fetch_one(&bench.store.pool).await.unwrap();
    for column in ["story", "written", "accepted"] {
        let text: String = sqlx::Row::get(&row, column);
        assert!(text.starts_with("v1:") && !text.contains("cart"), "{column}: {text}");
    }
}

async fn it_is_read_beside_a_store_that_writes_and_not_written(bench: Bench) {
    bench.keep(true).await;
    bench.accepted(1).await;
    let reader = Store::open_to_read(&bench.url, bench.clock.clone(), Cipher::from_key(&[7; 32])).await.unwrap();
    assert_eq!(reader.examples(&bench.tenant).await.unwrap().len(), 1);
    assert!(matches!(reader.erase_examples(&bench.tenant).await, Err(StoreError::ReadOnly)));
    let written = sqlx::query("DELETE FROM examples").execute(&reader.pool).await;
    assert!(written.is_err(), "the database refuses as well");
    bench.accepted(2).await;
    assert_eq!(reader.examples(&bench.tenant).await.unwrap().len(), 2);

    sqlx::query("DELETE FROM _sqlx_migrations WHERE version > 1").execute(&bench.store.pool).await.unwrap();
    let other = Store::open_to_read(&bench.url, bench.clock.clone(), Cipher::from_key(&[7; 32])).await.unwrap_err();
    assert!(matches!(other, StoreError::OlderVersion), "{other}");
}
