use serde_json::{Value, json};

use super::super::qsh;
use super::super::tokens::verify_hs256;
use super::app::Installed;

#[tokio::test]
async fn an_install_is_signed_with_the_key_that_is_served_and_names_the_app_as_audience() {
    let site = Installed::start().await;
    let all = site.app.ears.heard("/installed");
    assert_eq!(all.len(), 1, "installed once");
    let heard = &all[0];
    let header = jsonwebtoken::decode_header(heard.token()).unwrap();
    let address = format!("{}/{}", site.jira.keys_url(), header.kid.unwrap());
    let pem = site.http.get(address).send().await.unwrap().bytes().await.unwrap();

    let key = jsonwebtoken::DecodingKey::from_rsa_pem(&pem).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.set_audience(&[&site.app.base]);
    let claims = jsonwebtoken::decode::<Value>(heard.token(), &key, &rules).unwrap().claims;
    assert_eq!(claims["iss"], heard.body["clientKey"]);
    assert_eq!(claims["qsh"], qsh("POST", "/installed", ""));
    assert_eq!(heard.body["sharedSecret"], site.installation.shared_secret);
    assert_eq!(heard.body["baseUrl"], site.jira.base_url());

    let all_enabled = site.app.ears.heard("/enabled");
    assert_eq!(all_enabled.len(), 1, "enabled once");
    let enabled = &all_enabled[0];
    let claims = verify_hs256(enabled.token(), &site.installation.shared_secret).unwrap();
    assert_eq!(claims["iss"], json!(site.installation.client_key));
    assert!(enabled.body.get("sharedSecret").is_none());
}

#[tokio::test]
async fn a_second_install_keeps_the_client_key_and_changes_the_secret() {
    let site = Installed::start().await;
    let second = site.jira.install(&site.app.base).await.unwrap();
    assert_eq!(second.client_key, site.installation.client_key);
    assert_ne!(second.shared_secret, site.installation.shared_secret);
    // The old secret opens nothing any more.
    assert_eq!(site.call("GET", "/rest/api/3/myself", None).await.0, 401);
}

#[tokio::test]
async fn an_app_that_refuses_is_not_installed_and_the_earlier_install_stays() {
    let site = Installed::start().await;
    site.app.ears.statuses.lock().unwrap().push_back(401);
    let error = site.jira.install(&site.app.base).await.unwrap_err();
    assert!(error.to_string().contains("answered 401 to installed"), "{error}");
    assert_eq!(site.call("GET", "/rest/api/3/myself", None).await.0, 200);
}

#[tokio::test]
async fn after_an_uninstall_the_app_is_told_and_shut_out() {
    let site = Installed::start().await;
    site.jira.uninstall().await.unwrap();
    assert_eq!(site.app.ears.heard("/disabled").len(), 1);
    let header = jsonwebtoken::decode_header(site.app.ears.heard("/uninstalled")[0].token()).unwrap();
    assert_eq!(header.alg, jsonwebtoken::Algorithm::RS256);
    assert_eq!(site.call("GET", "/rest/api/3/myself", None).await.0, 401);
}

#[tokio::test]
async fn the_issue_page_embeds_the_panel_with_a_token_that_holds() {
    let site = Installed::start().await;
    let story = site.jira.create_issue(crate::fake_jira::NewIssue::story("SHOP", "A <b> story")).unwrap();
    let address = format!("{}/browse/{}?user=bob", site.jira.base_url(), story.key);
    let html = site.http.get(address).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("A &lt;b&gt; story"), "{html}");
    let start = html.find("src=\"http").unwrap() + 5;
    let source = html[start..].split('"').next().unwrap().replace("&amp;", "&");
    let frame = url::Url::parse(&source).unwrap();
    let (query, token) = frame.query().unwrap().split_once("&jwt=").unwrap();
    let claims = verify_hs256(token, &site.installation.shared_secret).unwrap();
    assert_eq!(claims["qsh"], qsh("GET", frame.path(), query));
    assert_eq!(claims["sub"], site.jira.person("bob").unwrap().account_id);
    assert_eq!(claims["context"]["jira"]["issue"]["key"], story.key);
    assert!(query.contains(&format!("key={}&xdm_e=http%3A%2F%2F127", story.key)), "{query}");
}
