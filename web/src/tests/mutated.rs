//! Mutated webhooks, events, documents and tokens: no panic, no 5xx, and nothing is written. A thousand of each; as many as
//! `BRINE_MUTATED` says with `make mutated`.

use actix_web::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use brine_core::adf;
use brine_core::ids::ProjectKey;
use brine_core::store::{JobFilter, ProjectSettings};
use brine_core::story::Story;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::atlassian::Atlassian;
use super::refusals::{Caller, INSTALL_KID, callers};
use super::tokens;
use super::world::{ALICE, World};

fn count() -> usize {
    std::env::var("BRINE_MUTATED").ok().map_or(1000, |text| text.parse().expect("BRINE_MUTATED is a number"))
}

async fn world() -> World {
    let world = World::start_with(
        "http://127.0.0.1:8930",
        &[("BRINE_UNPROVEN_PER_SECOND", "0"), ("BRINE_SITE_PER_SECOND", "0")],
    )
    .await;
    world.jira.known.lock().unwrap().keys.insert(INSTALL_KID.to_owned(), Atlassian::real().pem.clone());
    world
}

/// Nothing was written: no job here, and in Jira no call but those that look.
async fn nothing_is_written(world: &World) {
    let jobs = world.store.list_jobs(&world.tenant.id, JobFilter { limit: 10, ..JobFilter::default() }).await.unwrap();
    assert!(jobs.is_empty(), "{jobs:?}");
    let calls = world.jira.known.lock().unwrap().calls.clone();
    let writes = calls.iter().filter(|call| !call.starts_with("GET") && !call.ends_with("/permissions/check"));
    assert_eq!(writes.count(), 0);
}

/// Something that nobody expects at this place.
fn oddity(random: &mut StdRng) -> Value {
    let texts = [
        "",
        "\u{0}",
        "\u{202e}\u{fffd}",
        "../../etc/passwd",
        "' OR 1=1 --",
        "{{7*7}}",
        "<script>",
        "9".repeat(400).as_str(),
    ]
    .map(str::to_owned);
    match random.random_range(0..9) {
        0 => Value::Null,
        1 => json!(random.random::<bool>()),
        2 => json!(random.random::<i64>()),
        3 => json!(-1.5e308),
        4 => json!(texts.choose(random)),
        5 => json!("\u{e9}".repeat(random.random_range(0..5000))),
        6 => (0..random.random_range(1..100)).fold(json!("deep"), |inner, _| json!([inner])),
        7 => (0..random.random_range(1..60)).fold(json!({}), |inner, _| json!({ "content": [inner], "type": "doc" })),
        _ => json!({ "type": texts.choose(random), "content": {}, "attrs": [], "marks": "x", "text": 7 }),
    }
}

/// Changes one to four places of a JSON tree.
fn mutate(random: &mut StdRng, value: &mut Value) {
    for _ in 0..random.random_range(1..=4) {
        mutate_one(random, value);
    }
}

fn mutate_one(random: &mut StdRng, value: &mut Value) {
    let go_deeper = random.random_bool(0.75);
    match value {
        Value::Object(fields) if go_deeper && !fields.is_empty() => {
            let names: Vec<String> = fields.keys().cloned().collect();
            let name = names.choose(random).unwrap();
            match random.random_range(0..8) {
                0 => drop(fields.remove(name)),
                1 => {
                    let inner = fields.remove(name).unwrap();
                    fields.insert(format!("{name}\u{200b}"), inner);
                }
                _ => mutate_one(random, &mut fields[name.as_str()]),
            }
        }
        Value::Array(items) if go_deeper && !items.is_empty() => {
            let place = random.random_range(0..items.len());
            match random.random_range(0..6) {
                0 => drop(items.remove(place)),
                1 => items.push(items[place].clone()),
                _ => mutate_one(random, &mut items[place]),
            }
        }
        other => *other = oddity(random),
    }
}

/// The text of a mutated tree, every third time with broken bytes.
fn mutated_bytes(random: &mut StdRng, value: &Value) -> Vec<u8> {
    let mut value = value.clone();
    mutate(random, &mut value);
    let mut bytes = value.to_string().into_bytes();
    if random.random_range(0..3) == 0 && !bytes.is_empty() {
        for _ in 0..random.random_range(1..8) {
            let place = random.random_range(0..bytes.len());
            bytes[place] = random.random();
        }
        if random.random_bool(0.3) {
            bytes.truncate(random.random_range(0..bytes.len()));
        }
    }
    bytes
}

#[actix_web::test]
async fn mutated_webhooks_and_events_do_nothing() {
    let world = world().await;
    // A project that a mutation is not likely to hit has everything switched on.
    let on =
        ProjectSettings { automatic: true, on_change: true, issue_types: Vec::new(), ..ProjectSettings::default() };
    world.store.set_project_settings(&world.tenant.id, &ProjectKey::new("ELSEWHERE"), &on).await.unwrap();
    let body = json!({ "timestamp": 1, "webhookEvent": "jira:issue_created", "issue_event_type_name": "issue_created",
        "user": { "accountId": ALICE, "accountType": "atlassian", "displayName": "Alice" },
        "changelog": { "id": "1", "items": [{ "field": "description", "fieldId": "description", "toString": "x" }] },
        "issue": { "id": "10001", "key": "SHOP-1", "fields": { "summary": "x", "description": "h2. wiki",
            "issuetype": { "name": "Story" }, "project": { "id": "10000", "key": "SHOP" } } } });
    let mut random = StdRng::seed_from_u64(1);
    for number in 0..count() {
        let bytes = mutated_bytes(&mut random, &body);
        let request = match number % 4 {
            0 => world.signed(None, Method::POST, "/webhooks/issue-created"),
            1 => world.signed(None, Method::POST, "/webhooks/issue-updated"),
            2 => world.invoked(&world.invocation("brine-issues", None), Method::POST, "/forge/issues"),
            _ => world.invoked(&world.invocation("brine-lifecycle", None), Method::POST, "/forge/lifecycle"),
        };
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let answer = world.call(request.set_payload(bytes)).await;
        // A body may even say that the app is about to go; then its next events are those of an outsider.
        assert!(matches!(answer.status.as_u16(), 204 | 400 | 401), "{number}: {} for {shown}", answer.status);
    }
    nothing_is_written(&world).await;
}

#[actix_web::test]
async fn mutated_tokens_open_nothing() {
    let world = world().await;
    let mut random = StdRng::seed_from_u64(2);
    let callers = callers(&world);
    for number in 0..count() {
        let caller = callers.choose(&mut random).unwrap();
        let token = mutated_token(&mut random, &world, caller);
        let answer = world.call(caller.request(&world, &token)).await;
        let status = answer.status.as_u16();
        assert!(matches!(status, 400 | 401), "{number}: {} answers {status} to {token}", caller.name());
    }
    nothing_is_written(&world).await;
}

fn mutated_token(random: &mut StdRng, world: &World, caller: &Caller) -> String {
    let claims = caller.claims(world);
    let right = caller.sign(&claims);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let parts: Vec<&str> = right.split('.').collect();
    let mut changed = claims.clone();
    mutate(random, &mut changed);
    let mut header =
        json!({ "alg": "RS256", "kid": "k1", "typ": "JWT", "jku": "https://evil.example", "crit": ["exp"] });
    mutate(random, &mut header);
    let mutated = match random.random_range(0..8) {
        0 => format!("{}.{}.{}", parts[0], part(&changed), parts[2]),
        1 => format!("{}.{}.{}", part(&header), parts[1], parts[2]),
        2 => format!("{}.{}.{}", part(&header), part(&changed), parts[2]),
        3 => tokens::hs256(&changed, "another secret"),
        4 => Atlassian::stranger().token("k1", &changed),
        5 => right[..random.random_range(0..right.len())].to_owned(),
        6 => [right.as_str(), parts[2], "a.b"].join(if random.random_bool(0.5) { "." } else { "" }),
        _ => {
            let mut bytes = right.clone().into_bytes();
            let place = random.random_range(0..bytes.len());
            bytes[place] = *b"ABCxyz019-_.=+/ ".choose(random).unwrap();
            String::from_utf8(bytes).unwrap()
        }
    };
    if mutated.trim() == right { format!("{right}x") } else { mutated }
}

#[actix_web::test]
async fn mutated_documents_are_read_as_far_as_they_can_be() {
    let world = world().await;
    let text =
        |text: &str| json!({ "type": "text", "text": text, "marks": [{ "type": "link", "attrs": { "href": "x" } }] });
    let paragraph = json!({ "type": "paragraph", "content": [text("A card is refused."), { "type": "hardBreak" },
        { "type": "mention", "attrs": { "id": "1", "text": "@ann" } }, { "type": "date", "attrs": { "timestamp": "1" } }] });
    let item = json!({ "type": "listItem", "content": [paragraph.clone()] });
    let cell = json!({ "type": "tableCell", "attrs": { "colspan": 2 }, "content": [paragraph.clone()] });
    let document = json!({ "type": "doc", "version": 1, "content": [
        { "type": "heading", "attrs": { "level": 2 }, "content": [text("Acceptance criteria")] }, paragraph,
        { "type": "bulletList", "content": [item.clone(), item.clone()] },
        { "type": "orderedList", "attrs": { "order": 3 }, "content": [item] },
        { "type": "table", "content": [{ "type": "tableRow", "content": [cell.clone(), cell] }] },
        { "type": "codeBlock", "attrs": { "language": "gherkin" }, "content": [{ "type": "text", "text": "Scenario: x" }] },
        { "type": "expand", "attrs": { "title": "t" }, "content": [{ "type": "rule" }] },
        { "type": "mediaSingle", "content": [{ "type": "media", "attrs": { "id": "m", "type": "file" } }] }] });
    let mut random = StdRng::seed_from_u64(3);
    for number in 0..count() {
        let bytes = mutated_bytes(&mut random, &document);
        let Ok(mutated) = serde_json::from_slice::<Value>(&bytes) else { continue };
        let text = adf::to_text(&adf::section::without(&mutated));
        drop(Story::new("A summary", &text));
        if let Some(found) = adf::section::find(&mutated) {
            adf::section::content_hash(&adf::section::nodes_of(&mutated, &found));
        }
        // Asking through the API, too, costs three calls to the stand-in of Jira.
        if number % 20 == 0 {
            world.jira.known.lock().unwrap().description = Some(mutated);
            let answer = world.get(ALICE, "/api/issues/10001/section").await;
            assert!(answer.status.as_u16() < 500, "{number}: {} {}", answer.status, answer.text);
        }
    }
    nothing_is_written(&world).await;
}
