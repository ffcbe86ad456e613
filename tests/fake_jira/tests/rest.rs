use serde_json::{Value, json};

use super::super::time::now_s;
use super::super::{Fault, NewIssue, Trouble, hs256, qsh, unsigned};
use super::app::{Installed, adf};

const ISSUE: &str = "/rest/api/3/issue/SHOP-1";

async fn with_story() -> Installed {
    let site = Installed::start().await;
    site.jira.create_issue(NewIssue::story("SHOP", "Export").description(adf("As it was."))).unwrap();
    site
}

#[tokio::test]
async fn an_issue_shows_the_fields_that_were_asked_for() {
    let site = with_story().await;
    let (status, issue) = site.call("GET", &format!("{ISSUE}?fields=summary,description"), None).await;
    assert_eq!(status, 200);
    assert_eq!(issue["fields"], json!({"summary": "Export", "description": adf("As it was.")}));
    let (_, issue) = site.call("GET", ISSUE, None).await;
    assert_eq!(issue["fields"]["project"]["key"], "SHOP");
    assert_eq!(site.call("GET", "/rest/api/3/issue/SHOP-2", None).await.0, 404);
}

#[tokio::test]
async fn fields_and_properties_are_written_together_or_not_at_all() {
    let site = with_story().await;
    let good = json!({"fields": {"description": adf("New.")}, "properties": [{"key": "k", "value": {"a": 1}}]});
    assert_eq!(site.call("PUT", &format!("{ISSUE}?notifyUsers=false"), Some(good)).await, (204, Value::Null));
    let issue = site.jira.issue("SHOP-1").unwrap();
    assert_eq!(issue.description, Some(adf("New.")));
    assert_eq!(site.jira.property("SHOP-1", "k").unwrap(), Some(json!({"a": 1})));
    assert!(!issue.edits[0].notified);

    let bad = json!({"fields": {"description": {"type": "doc"}}, "properties": [{"key": "k", "value": 2}]});
    let (status, answer) = site.call("PUT", ISSUE, Some(bad)).await;
    assert_eq!((status, answer), (400, json!({"errorMessages": [], "errors": {"description": "INVALID_INPUT"}})));
    assert_eq!(site.jira.property("SHOP-1", "k").unwrap(), Some(json!({"a": 1})));
}

#[tokio::test]
async fn unknown_fields_are_refused_in_jiras_shape() {
    let site = with_story().await;
    let (status, answer) = site.call("PUT", ISSUE, Some(json!({"fields": {"mood": "good"}}))).await;
    assert_eq!(status, 400);
    assert_eq!(
        answer["errors"]["mood"],
        "Field 'mood' cannot be set. It is not on the appropriate screen, or unknown."
    );
    let (status, answer) = site.call("PUT", ISSUE, Some(json!({"field": {}}))).await;
    assert_eq!(status, 400);
    assert!(answer["errorMessages"][0].as_str().unwrap().contains("Unrecognized field \"field\""));
    let (status, _) =
        site.call("POST", &format!("{ISSUE}/comment"), Some(json!({"body": adf("x"), "text": "x"}))).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn silent_edits_need_project_administration() {
    let site = with_story().await;
    site.jira.forbid("app", "SHOP", "ADMINISTER_PROJECTS");
    let edit = json!({"fields": {"summary": "Other"}});
    assert_eq!(site.call("PUT", &format!("{ISSUE}?notifyUsers=false"), Some(edit.clone())).await.0, 403);
    assert_eq!(site.call("PUT", ISSUE, Some(edit)).await.0, 204);
    site.jira.forbid("app", "SHOP", "EDIT_ISSUES");
    assert_eq!(site.call("PUT", ISSUE, Some(json!({"fields": {"summary": "x"}}))).await.0, 403);
    assert_eq!(site.call("GET", &format!("{ISSUE}/editmeta"), None).await.1, json!({"fields": {}}));
    site.jira.forbid("app", "SHOP", "BROWSE_PROJECTS");
    assert_eq!(site.call("GET", ISSUE, None).await.0, 404);
}

#[tokio::test]
async fn comments_live_and_carry_properties() {
    let site = with_story().await;
    let comments = format!("{ISSUE}/comment");
    let new = json!({"body": adf("First"), "properties": [{"key": "mark", "value": 7}]});
    let (status, made) = site.call("POST", &comments, Some(new)).await;
    assert_eq!(status, 201);
    let id = made["id"].as_str().unwrap().to_owned();
    site.call("POST", &comments, Some(json!({"body": adf("Second")}))).await;

    let (_, list) = site.call("GET", &format!("{comments}?orderBy=-created&expand=properties"), None).await;
    assert_eq!((&list["total"], &list["comments"][0]["body"]), (&json!(2), &adf("Second")));
    assert_eq!(list["comments"][1]["properties"], json!([{"key": "mark", "value": 7}]));

    let one = format!("{comments}/{id}");
    assert_eq!(site.call("PUT", &one, Some(json!({"body": adf("Changed")}))).await.0, 200);
    assert_eq!(site.call("GET", &one, None).await.1["body"], adf("Changed"));
    // The app asked for READ and WRITE alone.
    assert_eq!(site.call("DELETE", &one, None).await.0, 403);
    assert_eq!(site.call("GET", &format!("{comments}/1"), None).await.0, 404);
}

#[tokio::test]
async fn properties_are_made_read_and_listed() {
    let site = with_story().await;
    let property = format!("{ISSUE}/properties/com.example.mark");
    assert_eq!(site.call("GET", &property, None).await.0, 404);
    assert_eq!(site.call("PUT", &property, Some(json!({"v": 1}))).await.0, 201);
    assert_eq!(site.call("PUT", &property, Some(json!({"v": 2}))).await.0, 200);
    assert_eq!(site.call("GET", &property, None).await.1, json!({"key": "com.example.mark", "value": {"v": 2}}));
    assert_eq!(site.call("GET", &format!("{ISSUE}/properties"), None).await.1["keys"][0]["key"], "com.example.mark");
    assert_eq!(site.call("PUT", &property, Some(json!("x".repeat(40_000)))).await.0, 400);
}

#[tokio::test]
async fn permissions_are_those_of_the_person_asked_about() {
    let site = with_story().await;
    let story = site.jira.issue("SHOP-1").unwrap().id;
    let ask = |login: &str| {
        json!({
            "accountId": site.jira.person(login).unwrap().account_id,
            "globalPermissions": ["ADMINISTER"],
            "projectPermissions": [{"permissions": ["BROWSE_PROJECTS", "EDIT_ISSUES"], "issues": [story], "projects": []}],
        })
    };
    let granted = |answer: &Value| {
        let of = |at: usize| answer["projectPermissions"][at]["issues"] == json!([story]);
        (answer["globalPermissions"] == json!(["ADMINISTER"]), of(0), of(1))
    };
    let path = "/rest/api/3/permissions/check";
    assert_eq!(granted(&site.call("POST", path, Some(ask("bob"))).await.1), (false, true, false));
    assert_eq!(granted(&site.call("POST", path, Some(ask("alice"))).await.1), (false, true, true));
    assert_eq!(granted(&site.call("POST", path, Some(ask("carol"))).await.1), (true, true, true));
    let wrong = json!({"projectPermissions": [{"permissions": ["FLY"]}]});
    assert_eq!(site.call("POST", path, Some(wrong)).await.0, 400);
}

#[tokio::test]
async fn search_is_the_new_one_and_goes_by_pages() {
    let site = with_story().await;
    site.jira.create_issue(NewIssue::story("SHOP", "Import")).unwrap();
    assert_eq!(site.call("GET", "/rest/api/3/search?jql=project%20%3D%20SHOP", None).await.0, 410);
    let first = json!({"jql": "project = SHOP ORDER BY created", "maxResults": 1, "fields": ["summary"]});
    let (_, page) = site.call("POST", "/rest/api/3/search/jql", Some(first.clone())).await;
    assert_eq!((&page["issues"][0]["fields"]["summary"], &page["isLast"]), (&json!("Export"), &json!(false)));
    let mut second = first;
    second["nextPageToken"] = page["nextPageToken"].clone();
    let (_, page) = site.call("POST", "/rest/api/3/search/jql", Some(second)).await;
    assert_eq!((&page["issues"][0]["fields"]["summary"], &page["isLast"]), (&json!("Import"), &json!(true)));
    assert_eq!(site.call("GET", "/rest/api/3/search/jql?jql=", None).await.0, 400);
}

#[tokio::test]
async fn what_a_jql_finds_is_counted_and_pages_grow_old() {
    let site = with_story().await;
    site.jira.create_issue(NewIssue::story("SHOP", "Import")).unwrap();
    let count =
        async |jql: &str| site.call("POST", "/rest/api/3/search/approximate-count", Some(json!({"jql": jql}))).await;
    assert_eq!(count("project = SHOP").await, (200, json!({"count": 2})));
    assert_eq!(count("key = SHOP-2").await, (200, json!({"count": 1})));
    assert_eq!(count("mood = good").await.0, 400);
    assert_eq!(count("order by key").await.0, 400);
    site.call("PUT", "/rest/api/3/issue/SHOP-1/properties/p", Some(json!({"a": 1}))).await;
    let query = "jql=project%20%3D%20SHOP&maxResults=1&fields=key&properties=p";
    let (_, page) = site.call("GET", &format!("/rest/api/3/search/jql?{query}"), None).await;
    assert_eq!(page["issues"][0]["properties"], json!({"p": {"a": 1}}));
    let next = format!("/rest/api/3/search/jql?{query}&nextPageToken={}", page["nextPageToken"].as_str().unwrap());
    assert_eq!(site.call("GET", &next, None).await.0, 200);
    site.jira.expire_pages();
    let (status, refused) = site.call("GET", &next, None).await;
    assert_eq!(status, 400);
    assert!(refused["errorMessages"][0].as_str().unwrap().contains("expired"));
}

#[tokio::test]
async fn wrong_tokens_open_nothing() {
    let site = with_story().await;
    let secret = &site.installation.shared_secret;
    let right = site.claims(&qsh("GET", ISSUE, ""));
    let with = |field: &str, value: Value| {
        let mut claims = right.clone();
        claims[field] = value;
        claims
    };
    let wrong = [
        ("unsigned", unsigned(&right)),
        ("another secret", hs256(&right, "another")),
        ("another app", hs256(&with("iss", json!("com.example.other")), secret)),
        ("another request", hs256(&with("qsh", json!(qsh("GET", "/rest/api/3/myself", ""))), secret)),
        ("a context token", hs256(&with("qsh", json!("context-qsh")), secret)),
        ("expired", hs256(&with("exp", json!(now_s() - 60)), secret)),
        ("from the future", hs256(&with("iat", json!(now_s() + 90)), secret)),
        ("no expiry", hs256(&with("exp", Value::Null), secret)),
    ];
    for (name, token) in wrong {
        assert_eq!(site.call_with("GET", ISSUE, None, &token).await.unwrap().0, 401, "{name}");
    }
    let good = site.call_with("GET", ISSUE, None, &hs256(&right, secret)).await.unwrap();
    assert_eq!(good.0, 200);
}

#[tokio::test]
async fn faults_come_when_asked_for_and_a_cut_connection_has_written() {
    let site = with_story().await;
    let edit = Some(json!({"fields": {"summary": "Other"}}));
    site.jira.push_fault(Fault::once("PUT", "/issue/", Trouble::Status(500)));
    assert_eq!(site.call("PUT", ISSUE, edit.clone()).await.0, 500);
    assert_eq!(site.jira.issue("SHOP-1").unwrap().summary, "Export");

    site.jira.push_fault(Fault::once("PUT", "/issue/", Trouble::CutAfterWrite));
    let token = hs256(&site.claims(&qsh("PUT", ISSUE, "")), &site.installation.shared_secret);
    let error = site.call_with("PUT", ISSUE, edit, &token).await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
    assert_eq!(site.jira.issue("SHOP-1").unwrap().summary, "Other");
    assert_eq!(site.jira.faults_pending(), 0);
    let statuses: Vec<(u16, bool)> =
        site.jira.requests().iter().map(|request| (request.status, request.fault)).collect();
    assert_eq!(statuses, [(500, true), (204, true)]);
}
