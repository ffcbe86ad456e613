//! The fake held to what it promises, with a small app of its own.

mod app;
mod installs;
mod rest;
mod webhooks;
