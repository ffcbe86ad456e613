//! Brine's web side with one installed tenant, and people who call it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode};
use actix_web::test::{self, TestRequest};
use actix_web::{App, middleware, web};
use brine_core::clock::Clock;
use brine_core::ids::{AccountId, ClientKey, IssueId, IssueKey};
use brine_core::jobs::{Class, Draft, Job, Task};
use brine_core::queue::{EmbeddedQueue, Events};
use brine_core::secret::Cipher;
use brine_core::settings::Settings;
use brine_core::store::{Created, Installation, NewJob, Settlement, Store, Tenant};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::stub::Stub;
use super::{data, forge};
use crate::Offered;
use crate::door::Services;
use crate::{outer, routes};

pub(super) const SECRET: &str = "the-secret-of-acme";
pub(super) const CLIENT_KEY: &str = "jira:acme";
pub(super) const ISSUE: &str = "10001";
/// Product owner: may browse, edit and comment.
pub(super) const ALICE: &str = "712020:alice";
/// Tester: may browse.
pub(super) const BOB: &str = "712020:bob";
/// Administrator of everything.
pub(super) const CAROL: &str = "712020:carol";
/// Of the same site, but without any right.
pub(super) const MALLORY: &str = "712020:mallory";

pub(super) struct World {
    pub(super) jira: Stub,
    pub(super) store: Store,
    pub(super) queue: Arc<EmbeddedQueue>,
    pub(super) events: Events,
    pub(super) clock: Clock,
    pub(super) tenant: Tenant,
    pub(super) closing: CancellationToken,
    services: web::Data<Services>,
    _folder: tempfile::TempDir,
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: actix_web::http::header::HeaderMap,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {:?} is no JSON", self.status, self.text))
    }

    /// The message of a refusal, which every refusal has.
    pub(super) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl World {
    pub(super) async fn start() -> Self {
        Self::start_at("http://127.0.0.1:8930").await
    }

    pub(super) async fn start_at(base_url: &str) -> Self {
        let jira = Stub::start();
        jira.grant(ALICE, &["BROWSE_PROJECTS", "EDIT_ISSUES", "ADD_COMMENTS"]);
        jira.grant(BOB, &["BROWSE_PROJECTS"]);
        let all = ["BROWSE_PROJECTS", "EDIT_ISSUES", "ADD_COMMENTS", "ADMINISTER_PROJECTS", "ADMINISTER"];
        jira.grant(CAROL, &all);
        let environment = [
            ("BRINE_BASE_URL", base_url.to_owned()),
            ("BRINE_CONNECT_KEYS_URL", format!("{}/keys", jira.base_url)),
            ("BRINE_ALLOWED_SITES", "*.atlassian.net,127.0.0.1:*".to_owned()),
        ];
        let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value));
        let mut settings = Settings::from_sources(None, environment).unwrap_or_else(|_| {
            Settings::from_sources(None, [("BRINE_BASE_URL".to_owned(), base_url.to_owned())]).unwrap()
        });
        settings.server.bind = ([127, 0, 0, 1], 0).into();
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let url = Store::sqlite_url(&folder.path().join("brine.db"));
        let store = Store::open(&url, clock.clone(), Cipher::from_key(&[7; 32])).await.unwrap();
        let tenant = install(&store, CLIENT_KEY, SECRET, &jira.base_url).await;
        let queue = Arc::new(EmbeddedQueue::new(clock.clone()));
        let events = Events::new();
        let closing = CancellationToken::new();
        let services = Services::new(
            settings,
            offered(),
            store.clone(),
            queue.clone(),
            events.clone(),
            clock.clone(),
            closing.clone(),
        );
        let services = web::Data::new(services.unwrap());
        Self { jira, store, queue, events, clock, tenant, closing, services, _folder: folder }
    }

    /// Another site with its own secret.
    pub(super) async fn other_tenant(&self) -> Tenant {
        install(&self.store, "jira:other", "the-secret-of-other", &self.jira.base_url).await
    }

    pub(super) async fn send(&self, request: TestRequest) -> ServiceResponse {
        let app = test::init_service(
            App::new().app_data(self.services.clone()).configure(routes::mount).wrap(middleware::from_fn(outer::dress)),
        )
        .await;
        test::call_service(&app, request.to_request()).await.map_into_boxed_body()
    }

    pub(super) async fn call(&self, request: TestRequest) -> Answer {
        let response = self.send(request).await;
        let status = response.status();
        let headers = response.headers().clone();
        let text = String::from_utf8(test::read_body(response).await.to_vec()).unwrap();
        Answer { status, headers, text }
    }

    pub(super) fn context_token(&self, user: &str) -> String {
        forge::hs256(&forge::claims(CLIENT_KEY, Some(user), "context-qsh", self.clock.now_seconds()), SECRET)
    }

    pub(super) fn api_request(&self, user: &str, method: Method, path: &str) -> TestRequest {
        TestRequest::default()
            .method(method)
            .uri(path)
            .insert_header(("Authorization", format!("JWT {}", self.context_token(user))))
    }

    /// A call of our page for `user`.
    pub(super) async fn api(&self, user: &str, method: Method, path: &str, body: Value) -> Answer {
        let request = self.api_request(user, method.clone(), path);
        self.call(if method == Method::GET { request } else { request.set_json(body) }).await
    }

    pub(super) async fn get(&self, user: &str, path: &str) -> Answer {
        self.api(user, Method::GET, path, Value::Null).await
    }

    pub(super) async fn post(&self, user: &str, path: &str, body: Value) -> Answer {
        self.api(user, Method::POST, path, body).await
    }

    pub(super) async fn put(&self, user: &str, path: &str, body: Value) -> Answer {
        self.api(user, Method::PUT, path, body).await
    }

    /// A call that Jira signs for this very request.
    pub(super) fn signed(&self, user: Option<&str>, method: Method, address: &str) -> TestRequest {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let qsh = forge::qsh(method.as_str(), path, query);
        let claims = forge::claims(CLIENT_KEY, user, &qsh, self.clock.now_seconds());
        TestRequest::default()
            .method(method)
            .uri(address)
            .insert_header(("Authorization", format!("JWT {}", forge::hs256(&claims, SECRET))))
    }

    /// A queued job on the issue.
    pub(super) async fn queued_job(&self, user: &str) -> Job {
        let new = NewJob {
            tenant: self.tenant.id.clone(),
            issue_id: IssueId::new(ISSUE),
            issue_key: IssueKey::new("SHOP-1"),
            task: Task::Draft { max_scenarios: 6, seed: 0, publish: false },
            class: Class::Interactive,
            requested_by: Some(AccountId::new(user)),
            requested_by_name: None,
            delivery: None,
        };
        match self.store.create_job(new).await.unwrap() {
            Created::New(job) | Created::Already(job) => job,
        }
    }

    /// A job that a worker has begun.
    pub(super) async fn running_job(&self, user: &str) -> Job {
        let job = self.queued_job(user).await;
        self.store.lease(&job.id, Duration::from_secs(60)).await.unwrap().unwrap()
    }

    pub(super) async fn failed_job(&self, user: &str) -> Job {
        let job = self.running_job(user).await;
        let settlement = Settlement::Failed { reason: "the model failed".to_owned() };
        self.store.settle(&job, settlement).await.unwrap()
    }

    /// An open draft on the issue.
    pub(super) async fn open_draft(&self) -> Draft {
        let job = self.running_job(ALICE).await;
        let draft = data::draft_of(&job);
        self.store.put_draft(&job, draft.clone(), &data::story()).await.unwrap();
        self.store.settle(&job, Settlement::Drafted { draft: draft.id.clone() }).await.unwrap();
        self.store.draft(&self.tenant.id, &draft.id).await.unwrap().unwrap()
    }
}

/// One adapter that can be chosen, and one of another model.
fn offered() -> Offered {
    Offered {
        names: vec!["acceptance-criteria".to_owned()],
        unfit: vec![("foreign".to_owned(), "it was not made for smollm2-135m".to_owned())],
        usual: None,
    }
}

async fn install(store: &Store, client_key: &str, secret: &str, base_url: &str) -> Tenant {
    let installation = Installation {
        client_key: ClientKey::new(client_key),
        base_url: base_url.to_owned(),
        shared_secret: secret.to_owned().into(),
        oauth_client_id: None,
        display_url: None,
        cloud_id: None,
    };
    store.install_tenant(&installation).await.unwrap()
}
