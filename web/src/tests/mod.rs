//! The handlers as Jira and our pages call them: a real store, forged tokens, and a stand-in that answers the few
//! questions that the web side asks of Jira.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub(crate) mod data;

mod atlassian;
mod bulk;
mod drafts;
mod events;
mod forge;
mod headers;
mod installs;
mod issues;
mod jobs;
mod limits;
mod mutated;
mod outsiders;
mod pages;
mod progress;
mod projects;
mod quota;
mod refusals;
mod site;
mod stub;
mod tokens;
mod undo;
mod webhook;
mod world;
