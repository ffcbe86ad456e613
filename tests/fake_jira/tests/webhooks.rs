use std::collections::BTreeSet;
use std::time::Duration;

use super::super::tokens::verify_hs256;
use super::super::{NewIssue, qsh};
use super::app::Installed;

const CAP: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_webhook_is_signed_and_has_the_shape_of_rest_v2() {
    let site = Installed::start().await;
    let story = site.jira.create_issue(NewIssue::story("SHOP", "Export").text("First.\n\n- one\n- two")).unwrap();
    site.jira.webhooks_settled(CAP).await.unwrap();

    let all = site.app.ears.heard("/created");
    assert_eq!(all.len(), 1, "sent once");
    let heard = &all[0];
    let claims = verify_hs256(heard.token(), &site.installation.shared_secret).unwrap();
    assert_eq!(claims["qsh"], qsh("POST", "/created", &heard.query));
    assert_eq!(heard.body["webhookEvent"], "jira:issue_created");
    assert_eq!(heard.body["issue"]["key"], story.key);
    assert_eq!(heard.body["issue"]["fields"]["description"], "First.\none\ntwo");
    assert_eq!(heard.body["user"]["accountId"], site.jira.person("alice").unwrap().account_id);
    assert!(heard.header("x-atlassian-webhook-identifier").is_some());
    assert!(heard.header("x-atlassian-webhook-retry").is_none());
}

#[tokio::test]
async fn what_jira_retries_is_sent_again_under_the_same_identifier() {
    let site = Installed::start().await;
    site.app.ears.statuses.lock().unwrap().extend([503, 429, 204]);
    site.jira.create_issue(NewIssue::story("SHOP", "Export")).unwrap();
    site.jira.webhooks_settled(CAP).await.unwrap();

    let heard = site.app.ears.heard("/created");
    let identifiers: BTreeSet<_> = heard.iter().map(|heard| heard.header("x-atlassian-webhook-identifier")).collect();
    assert_eq!((heard.len(), identifiers.len()), (3, 1));
    assert_eq!(heard[2].header("x-atlassian-webhook-retry"), Some("2"));
    assert_eq!(site.jira.deliveries()[0].attempts, [Some(503), Some(429), Some(204)]);
}

#[tokio::test]
async fn what_jira_does_not_retry_is_sent_once_and_retries_end() {
    let site = Installed::start().await;
    site.app.ears.statuses.lock().unwrap().push_back(400);
    site.jira.create_issue(NewIssue::story("SHOP", "Export")).unwrap();
    site.jira.webhooks_settled(CAP).await.unwrap();
    assert_eq!(site.jira.deliveries()[0].attempts, [Some(400)]);

    site.app.ears.statuses.lock().unwrap().extend([500; 20]);
    site.jira.create_issue(NewIssue::story("SHOP", "Import")).unwrap();
    site.jira.webhooks_settled(CAP).await.unwrap();
    assert_eq!(site.jira.deliveries()[1].attempts, [Some(500); 6]);
}

#[tokio::test]
async fn only_what_the_descriptor_names_is_sent() {
    let site = Installed::start().await;
    let story = site.jira.create_issue(NewIssue::story("SHOP", "Export")).unwrap();
    site.jira.edit_description(&story.key, "alice", super::app::adf("new words")).unwrap();
    site.jira.webhooks_settled(CAP).await.unwrap();
    let events: Vec<String> = site.jira.deliveries().into_iter().map(|delivery| delivery.event).collect();
    assert_eq!(events, ["jira:issue_created"]);
}
