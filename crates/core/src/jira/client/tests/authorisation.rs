//! Who a call is made as.

use secrecy::SecretString;
use serde_json::json;
use wiremock::{MockServer, ResponseTemplate};

use super::{always, clients, issue, json as answer, requests};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::ids::{ClientKey, CloudId, InstallationId, TenantId};
use crate::jira::JiraError;
use crate::jira::client::Authorisation;
use crate::store::{ConnectInstall, ForgeInstall, SystemToken, Tenant, TenantState};

fn connect(state: TenantState) -> ConnectInstall {
    ConnectInstall {
        client_key: ClientKey::new("jira:4711"),
        shared_secret: SecretString::from("a shared secret"),
        oauth_client_id: None,
        state,
    }
}

fn forge(api: &str, state: TenantState, until: Option<i64>) -> ForgeInstall {
    ForgeInstall {
        id: InstallationId::new("i"),
        app_id: "app".to_owned(),
        api_base_url: format!("{api}/ex/jira/c-1"),
        state,
        token: until.map(|until| SystemToken { token: SecretString::from("system-token"), until }),
    }
}

fn tenant(base_url: &str, connect: Option<ConnectInstall>, forge: Option<ForgeInstall>) -> Tenant {
    Tenant {
        id: TenantId::new("t"),
        cloud_id: Some(CloudId::new("c-1")),
        base_url: base_url.to_owned(),
        display_url: None,
        connect,
        forge: forge.into_iter().collect(),
        created_at: 0,
        updated_at: 0,
    }
}

/// The path that was called and the scheme of its proof; none when nothing was called.
async fn called(server: &MockServer, tenant: &Tenant, clock: &Clock) -> Option<(String, String)> {
    let before = requests(server).await.len();
    let _ = clients(clock).app_of(tenant).issue(&issue()).await;
    let request = requests(server).await.get(before).cloned()?;
    let proof = request.headers.get("authorization").unwrap().to_str().unwrap().split_once(' ').unwrap().0.to_owned();
    Some((request.url.path().to_owned(), proof))
}

#[tokio::test]
async fn a_site_is_called_in_the_way_that_is_there_now() {
    use TenantState::{Active, Disabled, Uninstalled};
    let server = always(answer(json!({"id": "1", "key": "A-1", "fields": {}}))).await;
    let clock = Clock::system();
    let (api, now) = (server.uri(), clock.now());
    let (good, ended) = (Some(now + 600_000), Some(now - 1));
    let by_forge = Some(("/ex/jira/c-1/rest/api/3/issue/10042".to_owned(), "Bearer".to_owned()));
    let by_connect = Some(("/rest/api/3/issue/10042".to_owned(), "JWT".to_owned()));
    for (c, f, expected) in [
        (Some(Active), None, &by_connect),
        (None, Some((Active, good)), &by_forge),
        (Some(Active), Some((Active, good)), &by_forge),
        (Some(Active), Some((Active, ended)), &by_connect),
        (Some(Active), Some((Uninstalled, good)), &by_connect),
        (Some(Uninstalled), Some((Active, good)), &by_forge),
        (Some(Disabled), Some((Active, ended)), &None),
        (None, Some((Active, None)), &None),
        (Some(Uninstalled), None, &None),
    ] {
        let forge = f.map(|(state, until)| forge(&api, state, until));
        let tenant = tenant(&api, c.map(connect), forge);
        assert_eq!(called(&server, &tenant, &clock).await, *expected, "{c:?} {f:?}");
    }
}

#[tokio::test]
async fn without_a_token_work_waits_and_says_so() {
    let clock = Clock::system();
    let by = clients(&clock);
    let refused = always(ResponseTemplate::new(401)).await;
    let ended = tenant("", None, Some(forge(&refused.uri(), TenantState::Active, Some(clock.now() + 4_000))));
    assert_eq!(by.app_of(&ended).issue(&issue()).await, Err(JiraError::NoToken));
    assert!(requests(&refused).await.is_empty(), "a token in its last moments is not sent");
    let withdrawn = tenant("", None, Some(forge(&refused.uri(), TenantState::Active, Some(clock.now() + 600_000))));
    let error = by.app_of(&withdrawn).issue(&issue()).await.unwrap_err();
    assert_eq!(error, JiraError::NoToken);
    let Failure::Wait { reason, wait } = Failure::from(error) else { panic!("it does not wait") };
    assert!(reason.contains("next token") && wait.as_secs() <= 60, "{reason}");
}

#[tokio::test]
async fn a_persons_token_is_sent_as_it_is_and_its_end_is_theirs_to_hear() {
    let server = always(answer(json!({"accountId": "alice"}))).await;
    let by = clients(&Clock::system());
    let as_alice =
        |url: &str| by.with(&TenantId::new("t"), url, Authorisation::Person(SecretString::from("alice-token")));
    as_alice(&server.uri()).myself().await.unwrap();
    assert_eq!(requests(&server).await[0].headers.get("authorization").unwrap(), "Bearer alice-token");
    let refused = always(ResponseTemplate::new(401)).await;
    assert_eq!(as_alice(&refused.uri()).myself().await, Err(JiraError::PersonToken));
    let shown = format!("{:?}", as_alice(&server.uri()));
    assert!(!shown.contains("alice-token"), "{shown}");
}
