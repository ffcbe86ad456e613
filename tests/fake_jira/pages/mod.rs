//! The pages of the site: plain views that embed the app's pages in iframes, as Jira does.
//!
//! Who looks is named by `?user=`, kept in a cookie; alice when nobody is named.

mod frame;
mod issue;
mod layout;

use actix_web::cookie::Cookie;
use actix_web::web::{self, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::people::Person;
use super::site::Site;
use super::tokens::hs256;

/// The cookie that keeps who looks.
const USER_COOKIE: &str = "fake-jira-user";

/// All pages.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(front_page))
        .route("/browse/{key}", web::get().to(issue_page))
        .route("/admin", web::get().to(admin_page))
        .route("/projects/{key}/settings", web::get().to(project_page))
        .route("/host/token", web::get().to(context_token))
        .route("/host/all.js", web::get().to(|| script(include_str!("all.js"))))
        .route("/host/host.js", web::get().to(|| script(include_str!("host.js"))))
        .route("/host/page.css", web::get().to(style));
}

async fn script(text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(text)
}

async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(include_str!("page.css"))
}

/// Who looks at a page.
#[derive(Deserialize)]
struct Viewer {
    user: Option<String>,
}

impl Viewer {
    fn find(&self, site: &Site, request: &HttpRequest) -> Option<Person> {
        let kept = request.cookie(USER_COOKIE).map(|cookie| cookie.value().to_owned());
        let login = self.user.clone().or(kept).unwrap_or_else(|| "alice".to_owned());
        site.state().person(&login).cloned()
    }
}

fn page(viewer: &Person, html: String) -> HttpResponse {
    let cookie = Cookie::build(USER_COOKIE, viewer.login.clone()).path("/").http_only(true).finish();
    HttpResponse::Ok().cookie(cookie).content_type("text/html; charset=utf-8").body(html)
}

fn not_found(what: &str) -> HttpResponse {
    HttpResponse::NotFound().content_type("text/html; charset=utf-8").body(layout::message(what))
}

async fn front_page(site: Data<Site>, request: HttpRequest, viewer: Query<Viewer>) -> HttpResponse {
    let Some(person) = viewer.find(&site, &request) else { return not_found("Nobody has this name.") };
    let html = layout::front(&site, &person);
    page(&person, html)
}

async fn issue_page(
    site: Data<Site>,
    request: HttpRequest,
    key: web::Path<String>,
    viewer: Query<Viewer>,
) -> HttpResponse {
    let Some(person) = viewer.find(&site, &request) else { return not_found("Nobody has this name.") };
    let found = {
        let state = site.state();
        let issue = state.issue(&key).cloned();
        issue.filter(|issue| state.grants.has(&person.login, &issue.project, "BROWSE_PROJECTS"))
    };
    match found {
        Some(issue) => page(&person, issue::view(&site, &person, &issue)),
        None => not_found("This issue does not exist, or you may not see it."),
    }
}

async fn admin_page(site: Data<Site>, request: HttpRequest, viewer: Query<Viewer>) -> HttpResponse {
    let Some(person) = viewer.find(&site, &request) else { return not_found("Nobody has this name.") };
    let kinds = ["adminPages", "configurePage"];
    let frame = frame::of_first(&site, &kinds, &person, &frame::Place::default());
    page(&person, layout::module_page(&person, "Apps", &frame))
}

async fn project_page(
    site: Data<Site>,
    request: HttpRequest,
    key: web::Path<String>,
    viewer: Query<Viewer>,
) -> HttpResponse {
    let Some(person) = viewer.find(&site, &request) else { return not_found("Nobody has this name.") };
    let Some(project) = site.state().project(&key).cloned() else { return not_found("There is no such project.") };
    let kinds = ["jiraProjectAdminTabPanels", "jiraProjectPages"];
    let title = format!("{} settings", project.name);
    let place = frame::Place { project: Some(project), issue: None };
    let frame = frame::of_first(&site, &kinds, &person, &place);
    page(&person, layout::module_page(&person, &title, &frame))
}

/// A fresh context token for who is logged in.
async fn context_token(site: Data<Site>, request: HttpRequest, viewer: Query<Viewer>) -> HttpResponse {
    let (Some(person), Some(app)) = (viewer.find(&site, &request), site.installation()) else {
        return HttpResponse::NotFound().finish();
    };
    let mut claims = app.claims("context-qsh", 900);
    if let Some(fields) = claims.as_object_mut() {
        fields.insert("sub".into(), json!(person.account_id));
    }
    HttpResponse::Ok().json(json!({"token": hs256(&claims, &app.shared_secret)}))
}
