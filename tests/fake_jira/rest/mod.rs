//! REST v3, as far as apps like Brine use it. Each operation is a plain function from a call to an answer.

mod answer;
mod comments;
mod fields;
mod gate;
mod issues;
mod people;
mod properties;
mod search;
mod shapes;

use std::sync::Arc;

pub(crate) use answer::{Answer, Call, Outcome};
pub(crate) use issues::tell_of_edit;
pub(crate) use shapes::{issue_type_json, project_json};

use super::site::Site;

/// Checks the caller and does what is asked.
pub(crate) fn answer(site: &Arc<Site>, call: &Call) -> Answer {
    match gate::admit(site, call).and_then(|()| route(site, call)) {
        Ok(answer) | Err(answer) => answer,
    }
}

/// One table of all operations.
fn route(site: &Arc<Site>, call: &Call) -> Outcome {
    let segments = call.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["issue"]) => issues::create(site, call),
        ("GET", ["issue", issue]) => issues::get(site, call, issue),
        ("PUT", ["issue", issue]) => issues::edit(site, call, issue),
        ("DELETE", ["issue", issue]) => issues::delete(site, call, issue),
        ("GET", ["issue", issue, "editmeta"]) => fields::edit_metadata(site, issue),
        ("GET", ["issue", issue, "comment"]) => comments::list(site, call, issue),
        ("POST", ["issue", issue, "comment"]) => comments::add(site, call, issue),
        ("GET", ["issue", issue, "comment", id]) => comments::get(site, call, issue, id),
        ("PUT", ["issue", issue, "comment", id]) => comments::update(site, call, issue, id),
        ("DELETE", ["issue", issue, "comment", id]) => comments::delete(site, issue, id),
        ("GET", ["issue", issue, "properties"]) => properties::list(site, issue),
        ("GET", ["issue", issue, "properties", key]) => properties::get(site, issue, key),
        ("PUT", ["issue", issue, "properties", key]) => properties::set(site, call, issue, key),
        ("DELETE", ["issue", issue, "properties", key]) => properties::delete(site, issue, key),
        ("GET", ["comment", id, "properties", key]) => properties::get_of_comment(site, id, key),
        ("PUT", ["comment", id, "properties", key]) => properties::set_of_comment(site, call, id, key),
        ("GET", ["field"]) => fields::list(),
        ("GET", ["project", project]) => people::project(site, project),
        ("POST", ["permissions", "check"]) => people::check_permissions(site, call),
        ("GET", ["myself"]) => people::myself(site),
        ("GET", ["user"]) => people::user(site, call),
        ("GET", ["user", "bulk"]) => people::users(site, call),
        ("GET" | "POST", ["search", "jql"]) => search::search(site, call),
        ("POST", ["search", "approximate-count"]) => search::approximate_count(site, call),
        ("GET" | "POST", ["search"]) => Err(search::gone()),
        _ => Err(Answer::refused(404, &format!("null for uri: {}", call.path))),
    }
}
