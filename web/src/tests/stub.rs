//! The few answers of Jira that the web side asks for. The whole fake Jira lives in the package brine-tests.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Value, json};

use super::data;
use super::world::CLOUD;

/// What the stub knows, and what it was asked.
#[derive(Default)]
pub(super) struct Known {
    /// (user, permission).
    pub(super) grants: HashSet<(String, String)>,
    /// "METHOD path".
    pub(super) calls: Vec<String>,
    /// ADF that stands in every issue's description; the story's text when none.
    pub(super) description: Option<Value>,
    /// The issue property.
    pub(super) mark: Option<Value>,
    /// Bodies of comments by id.
    pub(super) comments: HashMap<String, Value>,
    /// The `Authorization` header of each call.
    pub(super) proofs: Vec<String>,
    /// How many issues any JQL finds; none: Jira does not take it.
    pub(super) matches: Option<u32>,
    /// Forge's key set.
    pub(super) key_set: Value,
    /// Install keys by name.
    pub(super) keys: HashMap<String, String>,
}

#[derive(Clone)]
pub(super) struct Stub {
    pub(super) base_url: String,
    pub(super) known: Arc<Mutex<Known>>,
}

impl Stub {
    pub(super) fn start() -> Self {
        let known = Arc::new(Mutex::new(Known::default()));
        let shared = web::Data::from(Arc::clone(&known));
        let server = HttpServer::new(move || App::new().app_data(shared.clone()).default_service(web::to(answer)))
            .workers(1)
            .disable_signals()
            .bind("127.0.0.1:0")
            .unwrap();
        let base_url = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        Self { base_url, known }
    }

    pub(super) fn grant(&self, user: &str, permissions: &[&str]) {
        let mut known = self.known.lock().unwrap();
        known.grants.extend(permissions.iter().map(|one| (user.to_owned(), (*one).to_owned())));
    }

    /// The `Authorization` header of the last call.
    pub(super) fn last_proof(&self) -> String {
        self.known.lock().unwrap().proofs.last().cloned().unwrap_or_default()
    }

    /// How often a path that begins like this was called.
    pub(super) fn calls(&self, path: &str) -> usize {
        self.known.lock().unwrap().calls.iter().filter(|call| call.contains(path)).count()
    }
}

async fn answer(request: HttpRequest, body: web::Bytes, known: web::Data<Mutex<Known>>) -> HttpResponse {
    let mut known = known.lock().unwrap();
    known.calls.push(format!("{} {}", request.method(), request.path()));
    let path = request.path().to_owned();
    if path == "/jwks.json" {
        return HttpResponse::Ok().json(&known.key_set);
    }
    if let Some(name) = path.strip_prefix("/keys/") {
        return match known.keys.get(name) {
            Some(pem) => HttpResponse::Ok().content_type("text/plain").body(pem.clone()),
            None => HttpResponse::NotFound().finish(),
        };
    }
    let proof = request.headers().get("Authorization").map_or("", |value| value.to_str().unwrap());
    known.proofs.push(proof.to_owned());
    let path = path.strip_prefix(&format!("/ex/jira/{CLOUD}")).unwrap_or(&path);
    let parts: Vec<&str> = path.trim_start_matches("/rest/api/3/").split('/').collect();
    match parts.as_slice() {
        ["permissions", "check"] => permissions(&known, &serde_json::from_slice(&body).unwrap()),
        ["search", "approximate-count"] => match known.matches {
            Some(count) => HttpResponse::Ok().json(json!({ "count": count })),
            None => HttpResponse::BadRequest().json(wrong_jql()),
        },
        ["search", "jql"] if request.query_string().contains("mood") => HttpResponse::BadRequest().json(wrong_jql()),
        ["user"] => HttpResponse::Ok().json(json!({ "accountId": "712020:carol", "displayName": "Carol Chair" })),
        ["myself"] => HttpResponse::Ok().json(json!({ "accountId": "brine-itself" })),
        ["project", key] => HttpResponse::Ok().json(json!({ "id": "10000", "key": key })),
        ["search", "jql"] => HttpResponse::Ok().json(json!({ "issues": [{ "id": "10001", "key": "SHOP-1" }] })),
        ["issue", _, "editmeta"] => HttpResponse::Ok().json(json!({ "fields": { "customfield_7": { "name": "Criteria",
            "operations": ["set"], "schema": { "type": "string",
                "custom": "com.atlassian.jira.plugin.system.customfieldtypes:textarea" } } } })),
        ["issue", id] => issue(&known, id),
        ["issue", _, "properties", key] => found(known.mark.clone().map(|value| json!({ "key": key, "value": value }))),
        ["issue", _, "comment", id] => found(known.comments.get(*id).map(|body| json!({ "id": id, "body": body }))),
        _ => HttpResponse::NotImplemented().finish(),
    }
}

fn wrong_jql() -> Value {
    json!({ "errorMessages": ["Field 'mood' does not exist or you do not have permission to view it."], "errors": {} })
}

fn found(value: Option<Value>) -> HttpResponse {
    value.map_or_else(|| HttpResponse::NotFound().finish(), |value| HttpResponse::Ok().json(value))
}

fn issue(known: &Known, id: &str) -> HttpResponse {
    let story = json!({ "type": "doc", "version": 1, "content": [
        { "type": "paragraph", "content": [{ "type": "text", "text": data::STORY }] }] });
    HttpResponse::Ok().json(json!({ "id": id, "key": format!("SHOP-{}", &id[id.len() - 1..]), "fields": {
        "summary": data::SUMMARY,
        "description": known.description.clone().unwrap_or(story),
        "issuetype": { "name": "Story" },
        "project": { "id": "10000", "key": "SHOP" },
    }}))
}

fn permissions(known: &Known, asked: &Value) -> HttpResponse {
    let user = asked["accountId"].as_str().unwrap();
    let held = |name: &Value| known.grants.contains(&(user.to_owned(), name.as_str().unwrap().to_owned()));
    let global: Vec<&Value> =
        asked["globalPermissions"].as_array().into_iter().flatten().filter(|name| held(name)).collect();
    let mut local = Vec::new();
    for grant in asked["projectPermissions"].as_array().into_iter().flatten() {
        for name in grant["permissions"].as_array().unwrap().iter().filter(|name| held(name)) {
            let list = |field: &str| grant.get(field).cloned().unwrap_or_else(|| json!([]));
            local.push(json!({ "permission": name, "issues": list("issues"), "projects": list("projects") }));
        }
    }
    HttpResponse::Ok().json(json!({ "globalPermissions": global, "projectPermissions": local }))
}
