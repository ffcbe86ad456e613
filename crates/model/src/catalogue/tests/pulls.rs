//! What holds for every source: their order, the disk, and two processes at once.

use std::fs::File;
use std::sync::Arc;

use tokio::sync::Notify;

use super::stand::{file, whole};
use super::*;

#[tokio::test]
async fn sources_are_asked_in_their_order_until_one_has_the_file() {
    let hub = Stand::start(|_, asked| match asked.path.as_str() {
        "/second/resolve/main/tiny.gguf" => file(CONTENT, asked, usize::MAX),
        _ => whole("404 Not Found", b""),
    })
    .await;
    let source = |repository: &str| Source::Hub { repository: repository.to_owned(), path: "tiny.gguf".to_owned() };
    let (_folder, models) = folder();
    let steps = std::sync::Mutex::new(Vec::new());
    let told = |step: Step<'_>| {
        steps.lock().unwrap().extend(match step {
            Step::From(source) => Some(source.to_string()),
            Step::Failed(_, reason) => Some(reason.to_owned()),
            _ => None,
        });
    };
    let model = model(vec![source("first"), source("second"), source("third")]);
    models.pull(&model, &at(&hub), false, &told).await.unwrap();
    assert_eq!(*steps.lock().unwrap(), ["model hub, first", "it has no such file", "model hub, second"]);
    assert_eq!(hub.asked().len(), 2);
}

#[tokio::test]
async fn without_an_address_hubs_are_left_out_and_the_error_says_where_the_file_belongs() {
    let (_folder, models) = folder();
    let model = model(vec![hub_source()]);
    let error = pull(&models, &model, &Reach::default()).await.unwrap_err();
    assert!(error.contains("BRINE_HUB_URL") && error.contains(&models.file(&model).display().to_string()), "{error}");
}

#[tokio::test]
async fn a_hub_that_is_not_there_is_not_waited_for() {
    let address = {
        let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", gone.local_addr().unwrap())
    };
    let reach = Reach { hub: Some(Hub::at(&address, None).unwrap()), pip: Pip::default() };
    let (_folder, models) = folder();
    let told = |step: Step<'_>| assert!(!matches!(step, Step::Again(_)), "{step:?}");
    let error = models.pull(&model(vec![hub_source()]), &reach, false, &told).await.unwrap_err().to_string();
    assert!(error.contains("it can't be reached"), "{error}");
}

#[tokio::test]
async fn a_folder_that_cant_be_written_is_named_before_anything_is_fetched() {
    let hub = Stand::start(|_, asked| file(CONTENT, asked, usize::MAX)).await;
    let (folder, _) = folder();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let models = Folder::new(Some(folder.path().join("file/models")));
    let error = pull(&models, &model(vec![hub_source()]), &at(&hub)).await.unwrap_err();
    assert!(error.contains("file/models") && error.contains("BRINE_MODELS"), "{error}");
    assert!(hub.asked().is_empty());
}

#[tokio::test]
async fn a_disk_without_room_is_told_before_anything_is_fetched() {
    let hub = Stand::start(|_, asked| file(CONTENT, asked, usize::MAX)).await;
    let (folder, models) = folder();
    let large = Model { size: 1 << 60, ..model(vec![hub_source()]) };
    let error = models.pull(&large, &at(&hub), false, &|_| ()).await.unwrap_err();
    assert!(matches!(error, ModelError::NoRoom { needs, .. } if needs == 1 << 60), "{error}");
    assert!(error.to_string().contains("1.00 EiB more are needed"), "{error}");
    assert!(hub.asked().is_empty());
    assert_eq!(part(folder.path()), None);
}

#[test]
fn a_disk_that_fills_up_on_the_way_is_told_as_such() {
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    let error = ModelError::write(Path::new("models/tiny.gguf.part"), 3 << 20, full).to_string();
    assert_eq!(
        error,
        "there is no room in models: 3.00 MiB more are needed; make room there, or name another folder (--models, BRINE_MODELS)"
    );
}

#[tokio::test]
async fn who_comes_second_waits_and_takes_what_the_first_one_fetched() {
    let hub = Stand::start(|_, asked| file(CONTENT, asked, usize::MAX)).await;
    let (folder, models) = folder();
    let first = File::create(folder.path().join("tiny.gguf.lock")).unwrap();
    first.lock().unwrap();
    let waits = Arc::new(Notify::new());
    let second = tokio::spawn({
        let (models, reach, waits) = (models.clone(), at(&hub), Arc::clone(&waits));
        async move {
            let told = |step: Step<'_>| {
                if matches!(step, Step::Waiting) {
                    waits.notify_one();
                }
            };
            models.pull(&model(vec![hub_source()]), &reach, true, &told).await
        }
    });
    waits.notified().await;
    std::fs::write(models.file(&model(vec![])), CONTENT).unwrap();
    first.unlock().unwrap();
    second.await.unwrap().unwrap();
    assert!(hub.asked().is_empty(), "even with force: it is as new as can be");
    assert_eq!(part(folder.path()), None);
}

#[tokio::test]
async fn a_file_that_is_here_but_wrong_is_replaced_only_by_the_right_one() {
    let hub = Stand::start(|number, asked| match number {
        0 => whole("404 Not Found", b""),
        _ => file(CONTENT, asked, usize::MAX),
    })
    .await;
    let (_folder, models) = folder();
    let model = model(vec![hub_source()]);
    std::fs::write(models.file(&model), b"something else").unwrap();
    pull(&models, &model, &at(&hub)).await.unwrap_err();
    assert_eq!(std::fs::read(models.file(&model)).unwrap(), b"something else");
    assert_eq!(pull(&models, &model, &at(&hub)).await.unwrap(), CONTENT);
}
