#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn descriptor() -> Value {
    json!({
        "key": "com.example.app",
        "baseUrl": "http://127.0.0.1:1/",
        "authentication": {"type": "jwt"},
        "apiMigrations": {"signed-install": true},
        "lifecycle": {"installed": "/installed"},
        "scopes": ["READ", "write"],
        "modules": {
            "adminPages": [{"key": "admin", "name": {"value": "Admin"}, "url": "/admin"}],
            "webhooks": [{"event": "jira:issue_created", "url": "/created"}],
        },
    })
}

#[test]
fn a_good_descriptor_passes_and_each_flaw_is_named() {
    check(&descriptor(), "http://127.0.0.1:1").unwrap();
    let flaws = [
        ("/key", json!("no spaces"), "Connect does not allow"),
        ("/baseUrl", json!("http://elsewhere"), "is served at"),
        ("/authentication/type", json!("none"), "type jwt"),
        ("/apiMigrations/signed-install", json!(false), "signed installs"),
        ("/scopes/0", json!("SUDO"), "not a scope"),
        ("/modules/adminPages/0/url", json!("https://elsewhere/x"), "begin with a slash"),
        ("/modules/webhooks/0/event", json!("jira:issue_thought_of"), "not a webhook event"),
    ];
    for (pointer, wrong, message) in flaws {
        let mut descriptor = descriptor();
        *descriptor.pointer_mut(pointer).unwrap() = wrong;
        let error = check(&descriptor, "http://127.0.0.1:1").unwrap_err().to_string();
        assert!(error.contains(message), "{pointer}: {error}");
    }
}

#[test]
fn a_scope_implies_the_weaker_ones() {
    let installation = Installation {
        app_base: String::new(),
        app_key: String::new(),
        client_key: String::new(),
        shared_secret: String::new(),
        descriptor: descriptor(),
        enabled: true,
    };
    assert!(installation.has_scope("READ"));
    assert!(installation.has_scope("WRITE"));
    assert!(!installation.has_scope("DELETE"));
}
