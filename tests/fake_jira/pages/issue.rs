//! The view of one issue.

use std::fmt::Write as _;

use super::super::adf_html::{escape, to_html};
use super::super::people::Person;
use super::super::site::Site;
use super::super::state::Issue;
use super::super::time::page_time;
use super::frame::{Place, of_first};
use super::layout;

const PANEL_KINDS: [&str; 4] = ["jiraIssueContents", "jiraIssueContexts", "jiraIssueGlances", "webPanels"];

/// Summary, description, comments, and the app's panel.
pub(super) fn view(site: &Site, viewer: &Person, issue: &Issue) -> String {
    let project = site.state().project(&issue.project).cloned();
    let place = Place { project: project.clone(), issue: Some(issue.clone()) };
    let frame = of_first(site, &PANEL_KINDS, viewer, &place);
    let project_name = project.map(|project| project.name).unwrap_or_default();
    let description = issue.description.as_ref().map(to_html).unwrap_or_default();
    let content = format!(
        "<nav class=\"path\">{project_name} / <span class=\"type\">{kind}</span> {key}</nav>\
         <h1>{summary}</h1>\
         <div class=\"columns\"><div>\
         <section><h2>Description</h2><div id=\"description\" class=\"rich\">{description}</div></section>\
         <section class=\"app\">{frame}</section>\
         <section><h2>Comments</h2><div id=\"comments\">{comments}</div></section>\
         </div><aside>{details}</aside></div>",
        project_name = escape(&project_name),
        kind = escape(&issue.issue_type),
        key = escape(&issue.key),
        summary = escape(&issue.summary),
        comments = comments(site, issue),
        details = details(site, issue),
    );
    layout::page(viewer, &format!("[{}] {}", issue.key, issue.summary), &content)
}

fn comments(site: &Site, issue: &Issue) -> String {
    let state = site.state();
    let mut html = String::new();
    for comment in &issue.comments {
        let author = state.person(&comment.author).map(|person| person.display_name.clone()).unwrap_or_default();
        // Writing into a string can't fail.
        let _ = write!(
            html,
            "<article class=\"comment\" id=\"comment-{}\"><header>{} <time>{}</time></header><div class=\"rich\">{}</div></article>",
            comment.id,
            escape(&author),
            page_time(comment.created),
            to_html(&comment.body)
        );
    }
    if html.is_empty() { "<p class=\"empty\">No comments yet.</p>".into() } else { html }
}

fn details(site: &Site, issue: &Issue) -> String {
    let state = site.state();
    let creator = state.person(&issue.creator).map(|person| person.display_name.clone()).unwrap_or_default();
    format!(
        "<h2>Details</h2><dl><dt>Status</dt><dd><span class=\"chip status\">To Do</span></dd>\
         <dt>Reporter</dt><dd>{}</dd><dt>Labels</dt><dd>{}</dd><dt>Updated</dt><dd>{}</dd></dl>",
        escape(&creator),
        escape(if issue.labels.is_empty() { "None".into() } else { issue.labels.join(", ") }.as_str()),
        page_time(issue.updated)
    )
}
