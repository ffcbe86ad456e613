//! What is sent, and what is read from good answers.

use std::collections::HashMap;

use serde_json::json;
use wiremock::matchers::{method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{SECRET, always, client, client_of, issue, json as answer, path_and_query, requests};
use crate::ids::{AccountId, IssueId, IssueKey, ProjectKey};
use crate::jira::JiraError;
use crate::jira::client::{Comment, FieldForm, Permission};
use crate::jira::qsh::query_string_hash;

const KEY: &str = "com.brine.criteria";

fn described(doc: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    [("description".to_owned(), doc)].into_iter().collect()
}

/// Fields of every kind; three of them can hold criteria.
fn editmeta() -> serde_json::Value {
    let own = "com.atlassian.jira.plugin.system.customfieldtypes";
    let field = |name: &str, kind: &str, custom: String, operations: &[&str]| json!({"name": name, "operations": operations, "schema": {"type": kind, "custom": custom}});
    json!({"fields": {
        "summary": {"name": "Summary", "operations": ["set"], "schema": {"type": "string", "system": "summary"}},
        "customfield_1": field("Criteria", "string", format!("{own}:textarea"), &["set"]),
        "customfield_2": field("Short", "string", format!("{own}:textfield"), &["set"]),
        "customfield_3": field("Address", "string", format!("{own}:url"), &["set"]),
        "customfield_4": field("Number", "number", format!("{own}:float"), &["set"]),
        "customfield_5": field("Gherkin", "string", "com.example.tests:gherkin".to_owned(), &["set"]),
        "customfield_6": field("Fixed", "string", format!("{own}:textarea"), &[]),
        "customfield_x": field("Odd", "string", format!("{own}:textarea"), &["set"]),
    }})
}

#[tokio::test]
async fn an_issue_is_read_with_the_fields_that_we_need() {
    let description = json!({"type": "doc", "version": 1, "content": [{"type": "futureNode"}]});
    let server = always(answer(json!({
        "id": "10042", "key": "SHOP-7", "self": "x", "fields": {
            "summary": "Free delivery", "description": description,
            "issuetype": {"name": "Story"}, "project": {"id": "10000", "key": "SHOP"}}
    })))
    .await;
    let found = client(&server).issue(&issue()).await.unwrap();
    assert_eq!((found.id, found.key.as_str(), found.project.as_str()), (issue(), "SHOP-7", "SHOP"));
    assert_eq!((found.issue_type.as_str(), found.summary.as_str()), ("Story", "Free delivery"));
    assert_eq!(found.description, Some(description));
    client(&server).issue_by_key(&IssueKey::new("SHOP-7")).await.unwrap();
    let sent: Vec<String> = requests(&server).await.iter().map(path_and_query).collect();
    assert_eq!(
        sent,
        [
            "/rest/api/3/issue/10042?fields=summary%2Cdescription%2Cissuetype%2Cproject",
            "/rest/api/3/issue/SHOP-7?fields=summary%2Cdescription%2Cissuetype%2Cproject"
        ]
    );
}

#[tokio::test]
async fn an_issue_with_hidden_fields_is_still_one() {
    let server = always(answer(json!({"id": "10042", "key": "SHOP-7", "fields": {"description": null}}))).await;
    let found = client(&server).issue(&issue()).await.unwrap();
    assert_eq!((found.project.as_str(), found.summary.as_str(), found.description), ("SHOP", "", None));
    let server = always(answer(json!({"key": "SHOP-7"}))).await;
    assert!(matches!(client(&server).issue(&issue()).await, Err(JiraError::Malformed { .. })));
}

/// Verified as Jira does it: with the secret, and for the path below the site's own base path.
#[tokio::test]
async fn each_call_is_signed_for_itself() {
    let server = always(answer(json!({"issues": []}))).await;
    let site = client_of(&format!("{}/jira/", server.uri()));
    site.search("project = \"A & B\" AND text ~ 'é+*'", &["summary"], Some("to/ken=")).await.unwrap();
    let request = &requests(&server).await[0];
    assert_eq!(request.url.path(), "/jira/rest/api/3/search/jql");
    let header = request.headers.get("authorization").unwrap().to_str().unwrap();
    let token = header.strip_prefix("JWT ").unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS256);
    validation.set_audience(&["jira:4711"]);
    validation.set_issuer(&["com.brine.criteria"]);
    let key = jsonwebtoken::DecodingKey::from_secret(SECRET.as_bytes());
    let claims = jsonwebtoken::decode::<serde_json::Value>(token, &key, &validation).unwrap().claims;
    let expected = query_string_hash("GET", request.url.path(), request.url.query().unwrap(), "/jira");
    assert_eq!(claims["qsh"], expected.signing());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 180);
    let jql = request.url.query_pairs().find(|(key, _)| key == "jql").unwrap().1.into_owned();
    assert_eq!(jql, "project = \"A & B\" AND text ~ 'é+*'");
}

#[tokio::test]
async fn a_get_has_no_body() {
    let server = always(answer(json!({"accountId": "712020:brine", "key": KEY, "value": 1}))).await;
    client(&server).myself().await.unwrap();
    client(&server).issue_property(&issue(), KEY).await.unwrap();
    for request in requests(&server).await {
        assert!(request.body.is_empty());
        assert!(!request.headers.contains_key("content-type") && !request.headers.contains_key("content-length"));
    }
}

#[tokio::test]
async fn description_and_property_go_out_in_one_quiet_request() {
    let server = always(ResponseTemplate::new(204)).await;
    let doc = json!({"type": "doc", "version": 1, "content": []});
    client(&server).edit_issue(&issue(), described(doc.clone()), &[(KEY, json!({"job": "1"}))]).await.unwrap();
    let sent = requests(&server).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].method.as_str(), "PUT");
    assert_eq!(path_and_query(&sent[0]), "/rest/api/3/issue/10042?notifyUsers=false");
    let body: serde_json::Value = sent[0].body_json().unwrap();
    let expected = json!({"fields": {"description": doc}, "properties": [{"key": KEY, "value": {"job": "1"}}]});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn where_we_may_not_choose_people_are_notified() {
    let refused = json!({"errorMessages": ["To discard the user notification admin permissions are required."]});
    for refusal in [ResponseTemplate::new(403), ResponseTemplate::new(400).set_body_json(refused)] {
        let server = MockServer::start().await;
        let quiet = Mock::given(method("PUT")).and(query_param("notifyUsers", "false"));
        quiet.respond_with(refusal).expect(1).mount(&server).await;
        let plain = Mock::given(method("PUT")).and(query_param_is_missing("notifyUsers"));
        plain.respond_with(ResponseTemplate::new(204)).expect(1).mount(&server).await;
        client(&server).edit_issue(&issue(), serde_json::Map::new(), &[(KEY, json!(1))]).await.unwrap();
    }
}

#[tokio::test]
async fn another_refusal_of_a_write_is_not_asked_twice() {
    let about_the_field = json!({"errors": {"description": "The field is too long."}});
    let server = always(ResponseTemplate::new(400).set_body_json(about_the_field)).await;
    let refused = client(&server).edit_issue(&issue(), described(json!({})), &[]).await;
    assert_eq!(
        refused,
        Err(JiraError::Rejected { status: 400, messages: "description: The field is too long.".to_owned() })
    );
    assert_eq!(requests(&server).await.len(), 1);
}

#[tokio::test]
async fn properties_are_set_read_and_taken_away() {
    let server = MockServer::start().await;
    let at = || path(format!("/rest/api/3/issue/10042/properties/{KEY}"));
    let get = answer(json!({"key": KEY, "value": {"job": "1"}}));
    Mock::given(method("GET")).and(at()).respond_with(get).mount(&server).await;
    Mock::given(method("PUT")).and(at()).respond_with(ResponseTemplate::new(201)).mount(&server).await;
    Mock::given(method("DELETE")).and(at()).respond_with(ResponseTemplate::new(404)).mount(&server).await;
    let site = client(&server);
    assert_eq!(site.issue_property(&issue(), KEY).await, Ok(Some(json!({"job": "1"}))));
    assert_eq!(site.issue_property(&issue(), "never.set").await, Ok(None));
    site.set_issue_property(&issue(), KEY, json!({"job": "2"})).await.unwrap();
    site.delete_issue_property(&issue(), KEY).await.unwrap();
    let put: serde_json::Value = requests(&server).await[2].body_json().unwrap();
    assert_eq!(put, json!({"job": "2"}));
}

#[tokio::test]
async fn a_comment_is_born_with_its_property() {
    let server = always(ResponseTemplate::new(201).set_body_json(json!({"id": "100", "body": {}}))).await;
    let id = client(&server).add_comment(&issue(), json!({"type": "doc"}), &[(KEY, json!(7))]).await;
    assert_eq!(id.as_deref(), Ok("100"));
    let sent = &requests(&server).await[0];
    assert_eq!(path_and_query(sent), "/rest/api/3/issue/10042/comment");
    let body: serde_json::Value = sent.body_json().unwrap();
    assert_eq!(body, json!({"body": {"type": "doc"}, "properties": [{"key": KEY, "value": 7}]}));
}

#[tokio::test]
async fn our_comment_is_found_among_the_newest() {
    let comments = json!({"comments": [
        {"id": "3", "body": {"type": "doc"}, "properties": []},
        {"id": "2", "body": {"type": "doc", "n": 2}, "properties": [{"key": "other", "value": 1}, {"key": KEY, "value": 7}]},
        {"id": "1", "body": {}, "properties": [{"key": KEY, "value": 6}]},
    ], "total": 3});
    let server = always(answer(comments)).await;
    let found = client(&server).comment_with_property(&issue(), KEY).await.unwrap();
    assert_eq!(found, Some(Comment { id: "2".into(), body: json!({"type": "doc", "n": 2}), property: json!(7) }));
    assert_eq!(
        path_and_query(&requests(&server).await[0]),
        "/rest/api/3/issue/10042/comment?orderBy=-created&maxResults=100&expand=properties"
    );
}

#[tokio::test]
async fn where_the_list_leaves_properties_out_comments_of_apps_are_asked_singly() {
    let server = MockServer::start().await;
    let comments = json!({"comments": [
        {"id": "3", "body": {}, "author": {"accountType": "atlassian"}},
        {"id": "2", "body": {}, "author": {"accountType": "app"}},
        {"id": "1", "body": {"n": 1}, "author": {"accountType": "app"}},
    ]});
    let list = Mock::given(path("/rest/api/3/issue/10042/comment"));
    list.respond_with(answer(comments)).mount(&server).await;
    let one = Mock::given(path(format!("/rest/api/3/comment/1/properties/{KEY}")));
    one.respond_with(answer(json!({"key": KEY, "value": 7}))).mount(&server).await;
    let found = client(&server).comment_with_property(&issue(), KEY).await.unwrap();
    assert_eq!(found, Some(Comment { id: "1".into(), body: json!({"n": 1}), property: json!(7) }));
    assert_eq!(requests(&server).await.len(), 3, "the person's comment is not asked about");
}

#[tokio::test]
async fn comments_people_and_fields() {
    let server = MockServer::start().await;
    for (at, body) in [
        ("/rest/api/3/issue/10042/comment/100", json!({"id": "100", "body": {"type": "doc"}})),
        ("/rest/api/3/user", json!({"accountId": "712020:alice", "displayName": "Alice Öztürk"})),
        ("/rest/api/3/myself", json!({"accountId": "712020:brine"})),
        ("/rest/api/3/issue/10042/editmeta", editmeta()),
    ] {
        Mock::given(path(at)).respond_with(answer(body)).mount(&server).await;
    }
    let site = client(&server);
    assert_eq!(site.comment(&issue(), "100").await, Ok(Some(json!({"type": "doc"}))));
    assert_eq!(site.comment(&issue(), "999").await, Ok(None));
    site.update_comment(&issue(), "100", json!({"type": "doc"})).await.unwrap();
    let name = site.user_name(&AccountId::new("712020:alice")).await;
    assert_eq!(name, Ok(Some("Alice Öztürk".to_owned())));
    assert_eq!(site.myself().await, Ok(AccountId::new("712020:brine")));
    let fields = site.editable_fields(&issue()).await.unwrap();
    let fields: Vec<_> = fields.iter().map(|field| (field.id.as_str(), field.name.as_str(), field.form)).collect();
    let expected = [
        ("customfield_1", "Criteria", FieldForm::Document),
        ("customfield_2", "Short", FieldForm::Line),
        ("customfield_5", "Gherkin", FieldForm::Text),
    ];
    assert_eq!(fields, expected);
    let asked = requests(&server).await;
    assert!(asked.iter().any(|request| path_and_query(request) == "/rest/api/3/user?accountId=712020%3Aalice"));
}

#[tokio::test]
async fn those_whom_a_mention_does_not_name_are_asked_for_in_one_call() {
    let mention = |id: &str, text: Option<&str>| json!({"type": "mention", "attrs": {"id": id, "text": text}});
    let people = [mention("1:a", None), mention("1:b", Some("@Bob")), mention("1:a", None), mention("1:c", Some("@"))];
    let document = json!({"type": "doc", "content": [{"type": "paragraph", "content": people}]});
    let server = always(answer(json!({"values": [
        {"accountId": "1:a", "displayName": "Alice Öztürk"}, {"accountId": "1:c"}, {"displayName": "nobody"},
    ]})))
    .await;
    let names = client(&server).names_in(&document).await.unwrap();
    assert_eq!(names, HashMap::from([("1:a".to_owned(), "Alice Öztürk".to_owned())]));
    let asked = requests(&server).await;
    let wanted = "/rest/api/3/user/bulk?maxResults=2&accountId=1%3Aa&accountId=1%3Ac";
    assert_eq!(asked.iter().map(path_and_query).collect::<Vec<_>>(), [wanted]);
    assert_eq!(client(&server).names_in(&json!(null)).await, Ok(HashMap::new()));
    assert_eq!(requests(&server).await.len(), 1, "nobody was to be asked for");
}

#[tokio::test]
async fn a_search_gives_a_page_and_the_way_to_the_next() {
    let server = always(answer(json!({
        "issues": [{"id": "10042", "key": "SHOP-7", "fields": {"summary": "s"}}], "nextPageToken": "n2"
    })))
    .await;
    let page = client(&server).search("project = SHOP", &["summary", "status"], None).await.unwrap();
    assert_eq!((page.issues[0].id.clone(), page.issues[0].key.as_str()), (issue(), "SHOP-7"));
    assert_eq!((page.issues[0].fields["summary"].as_str(), page.next.as_deref()), (Some("s"), Some("n2")));
    let sent = path_and_query(&requests(&server).await[0]);
    assert_eq!(sent, "/rest/api/3/search/jql?jql=project%20%3D%20SHOP&fields=key%2Csummary%2Cstatus");
}

async fn permission_site(held: serde_json::Value) -> MockServer {
    let server = MockServer::start().await;
    let project = Mock::given(path("/rest/api/3/project/SHOP"));
    project.respond_with(answer(json!({"id": "10000", "key": "SHOP"}))).mount(&server).await;
    let check = Mock::given(method("POST")).and(path("/rest/api/3/permissions/check"));
    check.respond_with(answer(held)).mount(&server).await;
    server
}

#[tokio::test]
async fn a_person_is_permitted_what_jira_grants_them_there() {
    let alice = AccountId::new("712020:alice");
    let server = permission_site(json!({
        "globalPermissions": [],
        "projectPermissions": [
            {"permission": "BROWSE_PROJECTS", "issues": [10042], "projects": [10000]},
            {"permission": "EDIT_ISSUES", "issues": [], "projects": [10000]},
        ]
    }))
    .await;
    let site = client(&server);
    let (here, shop) = (issue(), ProjectKey::new("SHOP"));
    let ask = async |issue: Option<&IssueId>, project: Option<&ProjectKey>, permissions: &[Permission]| {
        site.permitted(&alice, issue, project, permissions).await.unwrap()
    };
    use Permission::{AddComments, Administer, BrowseProjects, EditIssues};
    assert!(ask(Some(&here), None, &[BrowseProjects]).await);
    assert!(!ask(Some(&here), None, &[BrowseProjects, EditIssues]).await);
    assert!(ask(None, Some(&shop), &[BrowseProjects, EditIssues]).await);
    assert!(!ask(Some(&here), Some(&shop), &[EditIssues]).await);
    assert!(!ask(Some(&here), None, &[AddComments]).await);
    assert!(!ask(Some(&IssueId::new("10043")), None, &[BrowseProjects]).await);
    assert!(!ask(None, None, &[Administer]).await);

    let asked = requests(&server).await.len();
    assert!(!ask(Some(&here), None, &[]).await);
    assert!(!ask(None, None, &[BrowseProjects]).await);
    assert!(!ask(Some(&IssueId::new("../../x")), None, &[BrowseProjects]).await);
    assert_eq!(requests(&server).await.len(), asked, "what cannot be held is not asked about");
    assert!(!ask(None, Some(&ProjectKey::new("GONE")), &[BrowseProjects]).await);
}

#[tokio::test]
async fn a_permission_check_speaks_for_the_person() {
    let server = permission_site(json!({"globalPermissions": ["ADMINISTER"], "projectPermissions": []})).await;
    let alice = AccountId::new("712020:alice");
    assert_eq!(client(&server).permitted(&alice, None, None, &[Permission::Administer]).await, Ok(true));
    let all = [Permission::BrowseProjects, Permission::EditIssues];
    assert_eq!(client(&server).permitted(&alice, Some(&issue()), None, &all).await, Ok(false));
    let sent: Vec<serde_json::Value> = requests(&server).await.iter().map(|one| one.body_json().unwrap()).collect();
    assert_eq!(
        sent,
        [
            json!({"accountId": "712020:alice", "globalPermissions": ["ADMINISTER"]}),
            json!({"accountId": "712020:alice", "projectPermissions": [
                {"permissions": ["BROWSE_PROJECTS", "EDIT_ISSUES"], "issues": [10042]}
            ]})
        ]
    );
}
