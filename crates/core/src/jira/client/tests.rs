#![allow(clippy::unwrap_used, clippy::expect_used)]

mod authorisation;
mod calls;
mod limited;
mod matches;
mod refusals;

use std::sync::Arc;

use secrecy::SecretString;
use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{Authorisation, JiraClient, JiraClients, http_client};
use crate::clock::Clock;
use crate::ids::{ClientKey, IssueId, TenantId};
use crate::jira::limits::{Guard, InProcess, Rules};
use crate::jobs::Class;
use crate::settings::Settings;

const SECRET: &str = "the-secret-of-this-installation";

fn client_of(base_url: &str) -> JiraClient {
    JiraClient::new(http_client().unwrap(), base_url, by_connect(), guard(), Clock::system())
}

fn rules() -> Rules {
    Rules::new(&Settings::from_sources(None, []).unwrap().limits)
}

fn guard() -> Guard {
    Guard::new(Arc::new(InProcess::new(Clock::system())), rules(), TenantId::new("t-1"), Class::Interactive)
}

fn clients(clock: &Clock) -> JiraClients {
    JiraClients::new(Arc::new(InProcess::new(clock.clone())), rules(), clock.clone()).unwrap()
}

fn by_connect() -> Authorisation {
    Authorisation::Connect { client_key: ClientKey::new("jira:4711"), secret: SecretString::from(SECRET) }
}

fn client(server: &MockServer) -> JiraClient {
    client_of(&server.uri())
}

fn issue() -> IssueId {
    IssueId::new("10042")
}

fn json(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// A site that gives every call the same answer.
async fn always(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

fn path_and_query(request: &Request) -> String {
    match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    }
}
