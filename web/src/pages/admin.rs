//! The list of jobs, for Jira administrators.

use actix_web::HttpResponse;
use askama::Template;

use super::{Frame, html};
use crate::door::{ConnectCaller, Right};
use crate::refusal::Refusal;

#[derive(Template)]
#[template(path = "admin.html")]
struct Admin {
    frame: Frame,
}

/// Refused to everyone else.
pub(crate) async fn admin(caller: ConnectCaller) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    html(&Admin { frame: Frame::new(caller.desk.settings()) })
}
