//! Reads one setting after the other and keeps a list of all that is wrong.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::Path;

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Value};
use url::Url;

use super::{DEFAULT_TOML, is_loopback};

/// Every setting with its environment variable; a key of the file that is not here is a typing error.
const FIELDS: &[(&str, &str)] = &[
    ("data_dir", "BRINE_DATA_DIR"),
    ("secret_key_file", "BRINE_SECRET_KEY_FILE"),
    ("secret_key", "BRINE_SECRET_KEY"),
    ("server.bind", "BRINE_BIND"),
    ("server.base_url", "BRINE_BASE_URL"),
    ("server.behind_proxy", "BRINE_BEHIND_PROXY"),
    ("operations.bind", "BRINE_OPERATIONS_BIND"),
    ("database.url", "BRINE_DATABASE_URL"),
    ("database.max_connections", "BRINE_DATABASE_CONNECTIONS"),
    ("database.statement_timeout_seconds", "BRINE_DATABASE_TIMEOUT_SECONDS"),
    ("connect.keys_url", "BRINE_CONNECT_KEYS_URL"),
    ("connect.host_script_url", "BRINE_HOST_SCRIPT_URL"),
    ("connect.allowed_sites", "BRINE_ALLOWED_SITES"),
    ("forge.jwks_url", "BRINE_FORGE_JWKS_URL"),
    ("forge.app_ids", "BRINE_FORGE_APP_IDS"),
    ("limits.site_per_second", "BRINE_SITE_PER_SECOND"),
    ("limits.unproven_per_second", "BRINE_UNPROVEN_PER_SECOND"),
    ("limits.jira_points_per_hour", "BRINE_JIRA_POINTS_PER_HOUR"),
    ("limits.jira_points_shared", "BRINE_JIRA_POINTS_SHARED"),
    ("limits.jira_background_percent", "BRINE_JIRA_BACKGROUND_PERCENT"),
    ("limits.kept_days", "BRINE_KEPT_DAYS"),
    ("limits.stories_per_day", "BRINE_STORIES_PER_DAY"),
    ("limits.stories_per_run", "BRINE_STORIES_PER_RUN"),
    ("model.name", "BRINE_MODEL"),
    ("model.adapter", "BRINE_ADAPTER"),
    ("model.max_adapters", "BRINE_MAX_ADAPTERS"),
    ("model.models_dir", "BRINE_MODELS"),
    ("model.prompt", "BRINE_PROMPT"),
    ("model.threads", "BRINE_THREADS"),
    ("model.deadline_seconds", "BRINE_DEADLINE_SECONDS"),
    ("model.server", "BRINE_MODEL_SERVER"),
    ("model.server_model", "BRINE_MODEL_SERVER_MODEL"),
    ("model.server_key", "BRINE_MODEL_KEY"),
    ("jobs.lease_seconds", "BRINE_LEASE_SECONDS"),
    ("jobs.max_attempts", "BRINE_MAX_ATTEMPTS"),
    ("jobs.max_crashes", "BRINE_MAX_CRASHES"),
    ("jobs.workers", "BRINE_WORKERS"),
    ("jobs.retry_base_seconds", "BRINE_RETRY_BASE_SECONDS"),
    ("jobs.drain_seconds", "BRINE_DRAIN_SECONDS"),
    ("queue.url", "BRINE_REDIS_URL"),
    ("queue.name", "BRINE_QUEUE_NAME"),
    ("queue.tenant_concurrency", "BRINE_TENANT_CONCURRENCY"),
];

pub(super) struct Reader {
    figment: Figment,
    problems: Vec<String>,
}

impl Reader {
    pub(super) fn new(config: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut problems = Vec::new();
        let mut figment = Figment::from(Toml::string(DEFAULT_TOML));
        if let Some(path) = config {
            match std::fs::read_to_string(path) {
                Ok(text) => {
                    let file = Figment::from(Toml::string(&text));
                    match file.extract::<Dict>() {
                        Ok(dict) => {
                            unknown_keys("", &dict, &mut problems);
                            figment = figment.merge(file);
                        }
                        Err(error) => problems.push(format!("{}: {error}", path.display())),
                    }
                }
                Err(error) => problems.push(format!("{} cannot be read: {error}", path.display())),
            }
        }
        for (name, value) in environment {
            if let Some((key, _)) = FIELDS.iter().find(|(_, variable)| *variable == name) {
                figment = figment.merge(Serialized::default(key, value));
            }
        }
        Self { figment, problems }
    }

    /// What was wrong with anything that was read.
    pub(super) fn finish(self) -> Vec<String> {
        self.problems
    }

    /// Notes a problem of this field.
    pub(super) fn refuse(&mut self, key: &str, problem: impl Display) {
        let variable = FIELDS.iter().find(|(field, _)| *field == key).map_or("", |(_, variable)| variable);
        self.problems.push(format!("{key} ({variable}): {problem}"));
    }

    /// A text that may be missing; an empty one counts as missing.
    pub(super) fn optional_text(&mut self, key: &str) -> Option<String> {
        let text = match self.figment.find_value(key).ok()? {
            Value::String(_, text) => text,
            // A variable is always text, and a file may name a model 7 or a number "7": both are understood.
            value => match value.to_i128() {
                Some(number) => number.to_string(),
                None => {
                    self.refuse(key, "must be a text or a whole number");
                    return None;
                }
            },
        };
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let before = self.problems.len();
        let text = self.optional_text(key);
        if text.is_none() && self.problems.len() == before {
            self.refuse(key, "must not be empty");
        }
        text
    }

    /// A text that reads as a `T`; `form` says how one looks.
    pub(super) fn parsed<T: std::str::FromStr>(&mut self, key: &str, form: &str) -> Option<T> {
        let text = self.text(key)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.refuse(key, format!("must be {form}, got {text:?}"));
        }
        value
    }

    /// "true" or "false".
    pub(super) fn switch(&mut self, key: &str) -> Option<bool> {
        if let Ok(Value::Bool(_, on)) = self.figment.find_value(key) {
            return Some(on);
        }
        self.parsed(key, "true or false")
    }

    pub(super) fn number(&mut self, key: &str, bounds: RangeInclusive<u64>) -> Option<u64> {
        let text = self.text(key)?;
        let value = text.parse().ok().filter(|number| bounds.contains(number));
        if value.is_none() {
            self.refuse(key, format!("must be a number from {} to {}, got {text:?}", bounds.start(), bounds.end()));
        }
        value
    }

    /// A list; in the environment its items are parted by commas.
    pub(super) fn list(&mut self, key: &str) -> Option<Vec<String>> {
        let items = match self.figment.find_value(key) {
            Ok(Value::String(_, text)) => text.split(',').map(|item| item.trim().to_owned()).collect(),
            _ => match self.figment.extract_inner::<Vec<String>>(key) {
                Ok(items) => items,
                Err(_) => {
                    self.refuse(key, "must be a list of texts");
                    return None;
                }
            },
        };
        Some(items.into_iter().filter(|item| !item.is_empty()).collect())
    }

    /// An address without credentials; plain http is taken on this machine only.
    pub(super) fn web_address(&mut self, key: &str) -> Option<Url> {
        let url: Url = self.parsed(key, "an address such as https://brine.example.com")?;
        let problem = match url.scheme() {
            "https" | "http" if url.host().is_none() => "must name a host",
            "https" | "http" if !url.username().is_empty() || url.password().is_some() => "must not hold a password",
            "https" => return Some(url),
            "http" if is_loopback(&url) => return Some(url),
            _ => "must begin with https:// (http:// is taken for this machine only)",
        };
        self.refuse(key, problem);
        None
    }
}

fn unknown_keys(prefix: &str, dict: &Dict, problems: &mut Vec<String>) {
    for (name, value) in dict {
        let key = format!("{prefix}{name}");
        if FIELDS.iter().any(|(field, _)| *field == key) {
            continue;
        }
        let below = format!("{key}.");
        match value {
            Value::Dict(_, inner) if FIELDS.iter().any(|(field, _)| field.starts_with(&below)) => {
                unknown_keys(&below, inner, problems);
            }
            _ => problems.push(format!("{key}: there is no such setting")),
        }
    }
}
