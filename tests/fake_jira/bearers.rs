//! Tokens of Forge's with which the API is called: of the app itself or of a person, each until it ends.

use super::people::APP;
use super::rest::{Answer, Call};
use super::site::{Site, lock};
use super::time::now_s;

/// Whose token it is, and when it ends.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) login: String,
    pub(crate) until_s: i64,
}

/// Lets a call in that came by the API's own address, with a token of the app or of a person who may do this.
pub(crate) fn admit(site: &Site, call: &Call) -> Result<(), Answer> {
    let refused = || Err(Answer::refused(401, "Unauthorized"));
    let Some(token) = call.authorization.as_deref().and_then(|header| header.strip_prefix("Bearer ")) else {
        return refused();
    };
    let Some(bearer) = lock(&site.bearers).get(token).cloned().filter(|bearer| bearer.until_s > now_s()) else {
        return refused();
    };
    if bearer.login == APP { Ok(()) } else { admit_person(site, call, &bearer.login) }
}

/// Who calls: the person whose token it is, or the app.
pub(crate) fn login(site: &Site, call: &Call) -> String {
    let token = call.authorization.as_deref().and_then(|header| header.strip_prefix("Bearer "));
    let bearer = token.and_then(|token| lock(&site.bearers).get(token).map(|bearer| bearer.login.clone()));
    bearer.unwrap_or_else(|| APP.to_owned())
}

/// A person's token opens what that person may do.
fn admit_person(site: &Site, call: &Call, login: &str) -> Result<(), Answer> {
    let state = site.state();
    let segments = call.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["permissions", "check"] => {
            let asked = call.json()?.get("accountId").cloned();
            let own = state.person(login).map(|person| person.account_id.clone());
            let about_self = asked.is_none() || asked.as_ref().and_then(|id| id.as_str()) == own.as_deref();
            match about_self || state.grants.has_global(login, "ADMINISTER") {
                true => Ok(()),
                false => Err(Answer::refused(403, "Only Jira administrators may ask for the permissions of others.")),
            }
        }
        ["issue", issue, rest @ ..] => {
            let issue = state.issue(issue).ok_or_else(Answer::no_such_issue)?;
            let has = |permission: &str| state.grants.has(login, &issue.project, permission);
            let needed = match (call.method.as_str(), rest) {
                ("GET", _) => "BROWSE_PROJECTS",
                (_, ["comment", ..]) => "ADD_COMMENTS",
                _ => "EDIT_ISSUES",
            };
            match (has("BROWSE_PROJECTS"), has(needed)) {
                (true, true) => Ok(()),
                (false, _) => Err(Answer::no_such_issue()),
                _ => Err(Answer::refused(403, "You do not have permission to do this in this project.")),
            }
        }
        _ => Ok(()),
    }
}
