//! Postgres and Redis on other machines: Brine talks TLS to both, and only to those whose certificates it can prove.

use anyhow::{Context, Result};
use brine_servers::{Postgres, Redis};
use brine_tests::chaos::ModelServer;
use brine_tests::fake_jira::{FakeJira, FakeOptions, NewIssue};
use brine_tests::harness::{Brine, ServeOptions, Setup, story};
use serde_json::json;

#[actix_web::test]
async fn a_story_is_written_with_both_encrypted() -> Result<()> {
    let (postgres, (redis, authority)) = (Postgres::encrypted()?, Redis::encrypted()?);
    let model = ModelServer::start()?;
    let more = vec![
        ("BRINE_DATABASE_URL", postgres.database()?),
        ("BRINE_REDIS_URL", redis.url()),
        // What others can share is sealed with a key that all of them know.
        ("BRINE_SECRET_KEY", "07".repeat(32)),
        ("SSL_CERT_FILE", authority.display().to_string()),
        ("BRINE_MODEL_SERVER", model.address().to_owned()),
        ("BRINE_MODEL_SERVER_MODEL", "stand-in".to_owned()),
    ];
    story(Setup { serve: ServeOptions { more, ..ServeOptions::default() }, ..Setup::default() }, async |world| {
        world.user("carol").set_project(json!({"automatic": true})).await?.expect(200)?;
        let issue =
            world.jira.create_issue(NewIssue::story("SHOP", "Refund an order").text("Orders can be refunded."))?;
        let job = world.last_job_ended(&issue.key).await?;
        assert_eq!(job["state"], json!("written"), "{job}");
        Ok(())
    })
    .await
}

#[actix_web::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_with_what_to_do() -> Result<()> {
    let jira = FakeJira::start(FakeOptions::default()).await?;
    let (redis, _authority) = Redis::encrypted()?;
    let more = vec![("BRINE_REDIS_URL", redis.url())];
    let started = Brine::start(&jira, ServeOptions { more, ..ServeOptions::default() }).await;
    let error = format!("{:#}", started.err().context("the service started")?);
    for hint in ["invalid peer certificate", "BRINE_REDIS_URL", "SSL_CERT_FILE"] {
        assert!(error.contains(hint), "{error}");
    }
    Ok(())
}
