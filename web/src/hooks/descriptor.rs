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
        assert_eq!(descriptor["scopes"], serde_json::json!(["READ", "WRITE"]));
        assert_eq!(descriptor["apiMigrations"]["signed-install"], true);
        assert_eq!(descriptor["apiMigrations"]["context-qsh"], true);
        assert_eq!(descriptor["modules"]["webhooks"][0]["event"], "jira:issue_created");
    }

    #[test]
    fn every_address_in_it_is_a_route_of_ours() {
        let descriptor: Value = serde_json::from_str(&filled("https://brine.example.com")).unwrap();
        let mut addresses = Vec::new();
        gather(&descriptor, &mut addresses);
        assert!(addresses.len() >= 9, "{addresses:?}");
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
