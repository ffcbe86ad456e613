//! Who is let in, who is not, and what never leaves.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use brine_tests::fake_jira::{
    FakeJira, FakeOptions, InstallKey, Installation, NewIssue, hs256, install_claims, qsh, unsigned,
};
use brine_tests::harness::{ServeOptions, Setup, World, story};
use serde_json::{Value, json};

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}

fn with(claims: &Value, field: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[field] = value;
    claims
}

async fn status(world: &World, method: &str, path: &str, token: &str, body: Option<&Value>) -> Result<u16> {
    let address = format!("{}{path}", world.brine.base_url());
    let mut request = world.http().request(method.parse()?, address).header("Authorization", format!("JWT {token}"));
    if let Some(body) = body {
        request = request.json(body);
    }
    Ok(request.send().await?.status().as_u16())
}

/// Claims that Brine accepts for the API, for alice.
fn context_claims(world: &World, installation: &Installation) -> Result<Value> {
    Ok(with(&installation.claims("context-qsh", 900), "sub", json!(world.jira.person("alice")?.account_id)))
}

#[tokio::test]
async fn a_wrong_context_token_opens_nothing() -> Result<()> {
    story(Setup::default(), async |world| {
        let installation = world.jira.installation()?;
        let (right, secret) = (context_claims(world, &installation)?, &installation.shared_secret);
        let issue = world.jira.create_issue(NewIssue::story("SHOP", "Hidden"))?;
        let path = format!("/api/issues/{}", issue.id);
        let pem = world.jira.install_key().pem()?;
        let wrong = [
            ("no signature", unsigned(&right)),
            ("another secret", hs256(&right, "another secret of the same kind")),
            ("the public key as secret", hs256(&right, &pem)),
            ("signed like an install", world.jira.install_key().sign(&right)?),
            ("an empty secret", hs256(&right, "")),
            ("another site", hs256(&with(&right, "iss", json!("another-site")), secret)),
            ("no issuer", hs256(&with(&right, "iss", Value::Null), secret)),
            ("expired", hs256(&with(&right, "exp", json!(now() - 120)), secret)),
            ("no expiry", hs256(&with(&right, "exp", Value::Null), secret)),
            ("not yet valid", hs256(&with(&right, "nbf", json!(now() + 600)), secret)),
            ("a token of one request", hs256(&with(&right, "qsh", json!(qsh("GET", &path, ""))), secret)),
            ("no hash", hs256(&with(&right, "qsh", Value::Null), secret)),
            ("not a token", "a.b.c".to_owned()),
            ("nothing", String::new()),
        ];
        for (name, token) in wrong {
            assert_eq!(status(world, "GET", &path, &token, None).await?, 401, "{name}");
        }
        // The site itself says so, but of no person: someone who reads without an account, and who has no rights here.
        let anonymous = hs256(&with(&right, "sub", Value::Null), secret);
        assert_eq!(status(world, "GET", &path, &anonymous, None).await?, 403);
        assert_eq!(status(world, "GET", &path, &hs256(&right, secret), None).await?, 200);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_wrong_token_on_webhooks_and_pages_opens_nothing() -> Result<()> {
    story(Setup::default(), async |world| {
        let installation = world.jira.installation()?;
        let secret = &installation.shared_secret;
        let issue = world.jira.create_issue(NewIssue::story("SHOP", "Hidden"))?;
        let panel = format!("issueKey={}&issueId={}&projectKey=SHOP", issue.key, issue.id);
        let body =
            json!({"webhookEvent": "jira:issue_created", "issue": {"id": issue.id.to_string(), "key": issue.key}});
        let doors = [("POST", "/webhooks/issue-created", String::new(), Some(&body)), ("GET", "/panel", panel, None)];
        for (method, path, query, body) in doors {
            let address = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
            let alice = world.jira.person("alice")?.account_id;
            let right = with(&installation.claims(&qsh(method, path, &query), 180), "sub", json!(alice));
            let wrong = [
                ("a context token", hs256(&with(&right, "qsh", json!("context-qsh")), secret)),
                ("another path", hs256(&with(&right, "qsh", json!(qsh(method, "/elsewhere", &query))), secret)),
                ("another method", hs256(&with(&right, "qsh", json!(qsh("DELETE", path, &query))), secret)),
                ("more query", hs256(&with(&right, "qsh", json!(qsh(method, path, "a=1"))), secret)),
                ("no signature", unsigned(&right)),
                ("expired", hs256(&with(&right, "exp", json!(now() - 120)), secret)),
            ];
            for (name, token) in wrong {
                assert_eq!(status(world, method, &address, &token, body).await?, 401, "{path}: {name}");
            }
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_forged_install_changes_nothing() -> Result<()> {
    story(Setup::default(), async |world| {
        let (path, installation) = ("/connect/installed", world.jira.installation()?);
        let right = install_claims(&installation, path);
        let mut payload = world.jira.lifecycle_payload(&installation, "installed");
        payload["sharedSecret"] = json!("a secret that an attacker chose");
        let (ours, theirs) = (world.jira.install_key(), InstallKey::generate()?);
        let forged = [
            ("another key under our name", theirs.sign_as(&right, ours.kid())?),
            ("another key under its own name", theirs.sign(&right)?),
            ("a name that climbs", ours.sign_as(&right, "../keys/x")?),
            ("HS256 with the public key", hs256(&right, &ours.pem()?)),
            ("HS256 with the old secret", hs256(&right, &installation.shared_secret)),
            ("no signature", unsigned(&right)),
            ("another audience", ours.sign(&with(&right, "aud", json!(["https://elsewhere.example"])))?),
            ("no audience", ours.sign(&with(&right, "aud", Value::Null))?),
            ("expired", ours.sign(&with(&right, "exp", json!(now() - 120)))?),
            ("another request", ours.sign(&with(&right, "qsh", json!(qsh("POST", "/connect/uninstalled", ""))))?),
            ("another site's token", ours.sign(&with(&right, "iss", json!("another-site")))?),
        ];
        for (name, token) in forged {
            assert_eq!(status(world, "POST", path, &token, Some(&payload)).await?, 401, "{name}");
        }
        // The installation is as it was: its secret still opens, the attacker's does not.
        let claims = context_claims(world, &installation)?;
        let issue = world.jira.create_issue(NewIssue::story("SHOP", "Still there"))?;
        let api = format!("/api/issues/{}", issue.id);
        assert_eq!(status(world, "GET", &api, &hs256(&claims, "a secret that an attacker chose"), None).await?, 401);
        assert_eq!(status(world, "GET", &api, &hs256(&claims, &installation.shared_secret), None).await?, 200);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_rightly_signed_install_for_a_site_that_is_not_allowed_is_refused() -> Result<()> {
    story(Setup::default(), async |world| {
        let (path, installation) = ("/connect/installed", world.jira.installation()?);
        let token = world.jira.install_key().sign(&install_claims(&installation, path))?;
        let addresses = [
            "http://169.254.169.254/latest",
            "http://localhost:1",
            "https://example.com",
            "file:///etc/passwd",
            "https://evil.example/?x=.atlassian.net",
            "https://a.atlassian.net.evil.example",
            "http://a.atlassian.net",
            "https://user:word@a.atlassian.net",
            "not an address",
        ];
        for address in addresses {
            let mut payload = world.jira.lifecycle_payload(&installation, "installed");
            payload["baseUrl"] = json!(address);
            let answer = status(world, "POST", path, &token, Some(&payload)).await?;
            assert!((400..500).contains(&answer), "{address}: {answer}");
        }
        world.user("alice").panel(&world.jira.create_issue(NewIssue::story("SHOP", "Fine"))?).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn one_site_cannot_see_the_other() -> Result<()> {
    story(Setup::default(), async |world| {
        let alice = world.user("alice");
        let new = NewIssue::story("SHOP", "Pay by invoice").text("Invoices are due in 14 days.");
        let issue = world.jira.create_issue(new)?;
        let draft = alice.generate(&issue).await?;
        let draft_id = draft["id"].as_str().context("no draft")?;
        let job = alice.panel(&issue).await?["job"]["id"].as_str().context("no job")?.to_owned();

        // A second site, rightly installed, with people, projects and issues of the same names and numbers.
        let other = world.jira.start_beside(FakeOptions::default()).await?;
        other.create_project("SHOP", "Another shop");
        let theirs = other.create_issue(NewIssue::story("SHOP", "Pay by card"))?;
        assert_eq!((theirs.id, &theirs.key), (issue.id, &issue.key));
        other.install(world.brine.base_url()).await?;
        let token = other.context_token("carol")?;
        let paths = [
            ("GET", format!("/api/jobs/{job}/events"), None),
            ("POST", format!("/api/jobs/{job}/cancel"), None),
            ("POST", format!("/api/jobs/{job}/retry"), None),
            (
                "PUT",
                format!("/api/drafts/{draft_id}"),
                Some(json!({"text": draft["text"], "version": draft["version"]})),
            ),
            ("POST", format!("/api/drafts/{draft_id}/accept"), Some(json!({"version": draft["version"]}))),
        ];
        for (method, path, body) in paths {
            assert_eq!(status(world, method, &path, &token, body.as_ref()).await?, 404, "{method} {path}");
        }
        for path in [format!("/api/issues/{}", issue.id), "/api/jobs".to_owned()] {
            let address = format!("{}{path}", world.brine.base_url());
            let answer = world.http().get(address).header("Authorization", format!("JWT {token}")).send().await?;
            assert_eq!(answer.status(), 200, "{path}");
            let shown = answer.text().await?;
            assert!(!shown.contains(&job) && !shown.contains(draft_id), "{path}: {shown}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_site_that_signs_with_a_key_of_its_own_cannot_be_installed() -> Result<()> {
    story(Setup::default(), async |world| {
        let stranger = FakeJira::start(FakeOptions::default()).await?;
        let error = stranger.install(world.brine.base_url()).await.map(drop).err().context("it was installed")?;
        assert!(error.to_string().contains("answered 401 to installed"), "{error:#}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn no_word_of_a_story_and_no_secret_stands_in_the_log() -> Result<()> {
    let log = "debug,h2=info,hyper=info".to_owned();
    let setup = Setup { serve: ServeOptions { log, ..ServeOptions::default() }, ..Setup::default() };
    story(setup, async |world| {
        let alice = world.user("alice");
        let words = "The zanzibarquokka sings for 771239854407 guests. A guest without a ticket is refused.";
        let issue = world.jira.create_issue(NewIssue::story("SHOP", "Quokkasummary of the concert").text(words))?;
        let draft = alice.generate(&issue).await?;
        let canary = "Scenario: The wombatcanary holds";
        let text = draft["text"].as_str().context("no text")?.replacen("Scenario:", canary, 1);
        let saved = alice.edit(&draft, &text).await?.expect(200)?;
        alice.accept(&saved["draft"], json!({})).await?;
        let refused = alice.edit(&draft, "Scenario: wombatcanary\n  Nonsense").await?;
        assert!(refused.status >= 400);

        let log = world.brine.log().to_lowercase();
        assert!(log.lines().count() > 5, "the log is empty: this would prove nothing");
        // A shorter number would meet the fractions of a second in some line by chance.
        for canary in ["zanzibarquokka", "quokkasummary", "771239854407", "wombatcanary"] {
            assert!(!log.contains(canary), "{canary} stands in the log");
        }
        let installation = world.jira.installation()?;
        assert!(!log.contains(&installation.shared_secret.to_lowercase()));
        assert!(!log.contains("eyj0exai"), "a token stands in the log");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn markup_in_a_story_stays_text() -> Result<()> {
    story(Setup::default(), async |world| {
        let summary = "<img src=x onerror=alert(1)> {{ 7*7 }} export";
        let issue = world.jira.create_issue(
            NewIssue::story("SHOP", summary)
                .text("</script><script>alert(1)</script> An export holds at most 500 rows."),
        )?;
        let alice = world.user("alice");
        let draft = alice.generate(&issue).await?;
        alice.accept(&draft, json!({})).await?;
        let description = world.jira.issue(&issue.key)?.description.context("no description")?;
        let kinds: Vec<&str> =
            description["content"].as_array().into_iter().flatten().filter_map(|node| node["type"].as_str()).collect();
        assert!(
            kinds.iter().all(|kind| ["paragraph", "heading", "codeBlock", "bulletList", "rule"].contains(kind)),
            "{kinds:?}"
        );
        Ok(())
    })
    .await
}
