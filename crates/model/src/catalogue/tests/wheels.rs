//! Parts in packages: the real pip asks a stand-in of a package index.

use std::io::Write;

use super::stand::{Asked, answer, file, whole};
use super::*;

const CUTS: [usize; 4] = [0, 15, 30, 36];

fn piece(number: usize) -> &'static [u8] {
    &CONTENT[CUTS[number - 1]..CUTS[number]]
}

fn source() -> Source {
    let part = |number| Part { size: piece(number).len() as u64, sha256: sha256_of(piece(number)) };
    Source::Pypi {
        package: "tiny-part{n}".to_owned(),
        version: "1.0".to_owned(),
        path: "tiny_part{n}/data/part{nn}.bin".to_owned(),
        parts: (1..=3).map(part).collect(),
    }
}

/// A wheel as small as pip takes one.
fn wheel(number: usize, content: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let about = format!("tiny_part{number}-1.0.dist-info");
    let metadata = format!("Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: 1.0\n");
    for (path, bytes) in [
        (format!("tiny_part{number}/data/part{number:02}.bin"), content),
        (format!("{about}/METADATA"), metadata.as_bytes()),
        (format!("{about}/WHEEL"), b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        (format!("{about}/RECORD"), b""),
    ] {
        zip.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An index that has what `content` gives for a part's number.
async fn index(content: impl Fn(usize) -> Option<Vec<u8>> + Send + Sync + 'static) -> Stand {
    Stand::start(move |_, asked: &Asked| {
        let number = |text: &str| text.chars().find(char::is_ascii_digit)?.to_digit(10).map(|digit| digit as usize);
        let name = |number: usize| format!("tiny_part{number}-1.0-py3-none-any.whl");
        let Some((number, content)) = number(&asked.path).and_then(|number| Some((number, content(number)?))) else {
            return whole("404 Not Found", b"");
        };
        if asked.path.ends_with(".whl") {
            return whole("200 OK", &wheel(number, &content));
        }
        let page = format!("<!DOCTYPE html><html><body><a href=\"/files/{0}\">{0}</a></body></html>", name(number));
        let lines = ["Content-Type: text/html".to_owned(), format!("Content-Length: {}", page.len())];
        answer("200 OK", &lines, page.as_bytes())
    })
    .await
}

/// Parts that were fetched from this index.
fn fetched(index: &Stand) -> Vec<String> {
    let paths = index.asked().into_iter().map(|asked| asked.path);
    paths.filter_map(|path| Some(path.strip_prefix("/files/tiny_part")?[..1].to_owned())).collect()
}

fn reach(hub: Option<&Stand>, index: &Stand) -> Reach {
    let environment = [
        ("PIP_INDEX_URL", format!("{}/simple", index.address).as_str()),
        ("PIP_CONFIG_FILE", "/dev/null"),
        ("PIP_FIND_LINKS", ""),
        ("PIP_EXTRA_INDEX_URL", ""),
        ("PIP_NO_INDEX", "0"),
        ("PIP_RETRIES", "0"),
        ("NO_PROXY", "127.0.0.1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let pip = Pip { environment: environment.to_vec() };
    Reach { pip, ..hub.map(at).unwrap_or_default() }
}

#[tokio::test]
async fn parts_are_joined_in_order_and_give_the_published_file() {
    let index = index(|number| Some(piece(number).to_vec())).await;
    let (folder, models) = folder();
    let model = model(vec![source()]);
    let seen = std::sync::Mutex::new(Vec::new());
    let told = |step: Step<'_>| {
        if let Step::Bytes(done, of) = step {
            seen.lock().unwrap().push((done, of));
        }
    };
    let path = models.pull(&model, &reach(None, &index), false, &told).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), CONTENT);
    assert_eq!(fetched(&index), ["1", "2", "3"]);
    let seen = seen.into_inner().unwrap();
    assert!(seen.is_sorted() && seen.last() == Some(&(36, 36)), "progress goes over all parts: {seen:?}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name == "tiny.gguf" || name == "tiny.gguf.lock"), "{left:?}");
}

#[tokio::test]
async fn a_part_that_is_missing_is_named_and_those_before_it_are_not_fetched_again() {
    let (folder, models) = folder();
    let model = model(vec![source()]);
    let first = index(|number| (number != 2).then(|| piece(number).to_vec())).await;
    let error = pull(&models, &model, &reach(None, &first)).await.unwrap_err();
    assert!(error.contains("part 2 of 3 (tiny-part2): pip failed: ERROR"), "{error}");
    assert!(error.contains("is kept for the next try"), "{error}");
    assert_eq!(part(folder.path()).unwrap(), piece(1));
    let second = index(|number| Some(piece(number).to_vec())).await;
    assert_eq!(pull(&models, &model, &reach(None, &second)).await.unwrap(), CONTENT);
    assert_eq!(fetched(&second), ["2", "3"]);
}

#[tokio::test]
async fn a_part_that_is_not_the_published_one_is_named_and_not_kept() {
    for (name, wrong) in [("altered", [b'x'; 15].as_slice()), ("longer", &[b'x'; 99])] {
        let index = index(move |number| Some(if number == 2 { wrong.to_vec() } else { piece(number).to_vec() })).await;
        let (folder, models) = folder();
        std::fs::write(folder.path().join("tiny.gguf.part"), piece(1)).unwrap();
        let error = pull(&models, &model(vec![source()]), &reach(None, &index)).await.unwrap_err();
        assert!(error.contains("part 2 of 3 (tiny-part2): what came is not the published part"), "{name}: {error}");
        assert_eq!(part(folder.path()).unwrap(), piece(1), "{name}");
    }
}

#[tokio::test]
async fn packages_are_asked_only_when_the_hub_fails_and_only_for_what_it_did_not_send() {
    let index = index(|number| Some(piece(number).to_vec())).await;
    let model = model(vec![hub_source(), source()]);
    let good = Stand::start(|_, asked| file(CONTENT, asked, usize::MAX)).await;
    let (_folder, models) = folder();
    pull(&models, &model, &reach(Some(&good), &index)).await.unwrap();
    assert!(fetched(&index).is_empty());

    let dying = Stand::start(|number, asked| match number {
        0 => file(CONTENT, asked, 20),
        _ => whole("503 Service Unavailable", b""),
    })
    .await;
    let (_folder, models) = super::folder();
    assert_eq!(pull(&models, &model, &reach(Some(&dying), &index)).await.unwrap(), CONTENT);
    assert_eq!(fetched(&index), ["2", "3"], "the hub had sent the first part, and a piece of the second");
}
