//! A call and its answer, without anything of HTTP around them.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// Where REST v3 lives.
pub(crate) const ROOT: &str = "/rest/api/3/";

/// What was asked.
pub(crate) struct Call {
    pub(crate) method: String,
    /// It came by the API's own address, which takes tokens of Forge's.
    pub(crate) by_gateway: bool,
    /// Still encoded.
    pub(crate) path: String,
    /// Still encoded.
    pub(crate) query: String,
    /// The `Authorization` header.
    pub(crate) authorization: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Call {
    /// What follows `/rest/api/3/`, decoded.
    pub(crate) fn segments(&self) -> Vec<String> {
        let rest = self.path.strip_prefix(ROOT).unwrap_or_default();
        rest.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect()
    }

    /// The first query parameter of this name.
    pub(crate) fn param(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// A list that is given by commas, by repetition, or both.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let values = url::form_urlencoded::parse(self.query.as_bytes()).filter(|(key, _)| key == name);
        let joined: Vec<String> = values.map(|(_, value)| value.into_owned()).collect();
        joined.iter().flat_map(|value| value.split(',')).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// The body, which must be JSON.
    pub(crate) fn json(&self) -> Result<Value, Answer> {
        serde_json::from_slice(&self.body).map_err(|_| {
            Answer::refused(400, "There was an error parsing JSON. Check that your request body is valid.")
        })
    }

    /// The body, which must be an object that holds only these fields.
    pub(crate) fn object(&self, known: &[&str]) -> Result<Map<String, Value>, Answer> {
        let Value::Object(fields) = self.json()? else {
            return Err(Answer::refused(400, "Can not deserialize the request body out of START_ARRAY token"));
        };
        match fields.keys().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => {
                Err(Answer::refused(400, &format!("Unrecognized field \"{unknown}\", not marked as ignorable")))
            }
            None => Ok(fields),
        }
    }
}

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
}

/// A refusal stops the work like any error does.
pub(crate) type Outcome = Result<Answer, Answer>;

impl Answer {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, body: Some(body) }
    }

    pub(crate) fn no_content() -> Self {
        Self { status: 204, body: None }
    }

    /// Jira's error shape with one message.
    pub(crate) fn refused(status: u16, message: &str) -> Self {
        Self::json(status, json!({"errorMessages": [message], "errors": {}}))
    }

    /// Jira's error shape with a message for one field.
    pub(crate) fn field_refused(field: &str, message: &str) -> Self {
        Self::json(400, json!({"errorMessages": [], "errors": {field: message}}))
    }

    pub(crate) fn no_such_issue() -> Self {
        Self::refused(404, "Issue does not exist or you do not have permission to see it.")
    }
}
