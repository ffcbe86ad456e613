use secrecy::ExposeSecret;

use super::*;

on_both![
    a_site_that_comes_back_is_the_same_tenant_with_its_new_secret,
    an_unknown_site_is_nobody,
    with_another_key_a_tenant_is_corrupt_and_the_error_tells_where,
    a_secret_that_is_moved_to_another_tenant_does_not_open,
];

async fn a_site_that_comes_back_is_the_same_tenant_with_its_new_secret(bench: Bench) {
    bench.store.set_connect_state(&bench.tenant, TenantState::Uninstalled).await.unwrap();
    let gone = bench.store.tenant_by_client_key(&ClientKey::new("site-1")).await.unwrap().unwrap();
    assert_eq!(gone.state(), TenantState::Uninstalled);

    let mut again = installation("site-1");
    again.shared_secret = SecretString::from("another secret");
    again.base_url = "https://renamed.atlassian.net".to_owned();
    let back = bench.store.install_tenant(&again).await.unwrap();
    assert_eq!((back.id.clone(), back.state()), (bench.tenant.clone(), TenantState::Active));
    let read = bench.store.tenant(&bench.tenant).await.unwrap().unwrap();
    let connect = read.connect.clone().unwrap();
    assert_eq!(connect.shared_secret.expose_secret(), "another secret");
    assert_eq!(read.base_url, "https://renamed.atlassian.net");
    assert_eq!(connect.client_key, ClientKey::new("site-1"));
    assert_eq!(read.created_at, gone.created_at);
}

async fn an_unknown_site_is_nobody(bench: Bench) {
    assert!(bench.store.tenant_by_client_key(&ClientKey::new("site-2")).await.unwrap().is_none());
    assert!(bench.store.tenant(&TenantId::make()).await.unwrap().is_none());
    let refused = bench.store.set_connect_state(&TenantId::make(), TenantState::Disabled).await;
    assert!(matches!(refused, Err(StoreError::NotFound(_))));
}

#[tokio::test]
async fn neither_secret_nor_client_key_can_be_read_in_the_files() {
    let bench = Bench::on_sqlite().await;
    // In the log and, once it is closed, in the database itself.
    for closed in [false, true] {
        if closed {
            bench.store.close().await;
        }
        let mut bytes = Vec::new();
        for file in std::fs::read_dir(bench.folder()).unwrap() {
            bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
        }
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(holds("https://site-1.atlassian.net"), "the row is there, closed: {closed}");
        assert!(!holds("the secret of site-1") && !holds("the secret"), "closed: {closed}");
        assert!(!holds("\"site-1\""), "closed: {closed}");
    }
}

async fn with_another_key_a_tenant_is_corrupt_and_the_error_tells_where(bench: Bench) {
    bench.store.close().await;
    let other = Store::open(&bench.url, bench.clock.clone(), Cipher::from_key(&[8; 32])).await.unwrap();
    let error = other.tenant(&bench.tenant).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { table: "tenants", .. }), "{error}");
    assert!(error.to_string().contains(bench.tenant.as_str()));
}

async fn a_secret_that_is_moved_to_another_tenant_does_not_open(bench: Bench) {
    let other = bench.store.install_tenant(&installation("site-2")).await.unwrap();
    sqlx::query("UPDATE tenants SET shared_secret = (SELECT shared_secret FROM tenants WHERE id = $1) WHERE id = $2")
        .bind(other.id.as_str())
        .bind(bench.tenant.as_str())
        .execute(&bench.store.pool)
        .await
        .unwrap();
    assert!(matches!(bench.store.tenant(&bench.tenant).await, Err(StoreError::Corrupt { .. })));
    assert!(bench.store.tenant(&other.id).await.unwrap().is_some());
}
