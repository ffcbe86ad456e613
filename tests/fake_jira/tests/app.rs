//! A Connect app that remembers what it is told, and a client that signs as an app does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde_json::{Value, json};

use super::super::site::lock;
use super::super::time::now_s;
use super::super::{FakeJira, FakeOptions, Installation, hs256, qsh};

#[derive(Clone)]
pub(super) struct Heard {
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Value,
}

impl Heard {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn token(&self) -> &str {
        self.header("authorization").unwrap().strip_prefix("JWT ").unwrap()
    }
}

#[derive(Default)]
pub(super) struct Ears {
    heard: Mutex<Vec<Heard>>,
    /// The statuses of the next answers; 204 when there are none.
    pub(super) statuses: Mutex<VecDeque<u16>>,
    page: Mutex<Option<String>>,
}

impl Ears {
    /// From now on everything is answered with a page that uses the host script.
    pub(super) fn show_page(&self, host_script: &str) {
        let page = format!(
            "<!doctype html><script src='{host_script}'></script><div style='height: 700px'></div><script>
             AP.context.getToken((token) => {{
               document.body.insertAdjacentHTML('beforeend', '<p id=token></p>');
               document.getElementById('token').textContent = token;
               AP.flag.create({{ title: 'Title', body: 'Body <b>as text</b>', type: 'success' }});
             }});</script>"
        );
        *lock(&self.page) = Some(page);
    }

    pub(super) fn heard(&self, path: &str) -> Vec<Heard> {
        lock(&self.heard).iter().filter(|heard| heard.path == path).cloned().collect()
    }
}

pub(super) struct SmallApp {
    pub(super) base: String,
    pub(super) ears: Arc<Ears>,
}

impl SmallApp {
    pub(super) fn start() -> Self {
        let ears = Arc::new(Ears::default());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (data, own) = (Data::from(Arc::clone(&ears)), base.clone());
        let server = HttpServer::new(move || {
            let descriptor = descriptor(&own);
            App::new()
                .app_data(data.clone())
                .route("/atlassian-connect.json", web::get().to(move || answer(descriptor.clone())))
                .default_service(web::to(listen))
        });
        tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        Self { base, ears }
    }
}

async fn answer(descriptor: Value) -> HttpResponse {
    HttpResponse::Ok().json(descriptor)
}

async fn listen(ears: Data<Ears>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    lock(&ears.heard).push(Heard {
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        headers: headers.collect(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    if let Some(page) = lock(&ears.page).clone() {
        return HttpResponse::Ok().content_type("text/html").body(page);
    }
    let status = lock(&ears.statuses).pop_front().unwrap_or(204);
    HttpResponse::build(status.try_into().unwrap()).finish()
}

fn descriptor(base: &str) -> Value {
    json!({
        "key": "com.example.app",
        "baseUrl": base,
        "authentication": {"type": "jwt"},
        "apiMigrations": {"signed-install": true, "context-qsh": true},
        "lifecycle": {"installed": "/installed", "uninstalled": "/uninstalled", "enabled": "/enabled", "disabled": "/disabled"},
        "scopes": ["READ", "WRITE"],
        "modules": {
            "jiraIssueContents": [{"key": "p", "name": {"value": "Panel"}, "target": {"type": "web_panel", "url": "/panel?key={issue.key}"}}],
            "webhooks": [{"event": "jira:issue_created", "url": "/created"}],
        },
    })
}

/// A site with one project and one story, and an app installed in it.
pub(super) struct Installed {
    pub(super) jira: FakeJira,
    pub(super) app: SmallApp,
    pub(super) installation: Installation,
    pub(super) http: reqwest::Client,
}

impl Installed {
    pub(super) async fn start() -> Self {
        let options = FakeOptions { webhook_pause: Duration::from_millis(5), ..FakeOptions::default() };
        let jira = FakeJira::start(options).await.unwrap();
        jira.create_project("SHOP", "Web shop");
        let app = SmallApp::start();
        let installation = jira.install(&app.base).await.unwrap();
        Self { jira, app, installation, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// A call as the app makes it: `path` may have a query.
    pub(super) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let (plain, query) = path.split_once('?').unwrap_or((path, ""));
        let claims = self.claims(&qsh(method, plain, query));
        self.call_with(method, path, body, &hs256(&claims, &self.installation.shared_secret)).await.unwrap()
    }

    pub(super) fn claims(&self, qsh: &str) -> Value {
        json!({"iss": self.installation.app_key, "iat": now_s(), "exp": now_s() + 180, "qsh": qsh})
    }

    pub(super) async fn call_with(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        token: &str,
    ) -> reqwest::Result<(u16, Value)> {
        let address = format!("{}{path}", self.jira.base_url());
        let mut request =
            self.http.request(method.parse().unwrap(), address).header("Authorization", format!("JWT {token}"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

pub(super) fn adf(text: &str) -> Value {
    json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]})
}
