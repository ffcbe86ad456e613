//! The list of jobs and the site's settings, for Jira administrators.

use actix_web::HttpResponse;
use askama::Template;

use super::{Frame, html};
use crate::door::{ConnectCaller, Right};
use crate::refusal::Refusal;

#[derive(Template)]
#[template(path = "admin.html")]
struct Admin {
    frame: Frame,
    adapters: Vec<String>,
    /// What writes where nobody has chosen.
    usual: String,
}

/// Refused to everyone else.
pub(crate) async fn admin(caller: ConnectCaller) -> Result<HttpResponse, Refusal> {
    caller.require(&Right::Admin).await?;
    let offered = caller.desk.offered();
    let (adapters, usual) = (offered.names.clone(), offered.usual_words().to_owned());
    html(&Admin { frame: Frame::new(caller.desk.settings()), adapters, usual })
}
