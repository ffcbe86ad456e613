//! The web side: proves who calls, turns calls into jobs, and shows what became of them.
//!
//! Every route stands in one table ([`routes`]) behind a door ([`door`]): the first argument of a handler. A handler
//! has no other way to a tenant's data than through what its door hands it.

mod api;
mod app;
mod assets;
mod body;
mod door;
mod health;
mod hooks;
mod intake;
mod offered;
mod operations;
mod outer;
mod pages;
mod recent;
mod refusal;
mod routes;
mod span;
mod view;

#[cfg(test)]
mod tests;

pub use app::{App, Bound, WebError};
pub use offered::Offered;
pub use operations::{Operations, Ready};
