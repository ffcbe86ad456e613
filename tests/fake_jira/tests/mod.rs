//! The fake held to what it promises, with a small app of its own.

mod app;
mod host;
mod installs;
mod rest;
mod webhooks;
