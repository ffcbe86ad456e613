//! The manifest, from the templates in `forge/`.

use serde_json::{Map, Value, json};

use super::address::Address;
use super::app_id::AppId;

const REMOTE: &str = include_str!("../../../../forge/manifest.yml");
const CONNECT: &str = include_str!("../../../../forge/connect-on-forge.yml");
const DESCRIPTOR: &str = include_str!("../../../../atlassian-connect.json");

/// How Jira is to reach Brine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Forge's own modules and pages; the server is a remote.
    Remote,
    /// The modules of the Connect descriptor, carried by a Forge app with the Connect app's key.
    Connect,
}

/// The manifest's text. Without an id it holds the nil UUID, which `forge register` replaces.
///
/// # Errors
///
/// When the descriptor that is built in is no JSON.
pub(super) fn text(kind: Kind, address: &Address, app_id: Option<&AppId>) -> Result<String, serde_json::Error> {
    let template = match kind {
        Kind::Remote => REMOTE.to_owned(),
        Kind::Connect => format!("{CONNECT}{}", connect_modules()?),
    };
    let id = app_id.map_or_else(|| uuid::Uuid::nil().to_string(), AppId::to_string);
    Ok(template.replace("{{appId}}", &id).replace("{{baseUrl}}", &address.to_string()))
}

/// The descriptor's modules, a line for each kind. YAML takes JSON as it is, so there is no second copy to keep in step.
fn connect_modules() -> Result<String, serde_json::Error> {
    let descriptor: Value = serde_json::from_str(DESCRIPTOR)?;
    let modules = descriptor.get("modules").and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    let mut lines = String::new();
    for (kind, declared) in modules {
        let mut list = if let Value::Array(list) = declared { list } else { vec![declared] };
        for module in &mut list {
            // In Connect a webhook has no key; in Forge every module has one.
            let Some(fields) = module.as_object_mut() else { continue };
            if let (None, Some(event)) = (fields.get("key"), fields.get("event").and_then(Value::as_str)) {
                let key = format!("brine-{}", event.trim_start_matches("jira:").replace('_', "-"));
                fields.insert("key".to_owned(), json!(key));
            }
        }
        lines.push_str(&format!("  \"jira:{kind}\": {}\n", Value::Array(list)));
    }
    Ok(lines)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn made(kind: Kind, id: Option<&str>) -> String {
        let id = id.map(|id| id.parse::<AppId>().unwrap());
        text(kind, &"https://brine.example.com/".parse().unwrap(), id.as_ref()).unwrap()
    }

    #[test]
    fn both_kinds_name_the_operators_server_and_app() {
        let id = "11111111-2222-4333-8444-555555555555";
        for kind in [Kind::Remote, Kind::Connect] {
            let manifest = made(kind, Some(id));
            assert!(manifest.contains(&format!("id: \"ari:cloud:ecosystem::app/{id}\"")), "{manifest}");
            assert!(manifest.contains("baseUrl: \"https://brine.example.com\"\n"), "{manifest}");
            assert!(!manifest.contains("{{"), "{manifest}");
            assert!(made(kind, None).contains("app/00000000-0000-0000-0000-000000000000\""));
        }
    }

    #[test]
    fn connect_on_forge_has_every_module_of_the_descriptor_with_a_key() {
        let descriptor: Value = serde_json::from_str(DESCRIPTOR).unwrap();
        let manifest = made(Kind::Connect, None);
        for (kind, declared) in descriptor["modules"].as_object().unwrap() {
            let prefix = format!("  \"jira:{kind}\": ");
            let line = manifest.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap();
            let list: Vec<Value> = serde_json::from_str(line).unwrap();
            assert_eq!(list.len(), declared.as_array().map_or(1, Vec::len));
            assert!(list.iter().all(|module| module["key"].is_string()), "{line}");
        }
        assert!(manifest.contains("\"key\":\"brine-issue-created\""), "{manifest}");
    }

    #[test]
    fn the_app_key_is_the_one_of_the_descriptor() {
        let descriptor: Value = serde_json::from_str(DESCRIPTOR).unwrap();
        assert!(CONNECT.contains(&format!("key: {}\n", descriptor["key"].as_str().unwrap())));
    }
}
