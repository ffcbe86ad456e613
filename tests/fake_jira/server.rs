//! The HTTP around the site.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use anyhow::Result;

use super::faults::Trouble;
use super::pages;
use super::rest::{self, Answer, Call};
use super::site::{Recorded, Site, lock};

/// The largest body that Jira would read from an app.
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Serves the site until the handle stops it.
pub(crate) fn start(site: Arc<Site>, listener: TcpListener) -> Result<ServerHandle> {
    let data = Data::from(site);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(web::PayloadConfig::new(BODY_LIMIT))
            .route("/keys/{kid}", web::get().to(public_key))
            .service(web::scope("/rest").default_service(web::to(serve_rest)))
            .service(web::scope("/ex/jira").default_service(web::to(serve_rest)))
            .configure(pages::routes)
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(handle)
}

async fn public_key(site: Data<Site>, kid: web::Path<String>) -> HttpResponse {
    match site.install_key.pem() {
        Ok(pem) if kid.as_str() == site.install_key.kid() => HttpResponse::Ok().content_type("text/plain").body(pem),
        _ => HttpResponse::NotFound().finish(),
    }
}

async fn serve_rest(site: Data<Site>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = request.headers().get("Authorization").and_then(|value| value.to_str().ok());
    let path = request.uri().path();
    let behind = path.strip_prefix(&format!("/ex/jira/{}", site.cloud_id));
    if path.starts_with("/ex/") && behind.is_none() {
        return HttpResponse::NotFound().finish();
    }
    let call = Call {
        method: request.method().as_str().to_owned(),
        by_gateway: behind.is_some(),
        path: behind.unwrap_or(path).to_owned(),
        query: request.query_string().to_owned(),
        authorization: header.map(str::to_owned),
        body: body.to_vec(),
    };
    let site = site.into_inner();
    let trouble = lock(&site.faults).take(&call.method, &call.path);
    match trouble {
        Some(Trouble::Status(status)) => {
            let answer = Answer::refused(status, "The fake Jira was asked to fail");
            record(&site, &call, &answer, true);
            to_http(answer)
        }
        Some(Trouble::RateLimited { retry_after }) => {
            let answer = Answer::refused(429, "Rate limit exceeded.");
            record(&site, &call, &answer, true);
            let mut response = HttpResponse::TooManyRequests();
            response.insert_header(("Retry-After", retry_after.to_string()));
            response.insert_header(("RateLimit-Reason", "jira-burst-based"));
            response.json(answer.body)
        }
        Some(Trouble::Html) => {
            record(&site, &call, &Answer { status: 200, body: None }, true);
            HttpResponse::Ok().content_type("text/html").body("<!doctype html><title>Proxy</title><p>Please sign in")
        }
        Some(Trouble::CutAfterWrite) => {
            let answer = rest::answer(&site, &call);
            record(&site, &call, &answer, true);
            HttpResponse::Ok().body(CutConnection)
        }
        Some(Trouble::AnswerLate(pause)) => {
            let answered = serve(&site, &call);
            tokio::time::sleep(pause).await;
            answered
        }
        Some(Trouble::Delay(pause)) => {
            tokio::time::sleep(pause).await;
            serve(&site, &call)
        }
        None => serve(&site, &call),
    }
}

fn serve(site: &Arc<Site>, call: &Call) -> HttpResponse {
    let answer = rest::answer(site, call);
    record(site, call, &answer, false);
    to_http(answer)
}

fn to_http(answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    match answer.body {
        Some(body) => response.json(body),
        None => response.finish(),
    }
}

fn record(site: &Site, call: &Call, answer: &Answer, fault: bool) {
    lock(&site.log).push(Recorded {
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query.clone(),
        body: serde_json::from_slice(&call.body).ok(),
        status: answer.status,
        answer: answer.body.clone(),
        fault,
    });
}

/// A body that fails at once: the connection ends before the answer's head has left.
struct CutConnection;

impl MessageBody for CutConnection {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(1)
    }

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Bytes, Self::Error>>> {
        std::task::Poll::Ready(Some(Err(std::io::Error::other("cut on purpose"))))
    }
}
