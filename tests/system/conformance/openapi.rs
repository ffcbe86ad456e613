//! One exchange held against the OpenAPI description of Jira.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use brine_tests::fake_jira::Recorded;
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use crate::artefacts;

/// The description, with the validators made so far.
pub(crate) struct OpenApi {
    document: Value,
    validators: HashMap<String, Validator>,
}

impl OpenApi {
    pub(crate) fn load() -> Result<Self> {
        let document = artefacts::json("jira-cloud-platform-v3.openapi.json")?;
        Ok(Self { document, validators: HashMap::new() })
    }

    /// Path, method, query parameters, body, status and answer: all must be as described.
    pub(crate) fn check(&mut self, exchange: &Recorded) -> Result<()> {
        let (template, operation) = self.operation(exchange)?;
        self.check_query(&operation, exchange)?;
        let method = exchange.method.to_lowercase();

        let described = operation.pointer("/requestBody/content/application~1json/schema");
        match (&exchange.body, described) {
            (Some(body), Some(schema)) => self.check_value(&format!("{method} {template} body"), schema, body)?,
            (Some(_), None) => bail!("a body where none is described"),
            (None, Some(_)) if operation.pointer("/requestBody/required") == Some(&json!(true)) => bail!("no body"),
            (None, _) => {}
        }

        let status = exchange.status.to_string();
        let answers = operation.get("responses").and_then(Value::as_object).context("no responses are described")?;
        let described = answers.get(&status).with_context(|| format!("status {status} is not described"))?;
        let schema = described.pointer("/content/application~1json/schema");
        match (&exchange.answer, schema) {
            (Some(answer), Some(schema)) => self.check_value(&format!("{method} {template} {status}"), schema, answer),
            // Jira describes most errors without their body.
            _ => Ok(()),
        }
    }

    /// The scopes that a Forge app needs for this request, by the names that manifests use.
    pub(crate) fn scopes(&self, exchange: &Recorded) -> Result<Vec<String>> {
        let (_, operation) = self.operation(exchange)?;
        let described = operation.get("x-atlassian-oauth2-scopes").and_then(Value::as_array);
        let current = described.into_iter().flatten().filter(|set| set.get("state") == Some(&json!("Current")));
        let scopes = current.filter_map(|set| set.get("scopes")?.as_array()).flatten();
        Ok(scopes.filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// The described path that fits; one without variables before one with them.
    fn operation(&self, exchange: &Recorded) -> Result<(String, Value)> {
        let paths = self.document.get("paths").and_then(Value::as_object).context("no paths")?;
        let mut fitting: Vec<&String> = paths.keys().filter(|template| fits(template, &exchange.path)).collect();
        fitting.sort_by_key(|template| template.matches('{').count());
        let template = fitting.first().context("no such path")?;
        let operation = paths.get(*template).and_then(|path| path.get(exchange.method.to_lowercase()));
        Ok(((*template).clone(), operation.context("no such method")?.clone()))
    }

    fn check_query(&self, operation: &Value, exchange: &Recorded) -> Result<()> {
        let parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
        let in_query = |parameter: &&Value| parameter.get("in") == Some(&json!("query"));
        for (name, value) in url::form_urlencoded::parse(exchange.query.as_bytes()) {
            let described =
                parameters.iter().filter(in_query).find(|parameter| parameter.get("name") == Some(&json!(name)));
            let described = described.with_context(|| format!("the query parameter {name} is not described"))?;
            let good = match described.pointer("/schema/type").and_then(Value::as_str) {
                Some("integer") => value.parse::<i64>().is_ok(),
                Some("boolean") => matches!(value.as_ref(), "true" | "false"),
                _ => true,
            };
            ensure!(good, "the query parameter {name} can't be {value:?}");
        }
        let required =
            parameters.iter().filter(in_query).filter(|parameter| parameter.get("required") == Some(&json!(true)));
        for name in required.filter_map(|parameter| parameter.get("name").and_then(Value::as_str)) {
            let given = url::form_urlencoded::parse(exchange.query.as_bytes()).any(|(given, _)| given == name);
            ensure!(given, "the query parameter {name} is required");
        }
        Ok(())
    }

    fn check_value(&mut self, name: &str, schema: &Value, value: &Value) -> Result<()> {
        if !self.validators.contains_key(name) {
            let mut whole = schema.as_object().cloned().unwrap_or_else(Map::new);
            whole.insert("components".into(), self.document.get("components").cloned().unwrap_or_default());
            // OpenAPI 3.0's schemas are draft 4 with small changes.
            let validator = jsonschema::options()
                .with_draft(Draft::Draft4)
                .should_validate_formats(false)
                .build(&Value::Object(whole))
                .map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
            self.validators.insert(name.to_owned(), validator);
        }
        let validator = self.validators.get(name).context("was just made")?;
        let errors: Vec<String> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        ensure!(errors.is_empty(), "{name}: {}", errors.join("; "));
        Ok(())
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (wanted, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    wanted.len() == given.len()
        && wanted.iter().zip(&given).all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
}
