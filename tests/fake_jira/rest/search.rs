//! Search by JQL.

use serde_json::{Value, json};

use super::super::people::APP;
use super::super::site::Site;
use super::super::{jql, state::Issue};
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
    most: usize,
    from: usize,
}

pub(super) fn search(site: &Site, call: &Call) -> Outcome {
    let asked = if call.method == "GET" { by_query(call)? } else { by_body(call)? };
    let query = jql::parse(&asked.jql).map_err(|message| Answer::refused(400, &message))?;
    if !query.is_bounded() {
        let message = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.";
        return Err(Answer::refused(400, message));
    }
    let state = site.state();
    let seen = |issue: &&Issue| state.grants.has(APP, &issue.project, "BROWSE_PROJECTS") && query.matches(issue);
    let mut found: Vec<&Issue> = state.issues.iter().filter(seen).collect();
    if query.descending {
        found.reverse();
    }
    let end = found.len().min(asked.from + asked.most);
    let page = found.get(asked.from.min(end)..end).unwrap_or_default();
    // Ids alone unless fields are asked for.
    let show = |issue: &&Issue| match asked.fields.as_slice() {
        [] => json!({"id": issue.id.to_string()}),
        fields => issue_json(site, &state, issue, fields, &[]),
    };
    let mut answer = json!({"issues": page.iter().map(show).collect::<Vec<_>>(), "isLast": end == found.len()});
    if let (true, Some(answer)) = (end < found.len(), answer.as_object_mut()) {
        answer.insert("nextPageToken".into(), json!(end.to_string()));
    }
    Ok(Answer::json(200, answer))
}

fn by_query(call: &Call) -> Result<Asked, Answer> {
    let most = call.param("maxResults").unwrap_or_else(|| "50".into());
    Ok(Asked {
        jql: call.param("jql").unwrap_or_default(),
        fields: call.list("fields"),
        most: most.parse().map_err(|_| Answer::refused(400, "maxResults must be a number"))?,
        from: page_start(call.param("nextPageToken").as_deref())?,
    })
}

fn by_body(call: &Call) -> Result<Asked, Answer> {
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
    Ok(Asked {
        jql: body.get("jql").and_then(text).unwrap_or_default(),
        fields: body.get("fields").and_then(Value::as_array).into_iter().flatten().filter_map(text).collect(),
        most: body.get("maxResults").and_then(Value::as_u64).map_or(50, |most| usize::try_from(most).unwrap_or(50)),
        from: page_start(body.get("nextPageToken").and_then(Value::as_str))?,
    })
}

fn page_start(token: Option<&str>) -> Result<usize, Answer> {
    token.map_or(Ok(0), |token| token.parse().map_err(|_| Answer::refused(400, "The nextPageToken is not valid.")))
}
