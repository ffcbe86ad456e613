//! What Jira itself calls: the descriptor, the lifecycle and the webhook.

mod descriptor;
mod issue_created;
mod lifecycle;

pub(crate) use descriptor::descriptor;
pub(crate) use issue_created::issue_created;
pub(crate) use lifecycle::{disabled, enabled, installed, uninstalled};
