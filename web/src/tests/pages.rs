//! The pages that Jira frames.

use actix_web::http::Method;
use actix_web::test::TestRequest;

use super::world::{ALICE, BOB, CAROL, World};

#[actix_web::test]
async fn the_panel_is_a_shell_with_the_issue_it_is_for() {
    let world = World::start().await;
    let address = "/panel?issueKey=SHOP-1&issueId=10001&projectKey=SHOP";
    let page = world.call(world.signed(Some(BOB), Method::GET, address)).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains(r#"data-issue-id="10001""#));
    assert!(page.text.contains(r#"data-issue-key="SHOP-1""#));
    assert!(page.text.contains(r#"data-page="panel""#) && !page.text.contains("data-start"));
    let asked = world.call(world.signed(Some(BOB), Method::GET, &format!("{address}&start=yes"))).await;
    assert!(asked.text.contains(r#"data-start="yes""#), "{}", asked.text);
    assert!(page.text.contains("https://connect-cdn.atl-paas.net/all.js"));
    assert!(!page.text.contains("<script>"), "no inline script");
}

#[actix_web::test]
async fn what_stands_in_an_address_cannot_become_markup() {
    let world = World::start().await;
    let address = "/panel?issueKey=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&issueId=10001";
    let page = world.call(world.signed(Some(BOB), Method::GET, address)).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
    assert!(!page.text.contains(r#"key="">"#));
}

#[actix_web::test]
async fn administrators_see_their_pages() {
    let world = World::start().await;
    let admin = world.call(world.signed(Some(CAROL), Method::GET, "/admin")).await;
    assert_eq!(admin.status, 200);
    assert!(admin.text.contains(r#"data-page="admin""#), "{}", admin.text);
    let settings = world.call(world.signed(Some(CAROL), Method::GET, "/project-settings?projectKey=SHOP")).await;
    assert_eq!(settings.status, 200);
    assert!(settings.text.contains(r#"data-page="project-settings" data-project-key="SHOP""#), "{}", settings.text);
    let refused = world.call(world.signed(Some(BOB), Method::GET, "/project-settings?projectKey=SHOP")).await;
    assert_eq!(refused.status, 403);
}

#[actix_web::test]
async fn everyone_sees_a_projects_page_and_no_page_for_what_is_no_key() {
    let world = World::start().await;
    let page = world.call(world.signed(Some(BOB), Method::GET, "/project?projectKey=SHOP")).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains(r#"data-page="project" data-project-key="SHOP""#), "{}", page.text);
    let lost = world.call(world.signed(Some(BOB), Method::GET, "/project?projectKey=SH%20OP")).await;
    assert_eq!(lost.status, 404);
}

#[actix_web::test]
async fn a_person_who_is_refused_reads_words_and_a_script_reads_json() {
    let world = World::start().await;
    let refused = world.signed(Some(ALICE), Method::GET, "/admin").insert_header(("Accept", "text/html,*/*"));
    let page = world.call(refused).await;
    assert_eq!(page.status, 403);
    assert!(page.header("Content-Type").starts_with("text/html"));
    assert!(page.text.contains("You cannot open this page"));
    let json = world.call(world.signed(Some(ALICE), Method::GET, "/admin")).await;
    assert!(json.message().contains("administrator"));
    let lost = world.call(TestRequest::get().uri("/nowhere").insert_header(("Accept", "text/html"))).await;
    assert_eq!(lost.status, 404);
    assert!(lost.text.contains("There is nothing here"));
}

#[actix_web::test]
async fn the_descriptor_carries_our_address() {
    let world = World::start_at("https://brine.example.com/under/").await;
    let descriptor = world.call(TestRequest::get().uri("/atlassian-connect.json")).await.json();
    assert_eq!(descriptor["baseUrl"], "https://brine.example.com/under");
}

#[actix_web::test]
async fn it_says_that_it_is_well() {
    let world = World::start().await;
    assert_eq!(world.call(TestRequest::get().uri("/healthz")).await.status, 200);
    assert_eq!(world.call(TestRequest::get().uri("/readyz")).await.status, 200);
    world.store.close().await;
    assert_eq!(world.call(TestRequest::get().uri("/readyz")).await.status, 503);
    assert_eq!(world.call(TestRequest::get().uri("/healthz")).await.status, 200);
}
