//! Accounts, projects, and who may do what.

use serde_json::{Value, json};

use super::super::people::{APP, GLOBAL_PERMISSIONS, PROJECT_PERMISSIONS};
use super::super::site::Site;
use super::answer::{Answer, Call, Outcome};
use super::shapes::{project_json, user_json};

pub(super) fn myself(site: &Site) -> Outcome {
    Ok(Answer::json(200, user_json(site, &site.state(), APP)))
}

pub(super) fn user(site: &Site, call: &Call) -> Outcome {
    let Some(account) = call.param("accountId").filter(|account| !account.is_empty()) else {
        return Err(Answer::refused(400, "The query parameter 'accountId' must be provided."));
    };
    let state = site.state();
    let person = state.person_by_account(&account);
    let person = person
        .ok_or_else(|| Answer::refused(404, "Specified user does not exist or you do not have required permissions"))?;
    Ok(Answer::json(200, person.to_json(&site.base_url)))
}

/// Those of the accounts that there are. Ten a page, unless the call says otherwise.
pub(super) fn users(site: &Site, call: &Call) -> Outcome {
    let accounts = call.list("accountId");
    if accounts.is_empty() {
        return Err(Answer::refused(400, "The query parameter 'accountId' must be provided."));
    }
    let most = call.param("maxResults").and_then(|most| most.parse().ok()).unwrap_or(10);
    let state = site.state();
    let known: Vec<Value> =
        accounts.iter().filter_map(|account| Some(state.person_by_account(account)?.to_json(&site.base_url))).collect();
    let values: Vec<&Value> = known.iter().take(most).collect();
    let page = json!({"startAt": 0, "maxResults": most, "total": known.len(), "isLast": values.len() == known.len(), "values": values});
    Ok(Answer::json(200, page))
}

pub(super) fn project(site: &Site, id_or_key: &str) -> Outcome {
    let state = site.state();
    let project = state.project(id_or_key).filter(|project| state.grants.has(APP, &project.key, "BROWSE_PROJECTS"));
    let project =
        project.ok_or_else(|| Answer::refused(404, &format!("No project could be found with key '{id_or_key}'.")))?;
    Ok(Answer::json(200, project_json(&site.base_url, project)))
}

/// Bulk permissions. An app may ask for any person.
pub(super) fn check_permissions(site: &Site, call: &Call) -> Outcome {
    let body = call.object(&["accountId", "globalPermissions", "projectPermissions"])?;
    let state = site.state();
    let login = match body.get("accountId") {
        None => APP.to_owned(),
        Some(account) => {
            let person = account.as_str().and_then(|account| state.person_by_account(account));
            person.ok_or_else(|| Answer::refused(400, "The account ID is not valid."))?.login.clone()
        }
    };

    let global = names(body.get("globalPermissions"), &GLOBAL_PERMISSIONS)?;
    let global: Vec<String> = global.into_iter().filter(|name| state.grants.has_global(&login, name)).collect();

    let mut project_answers = Vec::new();
    for asked in body.get("projectPermissions").and_then(Value::as_array).into_iter().flatten() {
        let permissions = names(asked.get("permissions"), &PROJECT_PERMISSIONS)?;
        if permissions.is_empty() {
            return Err(Answer::refused(400, "At least one project permission must be given."));
        }
        let (projects, issues) = (numbers(asked.get("projects"))?, numbers(asked.get("issues"))?);
        for permission in permissions {
            let has = |project: &str| state.grants.has(&login, project, &permission);
            let of_project = |id: &&u64| state.project(&id.to_string()).is_some_and(|project| has(&project.key));
            let of_issue = |id: &&u64| state.issue(&id.to_string()).is_some_and(|issue| has(&issue.project));
            project_answers.push(json!({
                "permission": permission,
                "projects": projects.iter().filter(of_project).collect::<Vec<_>>(),
                "issues": issues.iter().filter(of_issue).collect::<Vec<_>>(),
            }));
        }
    }
    Ok(Answer::json(200, json!({"globalPermissions": global, "projectPermissions": project_answers})))
}

fn names(given: Option<&Value>, known: &[&str]) -> Result<Vec<String>, Answer> {
    let list = given.and_then(Value::as_array).into_iter().flatten();
    list.map(|name| match name.as_str().filter(|name| known.contains(name)) {
        Some(name) => Ok(name.to_owned()),
        None => Err(Answer::refused(400, &format!("Unrecognized permission {name}."))),
    })
    .collect()
}

fn numbers(given: Option<&Value>) -> Result<Vec<u64>, Answer> {
    let list = given.and_then(Value::as_array).into_iter().flatten();
    list.map(|id| id.as_u64().ok_or_else(|| Answer::refused(400, &format!("{id} is not the number of an entity."))))
        .collect()
}
