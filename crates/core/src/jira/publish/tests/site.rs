//! One issue in memory, which fails where a test wants it to.

use std::sync::Mutex;

use async_trait::async_trait;
use serde_json::Value;

use super::story;
use crate::adf::to_text;
use crate::ids::IssueId;
use crate::jira::JiraError;
use crate::jira::client::Comment;
use crate::jira::publish::{IssueWriter, Mark};

/// One issue in memory. Every call can be made to fail, before or after it took effect.
#[derive(Default)]
pub(super) struct Site(Mutex<State>);

#[derive(Default)]
pub(super) struct State {
    pub(super) description: Option<Value>,
    pub(super) property: Option<Value>,
    pub(super) comments: Vec<Comment>,
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

    async fn property(&self, _: &IssueId) -> Result<Option<Value>, JiraError> {
        self.call(|state| state.property.clone())
    }

    async fn edit(&self, _: &IssueId, description: Option<Value>, property: Value) -> Result<(), JiraError> {
        self.call(|state| {
            if let Some(description) = description {
                state.description = Some(description);
                state.description_writes += 1;
            }
            state.property = Some(property);
        })
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
}
