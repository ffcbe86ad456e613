//! What every answer wears, what assets are, and how large a body may be.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;

use super::world::{ALICE, World};
use crate::{assets, routes};

#[actix_web::test]
async fn every_answer_wears_the_headers() {
    let world = World::start_at("https://brine.example.com").await;
    for entry in routes::table() {
        let path = entry.path.replace(['{', '}'], "");
        let answer = world.call(TestRequest::default().method(entry.method.clone()).uri(&path)).await;
        let name = format!("{} {path} ({})", entry.method, answer.status);
        assert_eq!(answer.header("X-Content-Type-Options"), "nosniff", "{name}");
        assert_eq!(answer.header("Referrer-Policy"), "no-referrer", "{name}");
        assert_eq!(answer.header("Cache-Control"), "no-store", "{name}");
        assert!(answer.header("Strict-Transport-Security").starts_with("max-age=63072000"), "{name}");
        assert!(answer.header("Content-Security-Policy").contains("default-src 'none'"), "{name}");
        assert!(answer.header("Set-Cookie").is_empty(), "{name}");
    }
}

#[actix_web::test]
async fn a_page_can_be_framed_by_its_own_site_alone_and_runs_no_inline_script() {
    let world = World::start().await;
    let address = "/panel?issueKey=SHOP-1&issueId=10001";
    let page = world.call(world.signed(Some(ALICE), Method::GET, address)).await;
    let policy = page.header("Content-Security-Policy");
    assert!(policy.ends_with(&format!("frame-ancestors {}", world.jira.base_url)), "{policy}");
    assert!(policy.contains("script-src 'self' https://connect-cdn.atl-paas.net/all.js;"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(page.header("Strict-Transport-Security").is_empty(), "only when it is reached by HTTPS");
    let refused = world.call(TestRequest::get().uri(address).insert_header(("Accept", "text/html"))).await;
    let policy = refused.header("Content-Security-Policy");
    assert!(policy.contains("frame-ancestors https://*.atlassian.net http://127.0.0.1:*"), "{policy}");
    let api = world.get(ALICE, "/api/issues/10001").await;
    assert!(api.header("Content-Security-Policy").contains("frame-ancestors 'none'"));
}

#[actix_web::test]
async fn assets_can_be_kept_for_good_under_their_version() {
    let world = World::start().await;
    let path = format!("/assets/{}/panel.js", assets::version());
    let asset = world.call(TestRequest::get().uri(&path)).await;
    assert_eq!(asset.status, 200);
    assert!(asset.header("Cache-Control").contains("immutable"));
    assert_eq!(asset.header("Content-Type"), "text/javascript; charset=utf-8");
    let tag = asset.header("ETag").to_owned();
    let again = world.call(TestRequest::get().uri(&path).insert_header(("If-None-Match", tag))).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
    let old = world.call(TestRequest::get().uri("/assets/000000000000/panel.js")).await;
    assert!(!old.header("Cache-Control").contains("immutable"));
    assert_eq!(world.call(TestRequest::get().uri("/assets/icon.svg")).await.status, 200);
    assert_eq!(world.call(TestRequest::get().uri("/assets/../Cargo.toml")).await.status, 404);
}

#[actix_web::test]
async fn modules_and_pages_name_only_assets_that_exist() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder.join("assets")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(assets::exists(&name), "{name} is not served");
        let text = std::fs::read_to_string(&path).unwrap();
        for import in text.split(" from './").skip(1).filter_map(|rest| rest.split('\'').next()) {
            assert!(assets::exists(import), "{name} imports {import}");
        }
        for unsafe_way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!text.contains(unsafe_way), "{name} uses {unsafe_way}");
        }
    }
}

#[actix_web::test]
async fn bodies_have_a_limit_and_a_shape() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    let path = format!("/api/drafts/{}", draft.id);
    let huge = world.put(ALICE, &path, json!({ "text": "x".repeat(300 * 1024), "version": 1 })).await;
    assert_eq!(huge.status, 413);
    assert!(huge.message().contains("262144 bytes"), "{}", huge.message());
    let broken = world.call(world.api_request(ALICE, Method::PUT, &path).set_payload("{\"text\": secret-words")).await;
    assert_eq!(broken.status, 400);
    assert!(broken.message().contains("not valid JSON"), "{}", broken.message());
    assert!(!broken.text.contains("secret-words"), "nothing of the body comes back");
    let method = world.call(TestRequest::delete().uri(&path)).await;
    assert_eq!(method.status, 405);
}
