//! The iframe around an app's page: its address with the variables filled in, and a signed token for who looks.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::adf_html::escape;
use super::super::apps::Installation;
use super::super::people::Person;
use super::super::qsh::qsh;
use super::super::site::Site;
use super::super::state::{Issue, Project};
use super::super::tokens::hs256;

/// What Jira lets an app's iframe do.
const SANDBOX: &str = "allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox \
                       allow-scripts allow-same-origin allow-top-navigation-by-user-activation";

/// Where the page stands: what the variables in its address mean.
#[derive(Default)]
pub(super) struct Place {
    pub(super) project: Option<Project>,
    pub(super) issue: Option<Issue>,
}

impl Place {
    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "issue.key" => self.issue.as_ref().map(|issue| issue.key.clone()),
            "issue.id" => self.issue.as_ref().map(|issue| issue.id.to_string()),
            "project.key" => self.project.as_ref().map(|project| project.key.clone()),
            "project.id" => self.project.as_ref().map(|project| project.id.to_string()),
            _ => None,
        }
    }

    /// What Jira puts into the token's `context`.
    fn context(&self) -> Value {
        let issue = self.issue.as_ref().map(|issue| json!({"id": issue.id.to_string(), "key": issue.key}));
        let project = self.project.as_ref().map(|project| json!({"id": project.id.to_string(), "key": project.key}));
        json!({"jira": {"issue": issue, "project": project}})
    }
}

/// The iframe of the first module of these kinds, or a line that there is none.
pub(super) fn of_first(site: &Site, kinds: &[&str], viewer: &Person, place: &Place) -> String {
    let Some(app) = site.installation().filter(|app| app.enabled) else {
        return "<p class=\"empty\">No app is installed.</p>".into();
    };
    let Some((kind, module)) = kinds.iter().find_map(|kind| Some((kind, app.modules(kind).into_iter().next()?))) else {
        return "<p class=\"empty\">The installed app has nothing to show here.</p>".into();
    };
    let address = address(site, &app, &module, viewer, place);
    let name = module.pointer("/name/value").and_then(Value::as_str).unwrap_or_default();
    format!(
        "<iframe class=\"app-frame\" sandbox=\"{SANDBOX}\" data-kind=\"{kind}\" data-origin=\"{}\" title=\"{}\" src=\"{}\"></iframe>",
        escape(&origin(&app.app_base)),
        escape(name),
        escape(&address)
    )
}

fn origin(app_base: &str) -> String {
    url::Url::parse(app_base).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

/// The signed address of a module's page.
pub(super) fn address(site: &Site, app: &Installation, module: &Value, viewer: &Person, place: &Place) -> String {
    let template = module.get("url").or_else(|| module.pointer("/target/url")).and_then(Value::as_str).unwrap_or("/");
    let filled = fill(template, place);
    let (path, query) = filled.split_once('?').unwrap_or((&filled, ""));
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let key = module.get("key").and_then(Value::as_str).unwrap_or_default();
    let host = format!(
        "xdm_e={}&xdm_c={}&cp=&lic=none&cv=1001.0.0",
        encode(&site.base_url),
        encode(&format!("channel-{key}"))
    );
    let query = if query.is_empty() { host } else { format!("{query}&{host}") };
    let mut claims = app.claims(&qsh("GET", path, &query), 180);
    if let Some(fields) = claims.as_object_mut() {
        fields.insert("sub".into(), json!(viewer.account_id));
        fields.insert("context".into(), place.context());
    }
    format!("{}{path}?{query}&jwt={}", app.app_base, hs256(&claims, &app.shared_secret))
}

/// Replaces `{issue.key}` and its like; a variable without a value becomes nothing, as in Jira.
fn fill(template: &str, place: &Place) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        filled.push_str(before);
        let value = place.variable(name).unwrap_or_default();
        filled.push_str(&utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string().replace("%2D", "-"));
        rest = behind;
    }
    filled + rest
}
