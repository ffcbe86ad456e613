//! A project's settings.

use serde_json::json;

use super::world::{ALICE, CAROL, World};

const PATH: &str = "/api/projects/SHOP/settings";

#[actix_web::test]
async fn settings_begin_with_defaults_and_are_kept() {
    let world = World::start().await;
    let defaults = world.get(CAROL, PATH).await.json();
    assert_eq!(
        defaults,
        json!({ "automatic": false, "onChange": false, "issueTypes": ["Story"], "target": "description", "field": null, "maxScenarios": 8, "adapter": null, "scenarios": [3, 8] })
    );
    let wanted = json!({ "automatic": true, "issueTypes": [" Story ", "Task", "story", ""], "target": "comment", "maxScenarios": 4, "adapter": "acceptance-criteria" });
    let kept = world.put(CAROL, PATH, wanted).await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    let expected = json!({ "automatic": true, "onChange": false, "issueTypes": ["Story", "Task"], "target": "comment", "field": null,
        "maxScenarios": 4, "adapter": "acceptance-criteria", "scenarios": [3, 8] });
    assert_eq!(kept.json(), expected);
    assert_eq!(world.get(CAROL, PATH).await.json(), expected);
}

#[actix_web::test]
async fn values_out_of_bounds_are_refused() {
    let world = World::start().await;
    let good = json!({ "automatic": true, "issueTypes": [], "target": "comment", "maxScenarios": 4 });
    for (field, value) in [
        ("maxScenarios", json!(2)),
        ("maxScenarios", json!(300)),
        ("target", json!("elsewhere")),
        ("issueTypes", json!(["x".repeat(61)])),
        ("issueTypes", json!(vec!["x"; 51])),
        ("automatic", json!("yes")),
        ("colour", json!("red")),
        ("adapter", json!(7)),
    ] {
        let mut body = good.clone();
        body[field] = value;
        assert_eq!(world.put(CAROL, PATH, body.clone()).await.status, 400, "{body}");
    }
    for key in ["..", "S%2FX", "9SHOP"] {
        assert_eq!(world.get(CAROL, &format!("/api/projects/{key}/settings")).await.status, 404, "{key}");
    }
}

#[actix_web::test]
async fn an_adapter_that_is_not_offered_is_refused_with_those_that_are() {
    let world = World::start().await;
    let with = |adapter: &str| json!({ "automatic": true, "issueTypes": [], "target": "comment", "maxScenarios": 4, "adapter": adapter });
    for fine in ["acceptance-criteria", "plain"] {
        assert_eq!(world.put(CAROL, PATH, with(fine)).await.json()["adapter"], fine);
    }
    let unknown = world.put(CAROL, PATH, with("ours")).await;
    assert_eq!(unknown.status, 400);
    let told = "There is no adapter called \"ours\"; known ones: plain, acceptance-criteria.";
    assert_eq!(unknown.message(), told);
    let foreign = world.put(CAROL, PATH, with("foreign")).await;
    assert_eq!(foreign.status, 400);
    assert!(foreign.message().contains("not made for smollm2-135m"), "{}", foreign.text);
    assert_eq!(world.get(CAROL, PATH).await.json()["adapter"], "plain", "what was refused changed nothing");
}

#[actix_web::test]
async fn a_page_can_ask_which_adapters_there_are() {
    let world = World::start().await;
    let answer = world.get(ALICE, "/api/adapters").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({ "adapters": ["acceptance-criteria"], "usual": "the model alone" }));
}
