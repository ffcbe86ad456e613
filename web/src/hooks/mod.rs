//! What Atlassian itself calls: the descriptor, the lifecycle, webhooks and events.

mod descriptor;
mod forge;
mod issues;
mod lifecycle;

pub(crate) use descriptor::descriptor;
pub(crate) use forge::{lifecycle as forge_lifecycle, tokens as forge_tokens, uninstall as forge_uninstall};
pub(crate) use issues::{forge_issue, issue_created, issue_updated};
pub(crate) use lifecycle::{disabled, enabled, installed, uninstalled};
