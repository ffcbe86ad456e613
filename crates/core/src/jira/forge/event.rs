//! What Forge says of the installation itself.

use serde_json::Value;

/// What became of an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// `avi:forge:installed:app` or `avi:forge:upgraded:app`: from now on it is there, in this version.
    Installed,
    /// The app is about to be removed from the site.
    Uninstalled,
}

/// Part of the key of the module, and of its endpoint, that Forge calls before it removes the app.
const UNINSTALL: &str = "uninstall";

/// Whether the token's modules say that the app is about to be removed.
fn is_uninstall(modules: &[String]) -> bool {
    modules.iter().any(|module| module.contains(UNINSTALL))
}

impl Lifecycle {
    /// Reads an event's body; none when it is about something else. `modules` are those that the token names.
    pub fn read(body: &[u8], modules: &[String]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let name = body.get("eventType").and_then(Value::as_str).unwrap_or_default();
        match name {
            "avi:forge:installed:app" | "avi:forge:upgraded:app" => Some(Self::Installed),
            "avi:forge:uninstalled:app" | "avi:forge:pre-uninstall:app" | "preUninstall" => Some(Self::Uninstalled),
            // Not every version of Forge names its event; the module that it calls does.
            "" if is_uninstall(modules) => Some(Self::Uninstalled),
            "" => Some(Self::Installed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lifecycle;

    #[test]
    fn the_name_decides_and_without_one_the_module() {
        let read = |body: &str, module: &str| Lifecycle::read(body.as_bytes(), &[module.to_owned()]);
        let installed = Some(Lifecycle::Installed);
        assert_eq!(read(r#"{"eventType":"avi:forge:installed:app","id":"x"}"#, "brine-lifecycle"), installed);
        assert_eq!(read(r#"{"eventType":"avi:forge:upgraded:app"}"#, "brine-lifecycle"), installed);
        assert_eq!(read(r#"{"id":"x","app":{}}"#, "brine-lifecycle"), installed);
        assert_eq!(read("{}", "brine-uninstall"), Some(Lifecycle::Uninstalled));
        assert_eq!(read("no json", "brine-uninstall"), Some(Lifecycle::Uninstalled));
        assert_eq!(read(r#"{"eventType":"avi:jira:created:issue"}"#, "brine-lifecycle"), None);
    }
}
