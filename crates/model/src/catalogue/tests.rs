#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

use super::*;

const CONTENT: &[u8] = b"not a model, but 35 bytes of content";

fn model() -> Model {
    Model {
        name: "tiny".to_owned(),
        title: "Tiny".to_owned(),
        file: "tiny.gguf".to_owned(),
        size: CONTENT.len() as u64,
        sha256: hex::encode(<sha2::Sha256 as sha2::Digest>::digest(CONTENT)),
        licence: "Apache-2.0".to_owned(),
        parameters: "none".to_owned(),
        default: true,
        sources: vec![Source::Hub { repository: "some/one".to_owned(), path: "tiny.gguf".to_owned() }],
    }
}

/// A hub that serves `CONTENT` and understands ranges; counts the bytes that it sent.
fn hub(sent: std::sync::Arc<AtomicU64>) -> String {
    let server = HttpServer::new(move || {
        let sent = sent.clone();
        App::new().route(
            "/some/one/resolve/main/tiny.gguf",
            web::get().to(move |request: HttpRequest| {
                let range = request.headers().get(header::RANGE).and_then(|range| range.to_str().ok());
                let from: Option<usize> =
                    range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
                let body = &CONTENT[from.unwrap_or(0)..];
                sent.fetch_add(body.len() as u64, Ordering::SeqCst);
                let mut answer = if from.is_some() { HttpResponse::PartialContent() } else { HttpResponse::Ok() };
                async move { answer.body(body) }
            }),
        )
    })
    .workers(1)
    .bind("127.0.0.1:0")
    .unwrap();
    let address = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    address
}

#[actix_web::test]
async fn a_download_is_checked_and_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let models = Folder::new(Some(folder.path().to_owned()));
    let sent = std::sync::Arc::new(AtomicU64::new(0));
    let hub = hub(sent.clone());
    std::fs::write(folder.path().join("tiny.gguf.part"), &CONTENT[..10]).unwrap();

    let file = models.pull(&model(), Some(&hub), false, &|_, _| ()).await.unwrap();
    assert_eq!(std::fs::read(file).unwrap(), CONTENT);
    assert_eq!(sent.load(Ordering::SeqCst), CONTENT.len() as u64 - 10, "the first ten bytes were here already");

    models.pull(&model(), Some(&hub), false, &|_, _| ()).await.unwrap();
    assert_eq!(sent.load(Ordering::SeqCst), CONTENT.len() as u64 - 10, "a good file is not fetched again");
}

#[actix_web::test]
async fn a_wrong_start_is_thrown_away_and_the_next_try_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let models = Folder::new(Some(folder.path().to_owned()));
    let hub = hub(Default::default());
    std::fs::write(folder.path().join("tiny.gguf.part"), b"rubbish").unwrap();
    let error = models.pull(&model(), Some(&hub), false, &|_, _| ()).await.unwrap_err();
    assert!(error.to_string().contains("not the published file"), "{error}");
    assert!(!models.file(&model()).exists());
    models.pull(&model(), Some(&hub), false, &|_, _| ()).await.unwrap();
}

#[actix_web::test]
async fn a_file_that_is_missing_cut_short_or_altered_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let models = Folder::new(Some(folder.path().to_owned()));
    let path = models.file(&model());
    assert!(matches!(models.verify(&model()), Err(ModelError::Missing { .. })));
    std::fs::write(&path, &CONTENT[..5]).unwrap();
    assert!(matches!(models.verify(&model()), Err(ModelError::WrongSize { found: 5, .. })));
    let mut altered = CONTENT.to_vec();
    altered[3] ^= 1;
    std::fs::write(&path, altered).unwrap();
    assert!(matches!(models.verify(&model()), Err(ModelError::Altered { .. })));
}

#[test]
fn the_shipped_catalogue_is_sound() {
    let catalogue = Catalogue::built_in().unwrap();
    assert_eq!(catalogue.models().iter().filter(|model| model.default).count(), 1);
    for model in catalogue.models() {
        assert_eq!(model.sha256.len(), 64, "{}", model.name);
        assert!(!model.sources.is_empty() && !model.licence.is_empty(), "{}", model.name);
    }
    let error = catalogue.model(Some("gpt-9")).unwrap_err().to_string();
    assert!(error.contains("gpt-9") && error.contains("smollm2-135m"), "{error}");
}
