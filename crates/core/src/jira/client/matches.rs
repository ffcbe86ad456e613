//! What a JQL of a person's finds: how many issues there are, and their numbers and keys by pages.

use serde_json::{Value, json};

use super::{Call, JiraClient};
use crate::ids::{IssueId, IssueKey};
use crate::jira::JiraError;
use crate::jira::publish::PROPERTY_KEY;

/// An issue that a JQL finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its number.
    pub id: IssueId,
    /// Its key now.
    pub key: IssueKey,
    /// Criteria of ours stand in it.
    pub has_criteria: bool,
}

/// One page of what a JQL finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matches {
    /// In the order that the JQL asks for.
    pub issues: Vec<Match>,
    /// Names the next page; none on the last. Jira keeps it for seven days.
    pub next: Option<String>,
}

impl JiraClient {
    /// How many issues `jql` finds, about: Jira's count leaves out the newest changes. A JQL that Jira does not take gives
    /// `Rejected` with Jira's words about it.
    pub async fn count_matches(&self, jql: &str) -> Result<u32, JiraError> {
        let count =
            self.send(Call::post("/rest/api/3/search/approximate-count".to_owned(), json!({ "jql": jql }))).await;
        let answer = match count {
            Ok(answer) => answer,
            // What repeats our body is not told by the client. A GET has none: it says what is wrong with the JQL.
            Err(error @ JiraError::Rejected { .. }) => {
                return Err(self.matches(jql, None, 1).await.err().unwrap_or(error));
            }
            Err(error) => return Err(error),
        };
        let count = answer.get("count").and_then(Value::as_u64);
        let count = count.ok_or(JiraError::Malformed { what: "the count of a search holds no number" })?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// One page of what `jql` finds, at most so many issues.
    pub async fn matches(&self, jql: &str, page: Option<&str>, most: u32) -> Result<Matches, JiraError> {
        let mut call = Call::get("/rest/api/3/search/jql".to_owned())
            .with("jql", jql)
            .with("fields", "key")
            .with("properties", PROPERTY_KEY)
            .with("maxResults", most.to_string());
        if let Some(page) = page {
            call = call.with("nextPageToken", page);
        }
        let answer = self.send(call).await?;
        let issues = answer.get("issues").and_then(Value::as_array);
        let issues = issues.ok_or(JiraError::Malformed { what: "the search names no issues" })?;
        let issues = issues.iter().map(parse_match).collect::<Option<Vec<Match>>>();
        Ok(Matches {
            issues: issues.ok_or(JiraError::Malformed { what: "an issue of the search has no id or key" })?,
            next: answer.get("nextPageToken").and_then(Value::as_str).map(str::to_owned),
        })
    }
}

fn parse_match(issue: &Value) -> Option<Match> {
    let property = issue.get("properties").and_then(|properties| properties.get(PROPERTY_KEY));
    Some(Match {
        id: IssueId::new(issue.get("id")?.as_str()?),
        key: IssueKey::new(issue.get("key")?.as_str()?),
        has_criteria: property.is_some_and(|value| !value.is_null()),
    })
}
