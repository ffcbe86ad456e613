//! The remote writer against stand-ins of a server.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use brine_core::gherkin::Basis;
use serde_json::json;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::remote::Patience;

const GOOD: &str = "@happy-path
Scenario: Right PIN opens the gift card
  Given a gift card that is not locked
  When the shopper enters the right PIN
  Then the gift card is open

@negative
Scenario: Third wrong PIN locks the gift card
  Given a gift card with 2 wrong PINs
  When the shopper enters a wrong PIN for the 3rd time
  Then the gift card is locked

@edge-case
Scenario: Support unlocks a locked gift card
  Given a gift card that is locked
  When support unlocks it for the shopper
  Then the gift card is open

@edge-case
Scenario: Two wrong PINs leave the gift card open
  Given a gift card with 1 wrong PIN
  When the shopper enters a wrong PIN again
  Then the gift card is not locked

# Question: Who is told of a locked gift card?";

fn says(text: &str) -> ResponseTemplate {
    let message = json!({ "role": "assistant", "content": text });
    ResponseTemplate::new(200).set_body_json(json!({ "choices": [{ "message": message, "finish_reason": "stop" }] }))
}

fn writer(server: &MockServer) -> RemoteWriter {
    RemoteWriter::new(ChatSettings {
        address: server.uri(),
        model: "large-1".to_owned(),
        key: None,
        key_variable: "BRINE_MODEL_KEY",
        deadline: Duration::from_secs(20),
        patience: Patience::default(),
    })
    .unwrap()
}

fn request(max_scenarios: u8) -> DraftRequest {
    let text = "A gift card is locked after 3 wrong PINs. Support can unlock it.";
    DraftRequest {
        story: Story::new("Lock a gift card", text).unwrap(),
        max_scenarios,
        seed: 7,
        prompt: None,
        deadline: Duration::from_secs(20),
    }
}

async fn draft(server: &MockServer, request: DraftRequest) -> (Result<Drafted, WriteError>, Vec<DraftEvent>) {
    let mut events = Vec::new();
    let drafted = writer(server).draft(request, CancellationToken::new(), |event| events.push(event)).await;
    (drafted, events)
}

#[tokio::test]
async fn a_servers_criteria_rest_on_the_story_and_name_what_wrote_them() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(says(&format!("Here:\n```\n{GOOD}\n```"))).mount(&server).await;
    let (drafted, events) = draft(&server, request(6)).await;
    let drafted = drafted.unwrap();
    assert_eq!(drafted.criteria.scenarios.len(), 4);
    assert!(
        matches!(drafted.criteria.scenarios[1].basis, Basis::Sentence { .. }),
        "{:?}",
        drafted.criteria.scenarios[1]
    );
    assert_eq!(drafted.criteria.questions, ["Who is told of a locked gift card?"]);
    assert_eq!((drafted.provenance.model.as_str(), drafted.provenance.prompt.as_str()), ("large-1", "teacher@2"));
    assert_eq!(events.iter().filter(|event| matches!(event, DraftEvent::Scenario(_))).count(), 4);
}

#[tokio::test]
async fn fewer_scenarios_are_kept_where_fewer_are_wanted_but_each_kind_stays() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(says(GOOD)).mount(&server).await;
    let drafted = draft(&server, request(3)).await.0.unwrap();
    let tags: Vec<Tag> = drafted.criteria.scenarios.iter().map(|scenario| scenario.tag).collect();
    assert_eq!(tags, [Tag::HappyPath, Tag::Negative, Tag::EdgeCase]);
}

#[tokio::test]
async fn what_does_not_keep_the_form_is_asked_for_again_and_then_given_up_without_repeating_it() {
    let server = MockServer::start().await;
    let two_whens = GOOD.replacen("  Then", "  When support looks at the gift card\n  Then", 1);
    Mock::given(method("POST")).respond_with(says(&two_whens)).up_to_n_times(1).mount(&server).await;
    Mock::given(method("POST")).respond_with(says(GOOD)).mount(&server).await;
    assert!(draft(&server, request(6)).await.0.is_ok());
    let seeds: Vec<_> = server.received_requests().await.unwrap();
    let seeds: Vec<u64> =
        seeds.iter().map(|asked| asked.body_json::<serde_json::Value>().unwrap()["seed"].as_u64().unwrap()).collect();
    assert_eq!(seeds, [7, 8]);

    let other = MockServer::start().await;
    Mock::given(method("POST")).respond_with(says("A gift card? I can't help.")).mount(&other).await;
    let error = draft(&other, request(6)).await.0.unwrap_err();
    assert_eq!(error.to_string(), "the model failed: 3 answers of the server large-1 do not keep the form");
    assert_eq!(other.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up_and_a_cancel_is_heard() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(says(GOOD).set_delay(Duration::from_secs(30))).mount(&server).await;
    let hasty = DraftRequest { deadline: Duration::from_millis(50), ..request(6) };
    assert!(matches!(draft(&server, hasty).await.0, Err(WriteError::Deadline(_))));
    let cancel = CancellationToken::new();
    cancel.cancel();
    let stopped = writer(&server).draft(request(6), cancel, |_| ()).await;
    assert!(matches!(stopped, Err(WriteError::Cancelled)));
}
