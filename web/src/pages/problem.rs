//! What a person sees in the frame when a page cannot be shown.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use askama::Template;
use brine_core::settings::Settings;

use super::Frame;

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem {
    frame: Frame,
    title: &'static str,
    advice: &'static str,
}

/// One clear line and what to do. It repeats nothing of the request.
pub(crate) fn problem(status: StatusCode, settings: &Settings) -> HttpResponse {
    let (title, advice) = match status {
        StatusCode::UNAUTHORIZED => (
            "Brine could not verify this request",
            "Reload the page. If it happens again, ask a Jira administrator to install Brine again.",
        ),
        StatusCode::FORBIDDEN => (
            "You cannot open this page",
            "It needs a permission that you do not have. Ask a project or Jira administrator.",
        ),
        StatusCode::NOT_FOUND => ("There is nothing here", "Go back to Jira and open the page from there."),
        status if status.is_client_error() => ("This page cannot be shown", "Go back to Jira and open it again."),
        _ => ("Something went wrong in Brine", "Try again in a moment. If it stays, tell the person who runs Brine."),
    };
    let page = Problem { frame: Frame::new(settings), title, advice };
    let text = page.render().unwrap_or_else(|_| format!("{title}. {advice}"));
    HttpResponse::build(status).content_type(ContentType::html()).body(text)
}
