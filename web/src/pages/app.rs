//! The shell that all pages share: their script builds what is in it, the same for Connect and for Forge.

use actix_web::HttpResponse;
use askama::Template;
use brine_core::settings::Settings;

use super::{Frame, html};
use crate::refusal::Refusal;

/// How a page is laid out.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    /// In an issue: as narrow as it may be.
    Panel,
    /// On a page of its own.
    Wide,
}

#[derive(Template)]
#[template(path = "app.html")]
struct App<'a> {
    frame: Frame,
    title: &'a str,
    /// The page's name in `assets/pages.js`.
    name: &'a str,
    class: &'static str,
    sheets: &'static [&'static str],
    /// Where the page stands: names and values of attributes for its script.
    place: &'a [(&'a str, &'a str)],
}

/// The shell of the page called `name`.
pub(super) fn shell(
    settings: &Settings,
    layout: Layout,
    name: &str,
    title: &str,
    place: &[(&str, &str)],
) -> Result<HttpResponse, Refusal> {
    let (class, sheets): (_, &[&str]) = match layout {
        Layout::Panel => ("panel", &["panel.css"]),
        Layout::Wide => ("wide", &["admin.css", "project.css"]),
    };
    html(&App { frame: Frame::new(settings), title, name, class, sheets, place })
}
