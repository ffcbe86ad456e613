//! The adapters that a project or site can choose.

use actix_web::HttpResponse;
use serde::Serialize;

use crate::door::PersonCaller;

#[derive(Serialize)]
struct AdaptersView<'a> {
    adapters: &'a [String],
    /// What writes where nobody has chosen.
    usual: &'a str,
}

/// Nothing of any tenant: the names are those of this installation of Brine.
pub(crate) async fn list(caller: PersonCaller) -> HttpResponse {
    let offered = caller.desk.offered();
    HttpResponse::Ok().json(AdaptersView { adapters: &offered.names, usual: offered.usual_words() })
}
