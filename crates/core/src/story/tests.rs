#![allow(clippy::unwrap_used)]

use super::*;

fn kinds(text: &str) -> Vec<(String, LineKind)> {
    let story = Story::new("A summary", text).unwrap();
    story.sentences().into_iter().skip(1).map(|sentence| (sentence.text, sentence.kind)).collect()
}

fn texts(text: &str) -> Vec<String> {
    kinds(text).into_iter().map(|(text, _)| text).collect()
}

#[test]
fn a_row_is_one_sentence_and_says_its_columns_names() {
    let text =
        "Plan | Largest file | Files a day\nFree | 3 MB. No more. | 10\nTeam |  | 500\nOwn | 1 | 2 | extra\n\nAfter.";
    assert_eq!(
        kinds(text),
        [
            ("Plan | Largest file | Files a day", LineKind::TableHeader),
            ("Plan: Free | Largest file: 3 MB. No more. | Files a day: 10", LineKind::TableRow),
            ("Plan: Team | Files a day: 500", LineKind::TableRow),
            ("Plan: Own | Largest file: 1 | Files a day: 2 | extra", LineKind::TableRow),
            ("After.", LineKind::Prose),
        ]
        .map(|(text, kind)| (text.to_owned(), kind))
    );
    let story = Story::new("A summary", "||Plan||Files||\n|Free|a\\|b|").unwrap();
    assert_eq!(story.description(), "Plan | Files\nFree | a\\|b");
    assert_eq!(story.sentences()[2].text, "Plan: Free | Files: a|b");
}

#[test]
fn what_can_be_no_rule_is_told_by_its_structure() {
    let text = "## Scope\nExpected:\n- One rule. And another.\n  1. A third\n- [x] legal is asked\n- [ ] guests are refused\n\
        [attachment: a b.png] [attachment]\n- https://a.example/x?y=1\nhttps://a.example is down\n\n\
        ```json\n{\"a\": 1}\n```\n```\nnet = sum / 2\n```\nCode:\n  {\"b\": 2}\n";
    let cannot: Vec<String> = Story::new("A summary", text)
        .unwrap()
        .sentences()
        .into_iter()
        .filter(|sentence| !sentence.can_be_rule())
        .map(|sentence| format!("{:?} {}", sentence.kind, sentence.text))
        .collect();
    assert_eq!(
        cannot,
        [
            "Heading Scope",
            "Heading Expected:",
            "Task { done: true } legal is asked",
            "Attachment [attachment: a b.png] [attachment]",
            "Link https://a.example/x?y=1",
            "Code Code (json):",
            "Code {\"a\": 1}",
            "Code Code:",
            "Code Code:",
            "Code {\"b\": 2}",
        ]
    );
    let can: Vec<String> = texts(text).into_iter().filter(|text| !cannot.iter().any(|no| no.ends_with(text))).collect();
    assert_eq!(
        can,
        ["One rule.", "And another.", "A third", "guests are refused", "https://a.example is down", "net = sum / 2"]
    );
}

#[test]
fn sentences_end_where_people_end_them() {
    for (text, expected) in [
        (
            "A code, e.g. Code 5, is shown. See No. 5 of the list.",
            &["A code, e.g. Code 5, is shown.", "See No. 5 of the list."][..],
        ),
        (
            "Version 4.2 is used. It ends at 14.30. Dr. Smith signs it.",
            &["Version 4.2 is used.", "It ends at 14.30.", "Dr. Smith signs it."],
        ),
        (
            "Um 14.30 Uhr werden z. B. Rechnungen und d. h. Belege nach Nr. 5 verschickt. Danach ist Schluss.",
            &["Um 14.30 Uhr werden z. B. Rechnungen und d. h. Belege nach Nr. 5 verschickt.", "Danach ist Schluss."],
        ),
        (
            "Le client paie, p. ex. Une facture. Ensuite M. Dupont signe le contrat.",
            &["Le client paie, p. ex. Une facture.", "Ensuite M. Dupont signe le contrat."],
        ),
        ("Is it full? Then it is refused! Really.", &["Is it full?", "Then it is refused!", "Really."]),
        ("the badge stays. it should go", &["the badge stays.", "it should go"]),
    ] {
        assert_eq!(texts(text), expected);
    }
}

#[test]
fn indexes_count_on_from_the_summary() {
    let story =
        Story::from_text(b"# Lock a card\n## Rules\n- One. Two.\n\n---\n| a | b |\n|---|---|\n| 1 | 2 |").unwrap();
    let sentences = story.sentences();
    assert_eq!((story.summary(), sentences[0].kind), ("Lock a card", LineKind::Summary));
    assert_eq!(story.description(), "Rules\n- One. Two.\n\na | b\n1 | 2");
    assert!(sentences.iter().enumerate().all(|(place, sentence)| sentence.index == place));
    assert_eq!(sentences.len(), 6);
}

#[test]
fn a_story_read_again_is_the_same() {
    let text = "h2. Goal\nA *member* sees [prices|https://a.example/p].\n||Plan||Files||\n|Free|3|\n{code:json}\n{\"a\": \"*b*\"}\n{code}\n* [x] done\n# one\n# two\n{note}mind{note}";
    let story = Story::new("A summary", text).unwrap();
    let again = Story::new(story.summary(), story.description()).unwrap();
    assert_eq!(story.description(), again.description());
    let texts = |story: &Story| story.sentences().into_iter().map(|sentence| sentence.text).collect::<Vec<_>>();
    assert_eq!(texts(&story), texts(&again));
}
