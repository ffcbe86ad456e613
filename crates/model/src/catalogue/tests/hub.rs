//! The hub: what is resumed, what is refused, and what is said.

use super::stand::{Asked, answer, cut, file, whole};
use super::*;

const ALL: usize = usize::MAX;

#[tokio::test]
async fn a_download_goes_on_where_it_stopped_and_a_good_file_is_not_fetched_again() {
    let hub = Stand::start(|_, asked| file(CONTENT, asked, ALL)).await;
    let (folder, models) = folder();
    std::fs::write(folder.path().join("tiny.gguf.part"), &CONTENT[..10]).unwrap();
    let model = model(vec![hub_source()]);
    assert_eq!(pull(&models, &model, &at(&hub)).await.unwrap(), CONTENT);
    pull(&models, &model, &at(&hub)).await.unwrap();
    let asked = hub.asked();
    assert_eq!(asked.iter().map(Asked::first_byte).collect::<Vec<_>>(), [Some(10)]);
    assert_eq!(asked[0].path, "/some/one/resolve/main/tiny.gguf");
    assert_eq!(part(folder.path()), None);
}

#[tokio::test]
async fn a_connection_that_breaks_again_and_again_brings_the_file_all_the_same() {
    let hub = Stand::start(|_, asked| file(CONTENT, asked, 3)).await;
    let (_folder, models) = folder();
    let again = std::sync::Mutex::new(Vec::new());
    let told = |step: Step<'_>| {
        if let Step::Again(reason) = step {
            again.lock().unwrap().push(reason.to_owned());
        }
    };
    let path = models.pull(&model(vec![hub_source()]), &at(&hub), false, &told).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), CONTENT);
    let from: Vec<_> = hub.asked().iter().map(Asked::first_byte).collect();
    assert_eq!(from[..3], [None, Some(3), Some(6)], "nothing is asked for twice");
    assert_eq!(from.len(), 12);
    assert!(again.lock().unwrap()[0].contains("after 3 of 36 bytes"), "{again:?}");
}

#[tokio::test]
async fn a_hub_that_goes_away_is_given_up_and_what_came_is_kept() {
    let hub = Stand::start(|number, asked| match number {
        0 => file(CONTENT, asked, 20),
        _ => whole("503 Service Unavailable", b""),
    })
    .await;
    let (folder, models) = folder();
    let error = pull(&models, &model(vec![hub_source()]), &at(&hub)).await.unwrap_err();
    assert!(error.contains("it answered 503") && error.contains("is kept for the next try"), "{error}");
    assert_eq!(part(folder.path()).unwrap(), &CONTENT[..20]);
    assert!(!models.file(&model(vec![])).exists());
}

#[tokio::test]
async fn a_hub_without_ranges_sends_the_whole_file_anew() {
    let hub = Stand::start(|_, _| whole("200 OK", CONTENT)).await;
    let (folder, models) = folder();
    std::fs::write(folder.path().join("tiny.gguf.part"), &CONTENT[..10]).unwrap();
    assert_eq!(pull(&models, &model(vec![hub_source()]), &at(&hub)).await.unwrap(), CONTENT);
}

#[tokio::test]
async fn a_hub_that_sends_another_range_than_the_missing_one_is_asked_for_the_whole() {
    let hub = Stand::start(|_, asked| match asked.first_byte() {
        Some(_) => cut("206 Partial Content", &["Content-Range: bytes 5-35/36".to_owned()], &CONTENT[5..], ALL),
        None => whole("200 OK", CONTENT),
    })
    .await;
    let (folder, models) = folder();
    std::fs::write(folder.path().join("tiny.gguf.part"), &CONTENT[..10]).unwrap();
    assert_eq!(pull(&models, &model(vec![hub_source()]), &at(&hub)).await.unwrap(), CONTENT);
}

#[tokio::test]
async fn a_wrong_start_is_thrown_away_and_the_whole_file_is_fetched() {
    let hub = Stand::start(|_, asked| file(CONTENT, asked, ALL)).await;
    let (folder, models) = folder();
    for start in [b"rubbish".as_slice(), &[b'x'; 36], &[b'x'; 99]] {
        std::fs::write(folder.path().join("tiny.gguf.part"), start).unwrap();
        assert_eq!(pull(&models, &model(vec![hub_source()]), &at(&hub)).await.unwrap(), CONTENT);
        std::fs::remove_file(models.file(&model(vec![]))).unwrap();
    }
}

#[tokio::test]
async fn what_is_not_the_published_file_is_never_kept() {
    let mut altered = CONTENT.to_vec();
    altered[7] ^= 1;
    let length = |length: usize| vec![format!("Content-Length: {length}")];
    for (name, sent, expected) in [
        ("another sum", whole("200 OK", &altered), "not the published file"),
        ("shorter", whole("200 OK", &CONTENT[1..]), "its file has 35 bytes, not the published 36"),
        ("longer", answer("200 OK", &length(99), CONTENT), "its file has 99 bytes"),
        ("longer than it says", answer("200 OK", &[], &CONTENT.repeat(2)), "longer than the published 36 bytes"),
        ("a page", whole("200 OK", b"<html>Sign in to the hotel's network</html>"), "its file has 43 bytes"),
        ("nothing", whole("404 Not Found", b"no"), "it has no such file"),
    ] {
        let hub = Stand::start(move |_, _| sent.clone()).await;
        let (folder, models) = folder();
        let error = pull(&models, &model(vec![hub_source()]), &at(&hub)).await.unwrap_err();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(error.contains("tiny could not be fetched: model hub, some/one"), "{name}: {error}");
        assert!(part(folder.path()).is_none() && !models.file(&model(vec![])).exists(), "{name}");
    }
}

#[tokio::test]
async fn a_redirect_to_the_store_is_followed_with_the_range_and_without_the_token() {
    let store = Stand::start(|_, asked| file(CONTENT, asked, ALL)).await;
    let location = format!("Location: {}/blob?signature=s3cret", store.address);
    let hub =
        Stand::start(move |_, _| answer("302 Found", &[location.clone(), "Content-Length: 0".to_owned()], b"")).await;
    let (folder, models) = folder();
    std::fs::write(folder.path().join("tiny.gguf.part"), &CONTENT[..10]).unwrap();
    let reach = with_token(&hub, Some("hf_t0ken"));
    assert_eq!(pull(&models, &model(vec![hub_source()]), &reach).await.unwrap(), CONTENT);
    assert_eq!(hub.asked()[0].header("authorization"), Some("Bearer hf_t0ken"));
    assert_eq!(store.asked()[0].header("authorization"), None);
    assert_eq!(store.asked()[0].first_byte(), Some(10));
}

#[tokio::test]
async fn redirects_in_circles_end() {
    let hub = Stand::start(|_, _| answer("302 Found", &["Location: /again".to_owned()], b"")).await;
    let (_folder, models) = folder();
    let error = pull(&models, &model(vec![hub_source()]), &at(&hub)).await.unwrap_err();
    assert!(error.contains("it redirects in circles"), "{error}");
    assert_eq!(hub.asked().len(), 6);
}

#[tokio::test]
async fn a_gated_repository_says_what_is_missing_and_no_token_is_told() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let hub = Stand::start(move |_, _| whole(status, b"")).await;
        let (_folder, models) = folder();
        let model = model(vec![hub_source()]);
        let error = pull(&models, &model, &at(&hub)).await.unwrap_err();
        assert!(error.contains("it wants a token (BRINE_HUB_TOKEN; HF_TOKEN for the public hub)"), "{error}");
        let reach = with_token(&hub, Some("hf_t0ken"));
        let error = pull(&models, &model, &reach).await.unwrap_err();
        assert!(error.contains("does not take the token") && !error.contains("hf_t0ken"), "{error}");
        assert!(!format!("{reach:?}").contains("hf_t0ken"));
    }
}

#[test]
fn an_address_is_one_that_a_token_can_go_to() {
    let token = || Some("hf_t0ken".into());
    Hub::at(Hub::PUBLIC, token()).unwrap();
    Hub::at("http://127.0.0.1:9", token()).unwrap();
    Hub::at("http://hub.example.com", None).unwrap();
    for (address, token, expected) in [
        ("http://hub.example.com", token(), "in the clear"),
        ("hub.example.com", None, "https://"),
        ("ftp://hub.example.com", None, "https://"),
        ("https://me:pass@hub.example.com", None, "BRINE_HUB_TOKEN"),
    ] {
        let error = Hub::at(address, token).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("pass@") && !error.contains("hf_t0ken"), "{error}");
    }
}
