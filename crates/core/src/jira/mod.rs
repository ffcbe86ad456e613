//! Everything that speaks to Atlassian: tokens in and out, the install and webhook payloads, the REST client, and the
//! write-back that happens effectively once.

pub mod client;
pub mod forge;
pub mod install_keys;
pub mod lifecycle;
pub mod limits;
pub mod publish;
pub mod qsh;
pub mod sites;
pub mod token;
pub mod webhook;

mod error;

pub use client::{Issue, JiraClient, JiraClients, Permission};
pub use error::JiraError;
pub use install_keys::InstallKeys;
pub use sites::AllowedSites;

/// The app's key in the Connect descriptor: the issuer of every token that we sign.
pub const APP_KEY: &str = "com.brine.criteria";
