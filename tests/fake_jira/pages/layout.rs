//! What all pages have around them.

use std::fmt::Write as _;

use super::super::adf_html::escape;
use super::super::people::{APP, Person};
use super::super::site::Site;

/// A whole page.
pub(super) fn page(viewer: &Person, title: &str, content: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/host/page.css\"><link rel=\"icon\" href=\"data:,\"></head><body>\
         <header class=\"bar\"><a href=\"/\">Fake Jira</a><span id=\"user\">{user}</span></header>\
         <main>{content}</main><div id=\"flags\" aria-live=\"polite\"></div>\
         <script type=\"module\" src=\"/host/host.js\"></script></body></html>",
        title = escape(title),
        user = escape(&viewer.display_name),
    )
}

/// A page of the app that stands alone.
pub(super) fn module_page(viewer: &Person, title: &str, frame: &str) -> String {
    page(viewer, title, &format!("<h1>{}</h1><section class=\"app\">{frame}</section>", escape(title)))
}

/// A page that only says one thing.
pub(super) fn message(text: &str) -> String {
    format!("<!doctype html><html lang=\"en\"><title>Fake Jira</title><p>{}</p></html>", escape(text))
}

/// All issues, and who one can be.
pub(super) fn front(site: &Site, viewer: &Person) -> String {
    let (issues, projects, people) = {
        let state = site.state();
        (state.issues.clone(), state.projects.clone(), state.people.clone())
    };
    let mut html = String::from("<h1>Issues</h1><ul class=\"plain\">");
    // Writing into a string can't fail.
    for issue in &issues {
        let (key, summary) = (escape(&issue.key), escape(&issue.summary));
        let _ = write!(html, "<li><a href=\"/browse/{key}\">{key}</a> {summary}</li>");
    }
    html.push_str("</ul><h2>Settings</h2><ul class=\"plain\"><li><a href=\"/admin\">Apps</a></li>");
    for project in &projects {
        let (key, name) = (escape(&project.key), escape(&project.name));
        let _ = write!(html, "<li><a href=\"/projects/{key}/settings\">{name}</a></li>");
    }
    html.push_str("</ul><h2>Look as</h2><ul class=\"plain\">");
    for person in people.iter().filter(|person| person.login != APP) {
        let _ = write!(html, "<li><a href=\"/?user={}\">{}</a></li>", person.login, escape(&person.display_name));
    }
    html.push_str("</ul>");
    page(viewer, "Issues", &html)
}
