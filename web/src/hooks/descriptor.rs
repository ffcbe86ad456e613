//! The descriptor, with the address filled in at which Atlassian reaches us.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;

use crate::door::Public;

const TEMPLATE: &str = include_str!("../../../atlassian-connect.json");

/// `atlassian-connect.json` of this installation of Brine.
pub(crate) async fn descriptor(anyone: Public) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(filled(anyone.base_url()))
}

fn filled(base_url: &str) -> String {
    TEMPLATE.replace("{{baseUrl}}", base_url)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn it_is_json_that_asks_for_no_more_than_it_needs() {
        let descriptor: Value = serde_json::from_str(&filled("https://brine.example.com")).unwrap();
        assert_eq!(descriptor["baseUrl"], "https://brine.example.com");
        assert_eq!(descriptor["key"], brine_core::jira::APP_KEY);
        assert_eq!(descriptor["scopes"], serde_json::json!(["READ", "WRITE", "DELETE"]));
        assert_eq!(descriptor["apiMigrations"]["signed-install"], true);
        assert_eq!(descriptor["apiMigrations"]["context-qsh"], true);
        assert_eq!(descriptor["apiMigrations"]["gdpr"], true);
    }

    #[test]
    fn it_has_every_place_in_jira_where_brine_shows_itself() {
        let descriptor: Value = serde_json::from_str(&filled("https://brine.example.com")).unwrap();
        let modules = descriptor["modules"].as_object().unwrap();
        for (kind, key) in [
            ("jiraIssueContents", "brine-panel"),
            ("jiraIssueContexts", "brine-context"),
            ("webItems", "brine-action"),
            ("jiraProjectPages", "brine-project"),
            ("jiraProjectPages", "brine-project-settings"),
            ("adminPages", "brine-admin"),
            ("configurePage", "brine-configure"),
            ("postInstallPage", "brine-installed"),
        ] {
            let declared = &modules[kind];
            let mut list = declared.as_array().map_or_else(|| std::slice::from_ref(declared), Vec::as_slice).iter();
            assert!(list.any(|module| module["key"] == key), "{kind} has no {key}");
        }
        let events: Vec<&Value> = modules["webhooks"].as_array().unwrap().iter().map(|hook| &hook["event"]).collect();
        assert_eq!(events, ["jira:issue_created", "jira:issue_updated"]);
        assert_eq!(modules["webItems"][0]["location"], "operations-operations");
        for event in ["installed", "uninstalled", "enabled", "disabled"] {
            assert_eq!(descriptor["lifecycle"][event], format!("/connect/{event}"));
        }
    }

    #[test]
    fn its_addresses_have_keys_that_everyone_hashes_alike() {
        let descriptor: Value = serde_json::from_str(&filled("https://brine.example.com")).unwrap();
        let mut addresses = Vec::new();
        gather(&descriptor, &mut addresses);
        for (path, query) in addresses.iter().filter_map(|address| address.split_once('?')) {
            for pair in query.split('&') {
                let (key, value) = pair.split_once('=').unwrap();
                assert!(key.bytes().all(|b| b.is_ascii_alphanumeric()), "{path}: {key}");
                let is_variable = value.starts_with('{') && value.ends_with('}');
                assert!(is_variable || value.bytes().all(|b| b.is_ascii_alphanumeric()), "{path}: {value}");
            }
        }
    }

    #[test]
    fn every_address_in_it_is_a_route_of_ours() {
        let descriptor: Value = serde_json::from_str(&filled("https://brine.example.com")).unwrap();
        let mut addresses = Vec::new();
        gather(&descriptor, &mut addresses);
        assert!(addresses.len() >= 18, "{addresses:?}");
        let routes: Vec<&str> = crate::routes::table().iter().map(|entry| entry.path).collect();
        for address in addresses {
            let path = address.split('?').next().unwrap();
            let known = routes.contains(&path) || path.strip_prefix("/assets/").is_some_and(crate::assets::exists);
            assert!(known, "{path} is not served");
        }
    }

    fn gather(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) if text.starts_with('/') => found.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
            Value::Object(fields) => fields.values().for_each(|field| gather(field, found)),
            _ => {}
        }
    }
}
