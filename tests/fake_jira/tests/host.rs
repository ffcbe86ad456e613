//! The host script and its side of the bridge, in a real browser.

use fantoccini::Locator;

use super::super::NewIssue;
use super::super::tokens::verify_hs256;
use super::app::Installed;
use crate::harness::browser::Browser;

#[tokio::test]
async fn a_page_in_the_frame_gets_a_token_of_who_looks_and_can_show_flags_and_grow() {
    let site = Installed::start().await;
    let story = site.jira.create_issue(NewIssue::story("SHOP", "Export")).unwrap();
    site.app.ears.show_page(&site.jira.host_script_url());
    let browser = Browser::open().await.unwrap();
    browser.visit(&format!("{}/browse/{}?user=bob", site.jira.base_url(), story.key)).await.unwrap();
    browser.enter_app().await.unwrap();
    let token = browser.wait_for(Locator::Css("#token")).await.unwrap().text().await.unwrap();
    let claims = verify_hs256(&token, &site.installation.shared_secret).unwrap();
    assert_eq!(claims["qsh"], "context-qsh");
    assert_eq!(claims["sub"], site.jira.person("bob").unwrap().account_id);

    browser.leave_app().await.unwrap();
    let flag = browser.wait_for(Locator::Css("#flags .flag.success")).await.unwrap().text().await.unwrap();
    assert_eq!(flag, "Title\nBody <b>as text</b>");
    let height = browser.run("return document.querySelector('iframe').clientHeight", Vec::new()).await.unwrap();
    assert!(height.as_u64() > Some(600), "the frame is as high as its content: {height}");
    browser.close().await.unwrap();
}
