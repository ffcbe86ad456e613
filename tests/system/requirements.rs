//! Atlassian's security requirements for cloud apps, as far as they can be seen from outside. Atlassian's own scanner
//! (connect-security-req-tester) is on no package registry; these are the checks that it is known to make, over every address
//! that the descriptor names. What TLS itself has to be is for the proxy in front of Brine.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use brine_tests::fake_jira::{InstallKey, NewIssue, hs256, qsh, unsigned};
use brine_tests::harness::{Setup, World, story};
use serde_json::{Value, json};

/// Where the descriptor sends somebody: with a method, its places filled in.
fn addresses(descriptor: &Value, issue: &str) -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    walk(descriptor, "", &mut |name, text| {
        if !text.starts_with('/') || text.starts_with("/assets/") {
            return;
        }
        let is_event =
            matches!(name, "installed" | "uninstalled" | "enabled" | "disabled") || text.starts_with("/webhooks/");
        let filled =
            text.replace("{issue.key}", "SHOP-1").replace("{issue.id}", issue).replace("{project.key}", "SHOP");
        found.insert((if is_event { "POST" } else { "GET" }, filled));
    });
    found
}

/// Every text with the name of the field that holds it.
fn walk(value: &Value, name: &str, see: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => see(name, text),
        Value::Array(items) => items.iter().for_each(|item| walk(item, name, see)),
        Value::Object(fields) => fields.iter().for_each(|(name, field)| walk(field, name, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

async fn asked(world: &World, method: &str, address: &str, token: Option<&str>) -> Result<reqwest::Response> {
    let url = format!("{}{address}", world.brine.base_url());
    let mut request = world.http().request(method.parse()?, url);
    if let Some(token) = token {
        request = request.header("Authorization", format!("JWT {token}"));
    }
    if method == "POST" {
        request = request
            .json(&json!({"clientKey": "of-an-attacker", "baseUrl": world.jira.base_url(), "sharedSecret": "s"}));
    }
    Ok(request.send().await?)
}

/// Requirements 1, 1.4 and 8.1: who proves nothing gets nothing, at any address.
#[tokio::test]
async fn every_address_of_the_descriptor_asks_for_a_proof() -> Result<()> {
    story(Setup::default(), async |world| {
        let issue = world.jira.create_issue(NewIssue::story("SHOP", "Hidden"))?;
        let installation = world.jira.installation()?;
        let addresses = addresses(&installation.descriptor, &issue.id.to_string());
        ensure!(addresses.len() >= 9, "the descriptor names only {addresses:?}");
        let foreign = InstallKey::generate()?;
        for (method, address) in &addresses {
            let (path, query) = address.split_once('?').unwrap_or((address, ""));
            let right = installation.claims(&qsh(method, path, query), 180);
            let elsewhere = installation.claims(&qsh(method, "/elsewhere", query), 180);
            let another = installation.claims(&qsh(method, path, "issueId=1"), 180);
            let wrong = [
                ("no token", None),
                ("no signature", Some(unsigned(&right))),
                ("another secret", Some(hs256(&right, "guessed"))),
                ("another key", Some(foreign.sign(&right)?)),
                ("another path", Some(hs256(&elsewhere, &installation.shared_secret))),
                ("another query", Some(hs256(&another, &installation.shared_secret))),
            ];
            for (name, token) in wrong {
                let status = asked(world, method, address, token.as_deref()).await?.status();
                assert_eq!(status, 401, "{name}: {method} {address}");
            }
        }
        assert_eq!(
            world.user("alice").panel(&issue).await?["issue"]["key"],
            json!(issue.key),
            "the site is installed still"
        );
        Ok(())
    })
    .await
}

/// Requirement 1.2: what only administrators may is refused to others, whatever page they have before them.
#[tokio::test]
async fn what_is_for_administrators_is_refused_to_others() -> Result<()> {
    story(Setup::default(), async |world| {
        for login in ["alice", "bob"] {
            let person = world.user(login);
            for (method, path) in [
                ("GET", "/api/jobs"),
                ("GET", "/api/site/settings"),
                ("DELETE", "/api/site/examples"),
                ("GET", "/api/projects/SHOP/settings"),
                ("GET", "/api/projects/SHOP/fields"),
            ] {
                assert_eq!(person.call(method, path, None).await?.status, 403, "{login}: {method} {path}");
            }
        }
        Ok(())
    })
    .await
}

/// Requirements 7.2, 7.3 and 7.4: nothing is kept by caches, told to other sites, or left in a cookie.
#[tokio::test]
async fn answers_are_not_kept_not_told_on_and_set_no_cookie() -> Result<()> {
    story(Setup::default(), async |world| {
        let issue = world.jira.create_issue(NewIssue::story("SHOP", "Hidden"))?;
        let installation = world.jira.installation()?;
        for (method, address) in addresses(&installation.descriptor, &issue.id.to_string()) {
            let (path, query) = address.split_once('?').unwrap_or((&address, ""));
            let mut right = installation.claims(&qsh(method, path, query), 180);
            right["sub"] = json!(world.jira.person("carol")?.account_id);
            let token = hs256(&right, &installation.shared_secret);
            for token in [None, Some(token.as_str()).filter(|_| method == "GET")] {
                let answer = asked(world, method, &address, token).await?;
                let header = |name: &str| {
                    answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
                };
                let at = format!("{method} {address} ({})", answer.status());
                ensure!(token.is_none() || answer.status() == 200, "{at}");
                assert_eq!(header("cache-control"), "no-store", "{at}");
                assert_eq!(header("referrer-policy"), "no-referrer", "{at}");
                assert_eq!(header("set-cookie"), "", "{at}");
                assert_eq!(header("x-content-type-options"), "nosniff", "{at}");
                ensure!(header("content-security-policy").contains("frame-ancestors"), "{at}");
                let body = answer.text().await?;
                ensure!(!body.contains(&installation.shared_secret), "{at} shows the site's secret");
            }
        }
        Ok(())
    })
    .await
}

/// Requirements 1.4 and 5: signed installs, and no secret in any address.
#[tokio::test]
async fn the_descriptor_asks_for_signed_installs_and_names_no_secret() -> Result<()> {
    story(Setup::default(), async |world| {
        let descriptor = world.jira.installation()?.descriptor;
        assert_eq!(descriptor["authentication"]["type"], "jwt");
        for migration in ["signed-install", "context-qsh", "gdpr"] {
            assert_eq!(descriptor["apiMigrations"][migration], true, "{migration}");
        }
        let mut telling = Vec::new();
        walk(&descriptor, "", &mut |_, text| {
            let lower = text.to_lowercase();
            let words = ["jwt=", "token", "secret", "password", "apikey", "sessionid"];
            if text.contains('/') && words.iter().any(|word| lower.contains(word)) {
                telling.push(text.to_owned());
            }
        });
        assert_eq!(telling, [""; 0]);
        let page = asked(world, "GET", "/healthz", None).await?.text().await.context("no answer")?;
        ensure!(!page.to_lowercase().contains("version"), "what runs here is nobody's business: {page}");
        Ok(())
    })
    .await
}
