//! Search by JQL.

use std::sync::atomic::Ordering::Relaxed;

use serde_json::{Value, json};

use super::super::site::Site;
use super::super::{bearers, jql, state::Issue};
use super::answer::{Answer, Call, Outcome};
use super::shapes::issue_json;

/// The old search, which Jira took away.
pub(super) fn gone() -> Answer {
    Answer::refused(
        410,
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration \
         guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046",
    )
}

struct Asked {
    jql: String,
    fields: Vec<String>,
    properties: Vec<String>,
    most: usize,
    from: usize,
}

/// Parses a JQL as strictly as Jira does.
fn bounded(text: &str) -> Result<jql::Query, Answer> {
    let query = jql::parse(text).map_err(|message| Answer::refused(400, &message))?;
    if !query.is_bounded() {
        let message = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.";
        return Err(Answer::refused(400, message));
    }
    Ok(query)
}

/// How many issues the caller would see.
pub(super) fn approximate_count(site: &Site, call: &Call) -> Outcome {
    let body = call.object(&["jql"])?;
    let query = bounded(body.get("jql").and_then(Value::as_str).unwrap_or_default())?;
    let login = bearers::login(site, call);
    let state = site.state();
    let seen = |issue: &&Issue| state.grants.has(&login, &issue.project, "BROWSE_PROJECTS") && query.matches(issue);
    Ok(Answer::json(200, json!({"count": state.issues.iter().filter(seen).count()})))
}

pub(super) fn search(site: &Site, call: &Call) -> Outcome {
    let asked = if call.method == "GET" { by_query(site, call)? } else { by_body(site, call)? };
    let query = bounded(&asked.jql)?;
    let login = bearers::login(site, call);
    let state = site.state();
    let seen = |issue: &&Issue| state.grants.has(&login, &issue.project, "BROWSE_PROJECTS") && query.matches(issue);
    let mut found: Vec<&Issue> = state.issues.iter().filter(seen).collect();
    if query.descending {
        found.reverse();
    }
    let end = found.len().min(asked.from + asked.most);
    let page = found.get(asked.from.min(end)..end).unwrap_or_default();
    // Ids alone unless fields are asked for.
    let show = |issue: &&Issue| match asked.fields.as_slice() {
        [] => json!({"id": issue.id.to_string()}),
        fields => issue_json(site, &state, issue, fields, &asked.properties),
    };
    let mut answer = json!({"issues": page.iter().map(show).collect::<Vec<_>>(), "isLast": end == found.len()});
    if let (true, Some(answer)) = (end < found.len(), answer.as_object_mut()) {
        answer.insert("nextPageToken".into(), json!(format!("{}:{end}", site.page_age.load(Relaxed))));
    }
    Ok(Answer::json(200, answer))
}

fn by_query(site: &Site, call: &Call) -> Result<Asked, Answer> {
    let most = call.param("maxResults").unwrap_or_else(|| "50".into());
    Ok(Asked {
        jql: call.param("jql").unwrap_or_default(),
        fields: call.list("fields"),
        properties: call.list("properties"),
        most: most.parse().map_err(|_| Answer::refused(400, "maxResults must be a number"))?,
        from: page_start(site, call.param("nextPageToken").as_deref())?,
    })
}

fn by_body(site: &Site, call: &Call) -> Result<Asked, Answer> {
    let known = [
        "jql",
        "nextPageToken",
        "maxResults",
        "fields",
        "expand",
        "properties",
        "fieldsByKeys",
        "failFast",
        "reconcileIssues",
    ];
    let body = call.object(&known)?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let list = |name: &str| body.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(text).collect();
    Ok(Asked {
        jql: body.get("jql").and_then(text).unwrap_or_default(),
        fields: list("fields"),
        properties: list("properties"),
        most: body.get("maxResults").and_then(Value::as_u64).map_or(50, |most| usize::try_from(most).unwrap_or(50)),
        from: page_start(site, body.get("nextPageToken").and_then(Value::as_str))?,
    })
}

/// A page's name is good until the site's pages grow old.
fn page_start(site: &Site, token: Option<&str>) -> Result<usize, Answer> {
    let Some(token) = token else { return Ok(0) };
    let age = site.page_age.load(Relaxed).to_string();
    let start = token.split_once(':').filter(|(of, _)| *of == age).and_then(|(_, start)| start.parse().ok());
    start.ok_or_else(|| Answer::refused(400, "The provided next page token is invalid or expired."))
}
