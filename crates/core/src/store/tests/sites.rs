//! One site, however it is installed, and what happens when it leaves.

use secrecy::ExposeSecret;

use super::*;
use crate::ids::{CloudId, InstallationId, ProjectKey};

on_both![
    a_site_moves_from_connect_to_forge_and_keeps_its_history,
    an_address_joins_only_what_connect_serves_now,
    connect_joins_the_site_that_forge_serves,
    an_installation_stays_with_its_site_and_comes_back_by_an_install_alone,
    the_newest_token_is_kept_sealed_and_goes_with_the_installation,
    a_call_is_taken_once,
    a_site_that_left_is_forgotten_after_its_time_and_is_the_same_when_it_returns,
];

fn forge(installation: &str, cloud_id: &str, site_url: Option<&str>) -> ForgeSite {
    ForgeSite {
        installation: InstallationId::new(installation),
        app_id: "app".to_owned(),
        cloud_id: CloudId::new(cloud_id),
        site_url: site_url.map(str::to_owned),
        api_base_url: format!("https://api.atlassian.com/ex/jira/{cloud_id}"),
    }
}

async fn seen(bench: &Bench, site: &ForgeSite) -> Tenant {
    bench.store.forge_tenant(site, false).await.unwrap().unwrap()
}

async fn a_site_moves_from_connect_to_forge_and_keeps_its_history(bench: Bench) {
    let (job, _) = bench.drafted(1).await;
    // The event of the install says nothing of the site's address; the first page does.
    let by_event = seen(&bench, &forge("i-1", "c-1", None)).await;
    assert_ne!(by_event.id, bench.tenant);
    let page = forge("i-1", "c-1", Some("https://site-1.atlassian.net/"));
    let by_page = seen(&bench, &page).await;
    assert_eq!((by_page.id.clone(), by_page.state()), (bench.tenant.clone(), TenantState::Active));
    assert!(by_page.connect.is_some() && by_page.active_forge().is_some());
    assert!(bench.store.tenant(&by_event.id).await.unwrap().is_none(), "the empty one is gone");
    assert_eq!(seen(&bench, &forge("i-1", "c-1", None)).await.id, bench.tenant);

    bench.store.set_connect_state(&bench.tenant, TenantState::Uninstalled).await.unwrap();
    let moved = bench.store.tenant(&bench.tenant).await.unwrap().unwrap();
    assert_eq!(moved.state(), TenantState::Active, "Connect leaves, Forge stays");
    bench.clock.advance(Duration::from_secs(400 * 24 * 3600));
    bench.store.forget_departed(Duration::from_secs(1)).await.unwrap();
    assert!(bench.store.job(&bench.tenant, &job.id).await.unwrap().is_some());
}

async fn an_address_joins_only_what_connect_serves_now(bench: Bench) {
    bench.store.set_connect_state(&bench.tenant, TenantState::Uninstalled).await.unwrap();
    let other = seen(&bench, &forge("i-1", "c-1", Some("https://site-1.atlassian.net"))).await;
    assert_ne!(other.id, bench.tenant, "whoever has the address now may be another customer");

    let known = Installation { cloud_id: Some(CloudId::new("c-2")), ..installation("site-2") };
    let known = bench.store.install_tenant(&known).await.unwrap();
    let elsewhere = seen(&bench, &forge("i-2", "c-3", Some("https://site-2.atlassian.net"))).await;
    assert_ne!(elsewhere.id, known.id, "the cloud id tells the two apart");
    assert_eq!(seen(&bench, &forge("i-3", "c-2", Some("https://renamed.atlassian.net"))).await.id, known.id);
}

async fn connect_joins_the_site_that_forge_serves(bench: Bench) {
    let site = seen(&bench, &forge("i-9", "c-9", Some("https://site-9.atlassian.net"))).await;
    let joined = bench.store.install_tenant(&installation("site-9")).await.unwrap();
    assert_eq!(joined.id, site.id);
    assert_eq!(joined.connect.unwrap().client_key, ClientKey::new("site-9"));
    let second = Installation { client_key: ClientKey::new("another-key"), ..installation("site-9") };
    assert_ne!(bench.store.install_tenant(&second).await.unwrap().id, site.id, "one address, two client keys");

    let site = seen(&bench, &forge("i-8", "c-8", None)).await;
    let told = Installation { cloud_id: Some(CloudId::new("c-8")), ..installation("site-8") };
    assert_eq!(bench.store.install_tenant(&told).await.unwrap().id, site.id);
}

async fn an_installation_stays_with_its_site_and_comes_back_by_an_install_alone(bench: Bench) {
    let site = forge("i-1", "c-1", None);
    let tenant = seen(&bench, &site).await;
    assert!(bench.store.forge_tenant(&forge("i-1", "c-2", None), true).await.unwrap().is_none());
    bench.store.uninstall_forge(&tenant.id, &site.installation).await.unwrap();
    bench.store.uninstall_forge(&tenant.id, &site.installation).await.unwrap();
    assert_eq!(seen(&bench, &site).await.state(), TenantState::Uninstalled);
    let back = bench.store.forge_tenant(&site, true).await.unwrap().unwrap();
    assert_eq!((back.id, back.forge[0].state), (tenant.id.clone(), TenantState::Active));
    let second = seen(&bench, &forge("i-2", "c-1", None)).await;
    assert_eq!((second.id, second.forge.len()), (tenant.id, 2));
}

async fn the_newest_token_is_kept_sealed_and_goes_with_the_installation(bench: Bench) {
    let site = forge("i-1", "c-1", None);
    let tenant = seen(&bench, &site).await;
    let token = |text: &str, until| SystemToken { token: SecretString::from(text), until };
    for (text, until) in [("first-token", 100), ("newest-token", 300), ("late-token", 200)] {
        bench.store.keep_forge_token(&site.installation, &token(text, until)).await.unwrap();
    }
    let kept = seen(&bench, &site).await.forge[0].token.clone().unwrap();
    assert_eq!((kept.token.expose_secret(), kept.until), ("newest-token", 300));
    let row = sqlx::query("SELECT token FROM forge_installations").fetch_one(&bench.store.pool).await.unwrap();
    let sealed: String = sqlx::Row::get(&row, "token");
    assert!(!sealed.contains("token"), "{sealed}");

    bench.store.uninstall_forge(&tenant.id, &site.installation).await.unwrap();
    assert!(seen(&bench, &site).await.forge[0].token.is_none());
    bench.store.keep_forge_token(&site.installation, &token("too-late", 900)).await.unwrap();
    assert!(seen(&bench, &site).await.forge[0].token.is_none());
}

async fn a_call_is_taken_once(bench: Bench) {
    let until = bench.clock.now() + 30_000;
    assert!(bench.store.take_forge_call("call-1", until).await.unwrap());
    assert!(!bench.store.take_forge_call("call-1", until).await.unwrap());
    assert!(bench.store.take_forge_call("call-2", until).await.unwrap());
    bench.clock.advance(Duration::from_secs(31));
    assert!(bench.store.take_forge_call("call-3", until + 60_000).await.unwrap());
    let row = sqlx::query("SELECT COUNT(*) AS calls FROM forge_calls").fetch_one(&bench.store.pool).await.unwrap();
    assert_eq!(sqlx::Row::get::<i64, _>(&row, "calls"), 1, "those that ended are not kept");
}

async fn a_site_that_left_is_forgotten_after_its_time_and_is_the_same_when_it_returns(bench: Bench) {
    let month = Duration::from_secs(30 * 24 * 3600);
    let keep = TenantSettings { keep_examples: true, ..TenantSettings::default() };
    bench.store.set_tenant_settings(&bench.tenant, &keep).await.unwrap();
    let (draft, _) = bench.accepted(1).await;
    let new = NewJob { delivery: Some("d".to_owned()), ..bench.draft_job(2) };
    bench.store.create_job(new).await.unwrap();
    let project = ProjectKey::new("SHOP");
    let chosen = ProjectSettings { automatic: true, ..ProjectSettings::default() };
    bench.store.set_project_settings(&bench.tenant, &project, &chosen).await.unwrap();
    let stranger = bench.store.install_tenant(&installation("site-2")).await.unwrap().id;
    bench.store.create_job(draft_job(&stranger, 1)).await.unwrap();

    bench.store.set_connect_state(&bench.tenant, TenantState::Uninstalled).await.unwrap();
    bench.clock.advance(month / 2);
    assert_eq!(bench.store.forget_departed(month).await.unwrap(), 0);
    assert!(bench.store.draft(&bench.tenant, &draft.id).await.unwrap().is_some(), "it may still come back");
    bench.clock.advance(month);
    assert_eq!(bench.store.forget_departed(month).await.unwrap(), 1);
    assert_eq!(bench.store.forget_departed(month).await.unwrap(), 0);

    assert!(bench.store.draft(&bench.tenant, &draft.id).await.unwrap().is_none());
    assert!(bench.store.count_jobs(&bench.tenant).await.unwrap().is_empty());
    assert_eq!(bench.store.project_settings(&bench.tenant, &project).await.unwrap(), ProjectSettings::default());
    let gone = bench.store.tenant(&bench.tenant).await.unwrap().unwrap();
    assert!(gone.connect.is_none() && gone.base_url.is_empty(), "its secret is gone");
    assert!(!bench.store.count_jobs(&stranger).await.unwrap().is_empty(), "others stay");
    let back = bench.store.install_tenant(&installation("site-1")).await.unwrap();
    assert_eq!((back.id.clone(), back.state()), (bench.tenant.clone(), TenantState::Active));
}
