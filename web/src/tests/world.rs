//! Brine's web side with one installed tenant, and people who call it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode};
use actix_web::test::{self, TestRequest};
use actix_web::{App, middleware, web};
use brine_core::clock::Clock;
use brine_core::ids::{AccountId, ClientKey, IssueId, IssueKey};
use brine_core::jira::JiraClients;
use brine_core::jira::limits::{InProcess, Rules};
use brine_core::jobs::{Class, Draft, Job, Task};
use brine_core::queue::{EmbeddedQueue, Events};
use brine_core::secret::Cipher;
use brine_core::settings::Settings;
use brine_core::store::{Created, Installation, NewJob, Settlement, Store, Tenant};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::atlassian::{APP, Atlassian, FORGE_KID};
use super::stub::Stub;
use super::{data, tokens};
use crate::Offered;
use crate::door::Services;
use crate::{outer, routes};

pub(super) const SECRET: &str = "the-secret-of-acme";
pub(super) const CLIENT_KEY: &str = "jira:acme";
/// The site and the installation that Forge speaks of.
pub(super) const CLOUD: &str = "d0d52620-3203-4cfa-8db5-f2587155f0dd";
pub(super) const INSTALLATION: &str = "ari:cloud:ecosystem::installation/0a3a7799-53ae-4a5b-9e7e-03338980abb5";
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
    started: i64,
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
        Self::start_with(base_url, &[]).await
    }

    /// With more of the environment's variables.
    pub(super) async fn start_with(base_url: &str, more: &[(&str, &str)]) -> Self {
        let jira = Stub::start();
        jira.known.lock().unwrap().key_set = Atlassian::real().key_set();
        jira.grant(ALICE, &["BROWSE_PROJECTS", "EDIT_ISSUES", "ADD_COMMENTS"]);
        jira.grant(BOB, &["BROWSE_PROJECTS"]);
        let all = ["BROWSE_PROJECTS", "EDIT_ISSUES", "ADD_COMMENTS", "ADMINISTER_PROJECTS", "ADMINISTER"];
        jira.grant(CAROL, &all);
        let environment = [
            ("BRINE_BASE_URL", base_url.to_owned()),
            ("BRINE_CONNECT_KEYS_URL", format!("{}/keys", jira.base_url)),
            ("BRINE_ALLOWED_SITES", "*.atlassian.net,127.0.0.1:*".to_owned()),
            ("BRINE_FORGE_JWKS_URL", format!("{}/jwks.json", jira.base_url)),
            ("BRINE_FORGE_APP_IDS", APP.to_owned()),
        ];
        let more = more.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let environment = environment.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value));
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
        let allowance = Arc::new(InProcess::new(clock.clone()));
        let clients = JiraClients::new(allowance, Rules::new(&settings.limits), clock.clone()).unwrap();
        let services = Services::new(
            settings,
            offered(),
            store.clone(),
            queue.clone(),
            events.clone(),
            clients,
            clock.clone(),
            closing.clone(),
        );
        let services = web::Data::new(services.unwrap());
        let started = clock.now_seconds();
        Self { started, jira, store, queue, events, clock, tenant, closing, services, _folder: folder }
    }

    /// Claims of a call by Forge, for this module and person. Each names another call.
    pub(super) fn invocation(&self, module: &str, user: Option<&str>) -> Value {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let now = self.clock.now_seconds();
        let kind = if user.is_some() { "jira:issuePanel" } else { "core:endpoint" };
        let mut claims = json!({
            "iss": "forge/invocation-token", "aud": APP, "iat": now, "nbf": now, "exp": now + 25,
            "jti": format!("call-{}", CALLS.fetch_add(1, Ordering::Relaxed)),
            "app": { "id": APP, "version": "1", "apiBaseUrl": format!("{}/ex/jira/{CLOUD}", self.jira.base_url),
                "module": { "type": kind, "key": module },
                "installationId": INSTALLATION, "installation": { "id": INSTALLATION } },
        });
        if let Some(user) = user {
            claims["principal"] = user.into();
            claims["context"] =
                json!({ "cloudId": CLOUD, "siteUrl": "https://shop.atlassian.net", "moduleKey": module });
        }
        claims
    }

    /// A call with this invocation token.
    pub(super) fn invoked(&self, claims: &Value, method: Method, path: &str) -> TestRequest {
        let token = Atlassian::real().token(FORGE_KID, claims);
        TestRequest::default().method(method).uri(path).insert_header(("Authorization", format!("Bearer {token}")))
    }

    /// An event of Forge's, with a token of the app that ends in so many seconds.
    pub(super) async fn event(&self, module: &str, path: &str, body: Value, token_life: i64) -> Answer {
        let request = self.invoked(&self.invocation(module, None), Method::POST, path);
        let token = self.oauth("system", token_life);
        self.call(request.insert_header(("x-forge-oauth-system", token)).set_json(body)).await
    }

    /// A call of our page in Forge for `user`, with that person's token.
    pub(super) async fn by_forge(&self, module: &str, user: &str, method: Method, path: &str, body: Value) -> Answer {
        let request = self.invoked(&self.invocation(module, Some(user)), method.clone(), path);
        let request = request.insert_header(("x-forge-oauth-user", self.oauth(user, 600)));
        self.call(if method == Method::GET { request } else { request.set_json(body) }).await
    }

    /// A token for Jira's API as Forge gives it: opaque but for when it ends.
    pub(super) fn oauth(&self, whose: &str, life: i64) -> String {
        tokens::hs256(&json!({ "sub": whose, "exp": self.started + life }), "of Atlassian alone")
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
        tokens::hs256(&tokens::claims(CLIENT_KEY, Some(user), "context-qsh", self.clock.now_seconds()), SECRET)
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
        let qsh = tokens::qsh(method.as_str(), path, query);
        let claims = tokens::claims(CLIENT_KEY, user, &qsh, self.clock.now_seconds());
        TestRequest::default()
            .method(method)
            .uri(address)
            .insert_header(("Authorization", format!("JWT {}", tokens::hs256(&claims, SECRET))))
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
            anew: false,
        };
        match self.store.create_job(new).await.unwrap() {
            Created::New(job) | Created::Anew(job) | Created::Already(job) => job,
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
