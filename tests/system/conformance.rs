//! Everything held against Atlassian's own files: requests and answers against the OpenAPI description, the descriptor
//! against its schema, hashes against the official vectors. Needs the folder that `BRINE_ARTEFACTS` names.

#[path = "conformance/artefacts.rs"]
mod artefacts;
#[path = "conformance/openapi.rs"]
mod openapi;
#[path = "conformance/peer.rs"]
mod peer;
#[path = "conformance/prism.rs"]
mod prism;
#[path = "conformance/scopes.rs"]
mod scopes;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use brine_core::jira::qsh::query_string_hash;
use brine_tests::fake_jira::{NewIssue, Recorded, hs256, qsh};
use brine_tests::harness::{Setup, World, rich_description, story};
use serde_json::{Value, json};

use openapi::OpenApi;

fn held_against(openapi: &mut OpenApi, requests: &[Recorded]) -> Result<()> {
    let mut wrong = Vec::new();
    for request in requests.iter().filter(|request| !request.fault) {
        if let Err(error) = openapi.check(request) {
            wrong
                .push(format!("{} {}?{} ({}): {error:#}", request.method, request.path, request.query, request.status));
        }
    }
    ensure!(
        wrong.is_empty(),
        "{} of {} exchanges break the OpenAPI file:\n{}",
        wrong.len(),
        requests.len(),
        wrong.join("\n")
    );
    prism::finds_nothing(requests)
}

#[tokio::test]
async fn all_that_brine_asks_in_a_story_is_as_the_openapi_file_says() -> Result<()> {
    let mut openapi = OpenApi::load()?;
    story(Setup::default(), async |world| {
        let (alice, carol) = (world.user("alice"), world.user("carol"));
        let issue =
            world.jira.create_issue(NewIssue::story("SHOP", "Return a parcel").description(rich_description()))?;
        let draft = alice.generate(&issue).await?;
        alice.accept(&draft, json!({})).await?;
        // Again into the description, then into a comment, twice.
        let draft = alice.generate(&issue).await?;
        alice.accept(&draft, json!({})).await?;
        carol.set_project(json!({"automatic": true, "target": "comment"})).await?.expect(200)?;
        for _ in 0..2 {
            let draft = alice.generate(&issue).await?;
            let written = alice.accept(&draft, json!({})).await?;
            assert_eq!(written["state"], "written", "{written}");
        }
        // Into a field and into sub-tasks, and all of it back.
        let settings = [json!({"target": "field", "field": "customfield_10050"}), json!({"target": "subtasks"})];
        for settings in settings.into_iter().chain([json!({"target": "comment"})]) {
            carol.set_project(settings).await?.expect(200)?;
            let issue =
                world.jira.create_issue(NewIssue::story("SHOP", "Send it back").description(rich_description()))?;
            let draft = carol.generate(&issue).await?;
            let written = carol.accept(&draft, json!({})).await?;
            assert_eq!(written["state"], "written", "{written}");
            carol.call("POST", &format!("/api/issues/{}/undo", issue.id), Some(json!({}))).await?.expect(202)?;
            assert_eq!(world.last_job_ended(&issue.key).await?["state"], "withdrawn");
        }
        carol.set_project(json!({"automatic": true, "target": "comment"})).await?.expect(200)?;
        let automatic =
            world.jira.create_issue(NewIssue::story("SHOP", "Track a parcel").text("A courier scans 40 parcels."))?;
        world.last_job_ended(&automatic.key).await?;

        let requests = world.jira.requests();
        let seen = |method: &str, part: &str| requests.iter().any(|r| r.method == method && r.path.contains(part));
        ensure!(
            seen("GET", "/issue/") && seen("PUT", "/issue/") && seen("POST", "/comment") && seen("PUT", "/comment/")
        );
        ensure!(seen("DELETE", "/comment/") && seen("DELETE", "/properties/") && seen("GET", "/editmeta"));
        ensure!(seen("POST", "/permissions/check"), "nobody's rights were looked at");
        scopes::are_those_that_requests_need(&openapi, &requests)?;
        held_against(&mut openapi, &requests)
    })
    .await
}

#[tokio::test]
async fn every_answer_of_the_fake_is_as_the_openapi_file_says() -> Result<()> {
    let mut openapi = OpenApi::load()?;
    story(Setup::default(), async |world| {
        let issue =
            world.jira.create_issue(NewIssue::story("SHOP", "Return a parcel").description(rich_description()))?;
        let here = format!("issue/{}", issue.key);
        let property = format!("{here}/properties/com.example.mark");
        let body = json!({"type": "doc", "version": 1, "content": []});
        let made = call(world, "POST", &format!("{here}/comment"), Some(json!({"body": body}))).await?;
        let comment = format!("{here}/comment/{}", made["id"].as_str().context("no comment")?);
        let account = world.jira.person("alice")?.account_id.replace(':', "%3A");
        let fields = json!({"project": {"key": "SHOP"}, "issuetype": {"name": "Story"}, "summary": "Made by the app"});
        let permissions = json!({"globalPermissions": ["ADMINISTER"],
            "projectPermissions": [{"permissions": ["EDIT_ISSUES"], "issues": [issue.id], "projects": []}]});
        let search = json!({"jql": "project = SHOP", "fields": ["summary"], "maxResults": 1});
        let subtask = json!({"project": {"key": "SHOP"}, "parent": {"key": issue.key},
            "issuetype": {"name": "Sub-task"}, "summary": "A part of it", "description": body});
        let calls = [
            ("GET", here.clone(), None),
            ("GET", format!("{here}?fields=summary,description&properties=com.example.mark"), None),
            ("GET", "issue/SHOP-999".into(), None),
            ("PUT", here.clone(), Some(json!({"fields": {"summary": "Other"}}))),
            ("PUT", format!("{here}?returnIssue=true"), Some(json!({"fields": {"summary": "Again"}}))),
            ("PUT", here.clone(), Some(json!({"fields": {"mood": "good"}}))),
            ("POST", "issue".into(), Some(json!({"fields": fields}))),
            ("POST", "issue".into(), Some(json!({"fields": {}}))),
            ("POST", "issue".into(), Some(json!({"fields": subtask, "properties": [{"key": "k", "value": 1}]}))),
            ("GET", format!("{here}?fields=subtasks,customfield_10050"), None),
            ("PUT", here.clone(), Some(json!({"fields": {"customfield_10051": "In one line"}}))),
            ("GET", format!("{here}/editmeta"), None),
            ("GET", format!("{here}/comment?orderBy=-created&expand=properties&maxResults=10"), None),
            ("GET", comment.clone(), None),
            ("PUT", comment.clone(), Some(json!({"body": body}))),
            ("GET", format!("{here}/comment/1"), None),
            ("GET", property.clone(), None),
            ("PUT", property.clone(), Some(json!({"v": 1}))),
            ("PUT", property.clone(), Some(json!({"v": 2}))),
            ("GET", property.clone(), None),
            ("GET", format!("{here}/properties"), None),
            ("GET", "field".into(), None),
            ("GET", "project/SHOP".into(), None),
            ("GET", "myself".into(), None),
            ("GET", format!("user?accountId={account}"), None),
            ("GET", format!("user/bulk?accountId={account}&accountId=712020%3Anobody&maxResults=2"), None),
            ("POST", "permissions/check".into(), Some(permissions)),
            ("POST", "permissions/check".into(), Some(json!({"globalPermissions": ["FLY"]}))),
            ("POST", "search/jql".into(), Some(search)),
            ("GET", "search/jql?jql=project%20%3D%20SHOP&fields=summary".into(), None),
            ("DELETE", comment.clone(), None),
            ("DELETE", property.clone(), None),
            ("DELETE", here.clone(), None),
            ("DELETE", format!("{here}?deleteSubtasks=true"), None),
        ];
        for (method, path, body) in calls {
            call(world, method, &path, body).await?;
        }
        let requests = world.jira.requests();
        ensure!(requests.iter().all(|request| request.status != 401), "a call of this test was not let in");
        held_against(&mut openapi, &requests)
    })
    .await
}

/// A call as the installed app.
async fn call(world: &World, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
    let installation = world.jira.installation()?;
    let path = format!("/rest/api/3/{path}");
    let (plain, query) = path.split_once('?').unwrap_or((&path, ""));
    let mut claims = installation.claims(&qsh(method, plain, query), 180);
    claims["iss"] = json!(installation.app_key);
    let token = hs256(&claims, &installation.shared_secret);
    let address = format!("{}{path}", world.jira.base_url());
    let mut request = world.http().request(method.parse()?, address).header("Authorization", format!("JWT {token}"));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let bytes = request.send().await?.bytes().await?;
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}

const BASE_URL: &str = "https://brine.example.com";

#[tokio::test]
async fn the_descriptor_that_is_served_keeps_connects_schema() -> Result<()> {
    let schema = artefacts::json("jira-global-schema.patched.json")?;
    // Connect's own descriptors hold addresses relative to `baseUrl` where its schema says "uri": resolve them against it.
    let base = url::Url::parse(BASE_URL)?;
    let schema = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft4)
        .with_format("uri", move |address: &str| base.join(address).is_ok())
        .build(&schema)?;
    let setup = Setup { leaves_jobs: true, ..Setup::default() };
    story(setup, async |world| {
        let mut descriptor = world.jira.installation()?.descriptor;
        // The schema wants https, which a service on loopback does not have.
        descriptor["baseUrl"] = json!(BASE_URL);
        let errors: Vec<String> =
            schema.iter_errors(&descriptor).map(|error| format!("{}: {error}", error.instance_path())).collect();
        ensure!(errors.is_empty(), "{}", errors.join("\n"));
        Ok(())
    })
    .await
}

/// Atlassian's own validator knows what the schema alone does not say, and reports what no schema forbids.
#[tokio::test]
async fn atlassians_validator_takes_the_descriptor_that_is_served() -> Result<()> {
    let setup = Setup { leaves_jobs: true, ..Setup::default() };
    story(setup, async |world| {
        let mut descriptor = world.jira.installation()?.descriptor;
        descriptor["baseUrl"] = json!(BASE_URL);
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("descriptor.json");
        std::fs::write(&file, descriptor.to_string())?;
        let output = std::process::Command::new("node")
            .arg(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("node/atlassian/descriptor.mjs"))
            .arg(artefacts::path("jira-global-schema.patched.json")?)
            .stdin(std::fs::File::open(&file)?)
            .output()?;
        let told = [output.stdout, output.stderr].concat();
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&told));
        Ok(())
    })
    .await
}

#[test]
fn the_official_vectors_of_the_query_string_hash_hold_for_brine_and_for_the_fake() -> Result<()> {
    let vectors = artefacts::json("jwt-signed-urls.json")?;
    let vectors = vectors["tests"].as_array().context("no vectors")?;
    ensure!(vectors.len() == 78, "{} vectors", vectors.len());
    for vector in vectors {
        let (name, signed) = (vector["name"].to_string(), vector["signedUrl"].as_str().context("no address")?);
        // Taken apart by hand: a URL parser would normalise what must stay raw.
        let rest = signed.strip_prefix("https://example.com").with_context(|| format!("{name}: {signed}"))?;
        let (path, query) = rest.split_once('?').context("no query")?;
        let token = query.split('&').find_map(|pair| pair.strip_prefix("jwt=")).context("no token")?;
        let claims: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).context("no claims")?)?)?;
        let official = claims["qsh"].as_str().context("no hash")?;
        assert_eq!(query_string_hash("GET", path, query, "").signing(), official, "{name}: Brine");
        assert_eq!(qsh("GET", path, query), official, "{name}: the fake");
    }
    Ok(())
}
