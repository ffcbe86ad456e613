//! A site's settings, and what is kept for tuning with its consent.

use brine_core::store::{TenantSettings, TenantState};
use serde_json::json;

use super::data;
use super::world::{ALICE, CAROL, World};

const PATH: &str = "/api/site/settings";

async fn switch(world: &World, on: bool) {
    let answer = world.put(CAROL, PATH, json!({ "adapter": null, "keepExamples": on })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn edit_and_accept(world: &World) {
    let draft = world.open_draft().await;
    let text = data::TEXT.replace("the holder enters the right PIN", "the holder types the right PIN");
    let path = format!("/api/drafts/{}", draft.id);
    assert_eq!(world.put(ALICE, &path, json!({ "text": text, "version": 1 })).await.status, 200);
    assert_eq!(world.post(ALICE, &format!("{path}/accept"), json!({ "version": 2 })).await.status, 202);
}

#[actix_web::test]
async fn settings_begin_with_nothing_kept_and_are_remembered() {
    let world = World::start().await;
    let defaults = world.get(CAROL, PATH).await.json();
    assert_eq!(
        defaults,
        json!({ "adapter": null, "keepExamples": false, "storiesPerDay": 0, "mostStoriesPerDay": 0, "kept": 0 })
    );
    let wanted = json!({ "adapter": "acceptance-criteria", "keepExamples": true, "storiesPerDay": 20 });
    let mut expected = wanted.clone();
    (expected["mostStoriesPerDay"], expected["kept"]) = (json!(0), json!(0));
    let kept = world.put(CAROL, PATH, wanted).await.json();
    assert_eq!(kept, expected);
    let by_an_older_page = json!({ "adapter": "acceptance-criteria", "keepExamples": true });
    assert_eq!(world.put(CAROL, PATH, by_an_older_page).await.json(), expected);
    assert_eq!(world.get(CAROL, PATH).await.json(), kept);
}

#[actix_web::test]
async fn adapters_that_are_not_offered_and_unknown_fields_are_refused() {
    let world = World::start().await;
    for body in [
        json!({ "adapter": "ours", "keepExamples": false }),
        json!({ "adapter": "foreign", "keepExamples": false }),
        json!({ "adapter": null, "keepExamples": "yes" }),
        json!({ "adapter": null, "keepExamples": true, "colour": "red" }),
        json!({ "adapter": null }),
        json!({ "adapter": null, "keepExamples": false, "storiesPerDay": -1 }),
        json!({ "adapter": null, "keepExamples": false, "storiesPerDay": 1_000_001 }),
    ] {
        assert_eq!(world.put(CAROL, PATH, body.clone()).await.status, 400, "{body}");
    }
    let unchanged = world.store.tenant_settings(&world.tenant.id).await.unwrap();
    assert_eq!(unchanged, TenantSettings::default());
}

#[actix_web::test]
async fn what_is_accepted_is_kept_with_consent_alone_and_can_be_erased() {
    let world = World::start().await;
    edit_and_accept(&world).await;
    assert_eq!(world.get(CAROL, PATH).await.json()["kept"], 0, "nobody agreed");
    switch(&world, true).await;
    edit_and_accept(&world).await;
    assert_eq!(world.get(CAROL, PATH).await.json()["kept"], 1);
    let example = world.store.examples(&world.tenant.id).await.unwrap().remove(0);
    assert!(example.edited && example.accepted.contains("types the right PIN"), "{example:?}");
    assert_eq!((example.summary.as_str(), example.description.as_str()), (data::SUMMARY, data::STORY));

    switch(&world, false).await;
    edit_and_accept(&world).await;
    assert_eq!(world.get(CAROL, PATH).await.json()["kept"], 1, "no more, and no less");
    let erased = world.api(CAROL, actix_web::http::Method::DELETE, "/api/site/examples", json!({})).await;
    assert_eq!(erased.json()["kept"], 0);
}

#[actix_web::test]
async fn an_uninstall_takes_everything_along() {
    let world = World::start().await;
    switch(&world, true).await;
    edit_and_accept(&world).await;
    world.store.set_connect_state(&world.tenant.id, TenantState::Uninstalled).await.unwrap();
    assert_eq!(world.store.count_examples(&world.tenant.id).await.unwrap(), 0);
    assert!(!world.store.tenant_settings(&world.tenant.id).await.unwrap().keep_examples, "a return is asked anew");
}
