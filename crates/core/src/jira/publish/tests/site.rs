//! One issue in memory, which fails where a test wants it to.

use std::sync::Mutex;

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::story;
use crate::adf::to_text;
use crate::ids::{FieldId, IssueId};
use crate::jira::JiraError;
use crate::jira::client::{Comment, FieldForm, Subtask};
use crate::jira::publish::{BEFORE_KEY, FieldNow, IssueWriter, Mark, PROPERTY_KEY};

/// One issue in memory. Every call can be made to fail, before or after it took effect.
#[derive(Default)]
pub(super) struct Site(Mutex<State>);

#[derive(Default)]
pub(super) struct State {
    pub(super) description: Option<Value>,
    pub(super) property: Option<Value>,
    /// What stood there before the last write.
    pub(super) before: Option<Value>,
    pub(super) field: Option<Value>,
    pub(super) form: Option<FieldForm>,
    pub(super) comments: Vec<Comment>,
    pub(super) subtasks: Vec<Subtask>,
    /// How many sub-tasks there ever were.
    pub(super) made: usize,
    pub(super) description_writes: usize,
    pub(super) comment_writes: usize,
    pub(super) calls: usize,
    fail: Option<Fail>,
}

#[derive(Clone, Copy)]
struct Fail {
    call: usize,
    took_effect: bool,
}

impl State {
    fn held(&mut self, key: &str) -> &mut Option<Value> {
        match key {
            PROPERTY_KEY => &mut self.property,
            BEFORE_KEY => &mut self.before,
            other => unreachable!("{other}"),
        }
    }
}

impl Site {
    pub(super) fn described(text: &str) -> Self {
        let site = Self::default();
        site.0.lock().unwrap().description = Some(story(text));
        site
    }

    pub(super) fn fail_at(&self, call: usize, took_effect: bool) {
        let mut state = self.0.lock().unwrap();
        state.fail = Some(Fail { call: state.calls + call, took_effect });
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap());
    }

    pub(super) fn see<T>(&self, see: impl FnOnce(&State) -> T) -> T {
        see(&self.0.lock().unwrap())
    }

    pub(super) fn text(&self) -> String {
        self.see(|state| state.description.as_ref().map(to_text).unwrap_or_default())
    }

    pub(super) fn mark(&self) -> Mark {
        self.see(|state| Mark::read(state.property.as_ref().unwrap()).unwrap())
    }

    fn call<T>(&self, act: impl FnOnce(&mut State) -> T) -> Result<T, JiraError> {
        let mut state = self.0.lock().unwrap();
        let gone = JiraError::Unavailable { cause: "cut off".to_owned(), retry_after: None };
        let fails = state.fail.filter(|fail| fail.call == state.calls);
        state.calls += 1;
        match fails {
            Some(Fail { took_effect: false, .. }) => Err(gone),
            Some(Fail { took_effect: true, .. }) => {
                act(&mut state);
                Err(gone)
            }
            None => Ok(act(&mut state)),
        }
    }
}

#[async_trait]
impl IssueWriter for Site {
    async fn description(&self, _: &IssueId) -> Result<Option<Value>, JiraError> {
        self.call(|state| state.description.clone())
    }

    async fn field(&self, _: &IssueId, field: &FieldId) -> Result<Option<FieldNow>, JiraError> {
        self.call(|state| {
            let now = FieldNow { form: state.form.unwrap_or(FieldForm::Document), value: state.field.clone() };
            (field.as_str() == "customfield_7").then_some(now)
        })
    }

    async fn property(&self, _: &IssueId, key: &str) -> Result<Option<Value>, JiraError> {
        self.call(|state| state.held(key).clone())
    }

    async fn edit(
        &self,
        _: &IssueId,
        fields: Map<String, Value>,
        properties: &[(&str, Value)],
    ) -> Result<(), JiraError> {
        self.call(|state| {
            for (name, value) in fields {
                state.description_writes += 1;
                let place = if name == "description" { &mut state.description } else { &mut state.field };
                *place = Some(value).filter(|value| !value.is_null());
            }
            for (key, value) in properties {
                *state.held(key) = Some(value.clone());
            }
        })
    }

    async fn set_property(&self, _: &IssueId, key: &str, value: Value) -> Result<(), JiraError> {
        self.call(|state| *state.held(key) = Some(value))
    }

    async fn delete_property(&self, _: &IssueId, key: &str) -> Result<(), JiraError> {
        self.call(|state| *state.held(key) = None)
    }

    async fn comment(&self, _: &IssueId, id: &str) -> Result<Option<Value>, JiraError> {
        self.call(|state| state.comments.iter().find(|comment| comment.id == id).map(|comment| comment.body.clone()))
    }

    async fn marked_comment(&self, _: &IssueId) -> Result<Option<Comment>, JiraError> {
        self.call(|state| state.comments.iter().rev().find(|comment| !comment.property.is_null()).cloned())
    }

    async fn add_comment(&self, _: &IssueId, body: Value, property: Value) -> Result<String, JiraError> {
        self.call(|state| {
            let id = format!("{}", 100 + state.comments.len());
            state.comments.push(Comment { id: id.clone(), body, property });
            state.comment_writes += 1;
            id
        })
    }

    async fn update_comment(&self, _: &IssueId, id: &str, body: Value) -> Result<(), JiraError> {
        self.call(|state| {
            state.comments.iter_mut().find(|comment| comment.id == id).unwrap().body = body;
            state.comment_writes += 1;
        })
    }

    async fn delete_comment(&self, _: &IssueId, id: &str) -> Result<(), JiraError> {
        self.call(|state| state.comments.retain(|comment| comment.id != id))
    }

    async fn subtask_ids(&self, _: &IssueId) -> Result<Vec<IssueId>, JiraError> {
        self.call(|state| state.subtasks.iter().filter(|one| one.parent.is_some()).map(|one| one.id.clone()).collect())
    }

    async fn subtask(&self, id: &IssueId) -> Result<Option<Subtask>, JiraError> {
        self.call(|state| state.subtasks.iter().find(|one| one.id == *id).cloned())
    }

    async fn add_subtask(
        &self,
        issue: &IssueId,
        summary: &str,
        description: Value,
        property: Value,
    ) -> Result<IssueId, JiraError> {
        self.call(|state| {
            state.made += 1;
            let id = IssueId::new(format!("{}", 20_000 + state.made));
            state.subtasks.push(Subtask {
                id: id.clone(),
                summary: summary.to_owned(),
                description: Some(description),
                parent: Some(issue.clone()),
                is_touched: false,
                property: Some(property),
            });
            id
        })
    }

    async fn edit_subtask(
        &self,
        id: &IssueId,
        summary: &str,
        description: Option<Value>,
        property: Value,
    ) -> Result<(), JiraError> {
        self.call(|state| {
            let found = state.subtasks.iter_mut().find(|one| one.id == *id).unwrap();
            found.summary = summary.to_owned();
            found.description = description;
            found.property = Some(property);
        })
    }

    async fn delete_subtask(&self, id: &IssueId) -> Result<(), JiraError> {
        self.call(|state| state.subtasks.retain(|one| one.id != *id))
    }
}
