//! The pages that Forge serves, in a real browser: the bundle of this repository, under a policy as strict as Forge's, around
//! a stand-in for Jira's page that takes its calls to the real service as the person who is logged in.

use std::net::TcpListener;
use std::path::Path;

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::{Result, bail};
use brine_tests::fake_jira::NewIssue;
use brine_tests::harness::browser::Browser;
use brine_tests::harness::{Setup, World, gherkin_blocks, story};
use fantoccini::Locator;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'";
/// What Forge puts into every page.
const BRIDGE: &str = "window.__bridge = { async callBridge(name, payload) {
    if (name === 'getContext') return (await fetch('context')).json();
    if (name === 'invoke') return (await fetch('invoke', { method: 'POST', body: JSON.stringify(payload) })).json();
    if (name === 'showFlag') document.body.dataset.flag = payload.title;
} };";

/// A call of the page that waits for its answer.
struct Call {
    request: Value,
    answer: oneshot::Sender<Value>,
}

/// What the stand-in knows: where calls go, and what the page is told about its place.
struct Host {
    calls: mpsc::Sender<Call>,
    extension: Value,
}

async fn file(path: web::Path<(String, String)>, host: Data<Host>) -> HttpResponse {
    let (module, name) = path.into_inner();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../forge/static").join(&name);
    match name.as_str() {
        "context" => HttpResponse::Ok().json(json!({"moduleKey": module, "extension": host.extension})),
        "bridge.js" => HttpResponse::Ok().content_type("text/javascript").body(BRIDGE),
        "brine.js" => HttpResponse::Ok().content_type("text/javascript").body(std::fs::read(kept).unwrap_or_default()),
        "brine.css" => HttpResponse::Ok().content_type("text/css").body(std::fs::read(kept).unwrap_or_default()),
        "index.html" => {
            let page = std::fs::read_to_string(kept).unwrap_or_default();
            let page = page.replacen("<script", "<script src=\"./bridge.js\"></script><script", 1);
            let mut answer = HttpResponse::Ok();
            answer
                .insert_header(("Content-Security-Policy", POLICY))
                .content_type("text/html; charset=utf-8")
                .body(page)
        }
        _ => HttpResponse::NotFound().finish(),
    }
}

async fn invoke(host: Data<Host>, body: Bytes) -> HttpResponse {
    let (answer, answered) = oneshot::channel();
    let call = Call { request: serde_json::from_slice(&body).unwrap_or_default(), answer };
    if host.calls.send(call).await.is_err() {
        return HttpResponse::BadGateway().finish();
    }
    match answered.await {
        Ok(answer) => HttpResponse::Ok().json(answer),
        Err(_) => HttpResponse::BadGateway().finish(),
    }
}

/// Opens a module's page as a person, and tells what the person does there.
async fn at(
    world: &World,
    login: &str,
    module: &str,
    extension: Value,
    tell: impl AsyncFnOnce(&Browser) -> Result<()>,
) -> Result<()> {
    let (to_us, mut calls) = mpsc::channel(8);
    let host = Data::new(Host { calls: to_us, extension });
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/{module}/index.html", listener.local_addr()?);
    let routes = move || {
        let app = App::new().app_data(host.clone()).app_data(web::PayloadConfig::new(1 << 20));
        app.route("/{module}/invoke", web::post().to(invoke)).route("/{module}/{file}", web::get().to(file))
    };
    let server = HttpServer::new(routes).workers(1).disable_signals().listen(listener)?.run();
    let handle = server.handle();
    tokio::spawn(server);
    let user = world.user(login);
    let answering = async {
        while let Some(Call { request, answer }) = calls.recv().await {
            let text = |field: &str| request[field].as_str().unwrap_or_default().to_owned();
            let body = request.get("body").cloned();
            let reply = match user.call(&text("method"), &text("path"), body).await {
                Ok(reply) => {
                    json!({"success": true, "payload": {"status": reply.status, "headers": {}, "body": reply.body}})
                }
                Err(error) => json!({"success": false, "error": {"message": error.to_string()}}),
            };
            // The page may have gone.
            let _ = answer.send(reply);
        }
    };
    let page = Browser::open().await?;
    page.visit(&address).await?;
    let told = tokio::select! {
        told = tell(&page) => told,
        () = answering => bail!("the stand-in for Jira's page is gone"),
    };
    page.close().await?;
    handle.stop(false).await;
    told
}

#[tokio::test]
async fn people_use_brine_through_forge_as_through_connect() -> Result<()> {
    story(Setup::default(), async |world| {
        let text = "- A parcel stays in the locker for 3 days and is then sent back.\n\
                    - The shopper opens the locker with a code of 6 digits.\n\
                    - After 5 wrong codes the locker stays shut for 15 minutes.";
        let issue = world.jira.create_issue(NewIssue::story("SHOP", "Fetch a parcel from a locker").text(text))?;
        let project = json!({"id": "10000", "key": "SHOP"});
        let in_issue = json!({"issue": {"id": issue.id.to_string(), "key": issue.key}, "project": project});
        let in_project = json!({"project": project});

        // The action in the issue's menu begins at once; the panel shows what came of it.
        at(world, "alice", "brine-action", in_issue.clone(), async |page| {
            page.wait_for(Locator::XPath("//button[normalize-space()='Stop']")).await?;
            page.wait_for(Locator::XPath("//button[normalize-space()='Edit']")).await?;
            Ok(())
        })
        .await?;
        at(world, "alice", "brine-panel", in_issue.clone(), async |page| {
            page.press("Add to description").await?;
            page.wait_for_text("The criteria are in").await?;
            page.wait_for(Locator::Css("body[data-flag='Acceptance criteria added']")).await?;
            Ok(())
        })
        .await?;
        let description = world.jira.issue(&issue.key)?.description.unwrap_or_default();
        assert_eq!(gherkin_blocks(&description).len(), 1);

        // The line among the issue's details is the same page; there alice takes it back.
        at(world, "alice", "brine-context", in_issue, async |page| {
            page.press("Undo").await?;
            page.wait_for(Locator::XPath("//span[normalize-space()='Not in Jira yet']")).await?;
            Ok(())
        })
        .await?;
        let description = world.jira.issue(&issue.key)?.description.unwrap_or_default();
        assert_eq!(gherkin_blocks(&description).len(), 0);

        at(world, "carol", "brine-admin", json!({}), async |page| {
            page.wait_for_text(&issue.key).await?;
            page.wait_for_text("Nothing is kept.").await
        })
        .await?;
        at(world, "alice", "brine-project", in_project.clone(), async |page| {
            page.wait_for_text("Acceptance criteria in SHOP").await?;
            page.wait_for_text("Administrators of this project choose").await
        })
        .await?;
        at(world, "carol", "brine-project-settings", in_project, async |page| {
            page.wait_for(Locator::Css("#automatic")).await?.click().await?;
            page.press("Save").await?;
            page.wait_for_text("Saved.").await
        })
        .await?;
        let settings = world.user("carol").get("/api/projects/SHOP/settings").await?.expect(200)?;
        assert_eq!(settings["automatic"], json!(true));
        Ok(())
    })
    .await
}
