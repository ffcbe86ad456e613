#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{samples, story};
use super::*;
use crate::story::{LineKind, Story};

fn text(words: &str) -> Value {
    json!({"type": "text", "text": words})
}

fn marked(words: &str, mark: Value) -> Value {
    json!({"type": "text", "text": words, "marks": [mark]})
}

fn link(words: &str, address: &str) -> Value {
    marked(words, json!({"type": "link", "attrs": {"href": address}}))
}

fn paragraph(content: &[Value]) -> Value {
    json!({"type": "paragraph", "content": content})
}

fn read(nodes: &[Value]) -> String {
    to_text(&json!({"type": "doc", "version": 1, "content": nodes}))
}

fn line(content: &[Value]) -> String {
    read(&[paragraph(content)])
}

#[test]
fn nothing_and_plain_text() {
    for empty in
        [json!(null), json!(""), json!({}), json!([]), json!(7), json!({"type": "doc", "version": 1, "content": []})]
    {
        assert_eq!(to_text(&empty), "", "{empty}");
    }
    assert_eq!(to_text(&json!("As a *user*\r\n- one")), "As a *user*\n- one");
}

#[test]
fn paragraphs_headings_and_breaks_are_lines() {
    let nodes = [
        json!({"type": "heading", "attrs": {"level": 3}, "content": [text("Rules")]}),
        paragraph(&[text("one"), json!({"type": "hardBreak"}), text("  two\u{a0} three ")]),
        json!({"type": "rule"}),
        json!({"type": "paragraph"}),
        json!({"type": "blockquote", "content": [paragraph(&[text("quoted")])]}),
    ];
    assert_eq!(read(&nodes), "Rules\none\ntwo three\nquoted");
}

#[test]
fn struck_words_are_gone_and_other_marks_leave_the_words() {
    let strike = json!({"type": "strike"});
    assert_eq!(line(&[text("at most "), marked("3", strike.clone()), text(" 5 cards")]), "at most 5 cards");
    assert_eq!(line(&[marked("at most 3", strike)]), "");
    assert_eq!(
        line(&[marked("bold", json!({"type": "strong"})), marked(" code", json!({"type": "code"}))]),
        "bold code"
    );
    let sup = json!({"type": "subsup", "attrs": {"type": "sup"}});
    assert_eq!(line(&[text("10"), marked("2", sup.clone()), text(" m, the 1"), marked("st", sup)]), "10^2 m, the 1st");
    assert_eq!(line(&[text("H"), marked("2", json!({"type": "subsup", "attrs": {"type": "sub"}})), text("O")]), "H2O");
}

#[test]
fn links_say_where_they_lead_once_and_only_when_it_is_news() {
    assert_eq!(
        line(&[text("see "), link("the rules", "https://a.example/r"), text(".")]),
        "see the rules (https://a.example/r)."
    );
    assert_eq!(
        line(&[link("the ", "https://a.example"), link("rules ", "https://a.example"), text("say")]),
        "the rules (https://a.example) say"
    );
    assert_eq!(line(&[link("https://a.example/", "https://a.example")]), "https://a.example/");
    assert_eq!(line(&[link("a.example/r", "https://a.example/r")]), "a.example/r");
    assert_eq!(line(&[link("Ann", "mailto:ann@a.example"), link(" here", "javascript:alert(1)")]), "Ann here");
}

#[test]
fn inline_nodes_say_what_jira_shows() {
    let nodes = [
        text("Ask"),
        json!({"type": "mention", "attrs": {"id": "5b1", "text": "@Ann Lee"}}),
        text("or "),
        json!({"type": "mention", "attrs": {"id": "5b2"}}),
        text(" by"),
        json!({"type": "date", "attrs": {"timestamp": "1735689600000"}}),
        json!({"type": "status", "attrs": {"text": "IN REVIEW", "color": "blue"}}),
        text(": "),
        json!({"type": "emoji", "attrs": {"shortName": ":smile:", "text": "😄"}}),
        json!({"type": "emoji", "attrs": {"shortName": ":parrot:", "id": "1"}}),
        text(" "),
        json!({"type": "inlineCard", "attrs": {"url": "https://a.example/AB-1"}}),
        json!({"type": "placeholder", "attrs": {"text": "Type something"}}),
        text(" "),
        json!({"type": "inlineCard", "attrs": {"data": {"url": "https://a.example/AB-2", "name": "Second"}}}),
        text(" "),
        json!({"type": "mediaInline", "attrs": {"id": "m1", "alt": "log.txt"}}),
        json!({"type": "inlineExtension", "attrs": {"extensionKey": "k", "extensionType": "t", "text": "macro"}}),
    ];
    assert_eq!(
        line(&nodes),
        "Ask @Ann Lee or a person by 2025-01-01 IN REVIEW: 😄:parrot: https://a.example/AB-1 Second (https://a.example/AB-2) [attachment: log.txt]macro"
    );
    assert_eq!(
        line(&[
            json!({"type": "date", "attrs": {"timestamp": 0}}),
            json!({"type": "date", "attrs": {"timestamp": "soon"}})
        ]),
        "1970-01-01"
    );
}

#[test]
fn lists_nest_count_and_hang() {
    let item = |content: &[Value]| json!({"type": "listItem", "content": content});
    let inner = json!({"type": "orderedList", "attrs": {"order": 9}, "content": [
        item(&[paragraph(&[text("nine")])]),
        item(&[paragraph(&[text("ten")]), paragraph(&[text("more")])]),
    ]});
    let list = json!({"type": "bulletList", "content": [
        item(&[paragraph(&[text("a"), json!({"type": "hardBreak"}), text("b")])]),
        item(&[paragraph(&[])]),
        item(&[paragraph(&[text("c")]), inner]),
    ]});
    assert_eq!(read(&[list]), "- a\n  b\n- c\n  9. nine\n  10. ten\n      more");
    let plain =
        json!({"type": "orderedList", "content": [item(&[paragraph(&[text("x")])]), item(&[paragraph(&[text("y")])])]});
    assert_eq!(read(&[plain]), "1. x\n2. y");
}

#[test]
fn tasks_and_decisions_tell_their_state() {
    let tasks = json!({"type": "taskList", "attrs": {"localId": "t"}, "content": [
        {"type": "taskItem", "attrs": {"localId": "1", "state": "TODO"}, "content": [text("open")]},
        {"type": "taskItem", "attrs": {"localId": "2", "state": "DONE"}, "content": [text("closed")]},
        {"type": "taskList", "attrs": {"localId": "n"}, "content": [
            {"type": "blockTaskItem", "attrs": {"localId": "3", "state": "DONE"}, "content": [paragraph(&[text("below")])]},
        ]},
    ]});
    let decisions = json!({"type": "decisionList", "attrs": {"localId": "d"}, "content": [
        {"type": "decisionItem", "attrs": {"localId": "4", "state": "DECIDED"}, "content": [text("go")]},
        {"type": "decisionItem", "attrs": {"localId": "5", "state": "UNDECIDED"}, "content": [text("when")]},
    ]});
    assert_eq!(read(&[tasks, decisions]), "- [ ] open\n- [x] closed\n  - [x] below\n- Decided: go\n- Undecided: when");
}

#[test]
fn tables_keep_their_columns() {
    let cell = |kind: &str, words: &str, attrs: Value| json!({"type": kind, "attrs": attrs, "content": [paragraph(&[text(words)])]});
    let row = |cells: &[Value]| json!({"type": "tableRow", "content": cells});
    let list = json!({"type": "tableCell", "content": [{"type": "bulletList", "content": [
        {"type": "listItem", "content": [paragraph(&[text("x")])]}, {"type": "listItem", "content": [paragraph(&[text("y")])]},
    ]}]});
    let table = json!({"type": "table", "content": [
        row(&[cell("tableHeader", "Plan", json!({})), cell("tableHeader", "Limits", json!({"colspan": 2})), cell("tableHeader", "By", json!({}))]),
        row(&[cell("tableCell", "Free", json!({"rowspan": 2})), cell("tableCell", "a|b", json!({})), cell("tableCell", "3", json!({})), cell("tableCell", "Ann", json!({}))]),
        row(&[list, cell("tableCell", "4", json!({})), cell("tableCell", "", json!({}))]),
        row(&[cell("tableCell", "", json!({"colspan": 4}))]),
    ]});
    assert_eq!(read(&[table]), "Plan | Limits |  | By\nFree | a\\|b | 3 | Ann\nFree | - x - y | 4");
}

#[test]
fn containers_give_what_they_hold() {
    let nodes = [
        json!({"type": "panel", "attrs": {"panelType": "warning"}, "content": [paragraph(&[text("careful")]), paragraph(&[text("very")])]}),
        json!({"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph(&[text("plain")])]}),
        json!({"type": "expand", "attrs": {"title": "More"}, "content": [{"type": "nestedExpand", "attrs": {"title": ""}, "content": [paragraph(&[text("hidden")])]}]}),
        json!({"type": "layoutSection", "content": [
            {"type": "layoutColumn", "attrs": {"width": 50}, "content": [paragraph(&[text("L")])]},
            {"type": "layoutColumn", "attrs": {"width": 50}, "content": [paragraph(&[text("R")])]},
        ]}),
        json!({"type": "codeBlock", "attrs": {"language": "json"}, "content": [text("{\n  \"a\": 1\n"), text("}\n")]}),
        json!({"type": "codeBlock", "content": [text("ls")]}),
        json!({"type": "mediaSingle", "content": [{"type": "media", "attrs": {"type": "file", "id": "m", "alt": "shot.png"}}, {"type": "caption", "content": [text("The old page")]}]}),
        json!({"type": "mediaGroup", "content": [{"type": "media", "attrs": {"type": "file", "id": "m"}}]}),
        json!({"type": "blockCard", "attrs": {"url": "https://a.example"}}),
        json!({"type": "embedCard", "attrs": {"url": "https://b.example", "layout": "wide"}}),
        json!({"type": "bodiedExtension", "attrs": {"extensionKey": "k", "extensionType": "t", "text": "no"}, "content": [paragraph(&[text("body")])]}),
        json!({"type": "extension", "attrs": {"extensionKey": "k", "extensionType": "t", "text": "stand-in"}}),
        json!({"type": "syncBlock", "attrs": {"resourceId": "r", "localId": "l"}}),
        json!({"type": "fromTheFuture", "content": [{"type": "alsoNew", "text": "kept"}, text(" too")]}),
    ];
    assert_eq!(
        read(&nodes),
        "Warning: careful\nvery\n\nplain\n\nMore\nhidden\nL\nR\n\nCode (json):\n  {\n    \"a\": 1\n  }\n\nCode:\n  ls\n\n\
         [attachment: shot.png]\nThe old page\n[attachment]\nhttps://a.example\nhttps://b.example\nbody\nstand-in\nkept too"
    );
}

#[test]
fn sentences_of_the_story_come_out_of_it() {
    let list = json!({"type": "bulletList", "content": [{"type": "listItem", "content": [paragraph(&[text("Support can unlock a card.")])]}]});
    let doc = json!({"type": "doc", "content": [paragraph(&[text("A card is locked after 3 tries. It stays locked.")]), list]});
    let story = Story::new("Lock a card", &to_text(&doc)).expect("a story");
    let sentences: Vec<(String, LineKind)> =
        story.sentences().into_iter().map(|found| (found.text, found.kind)).collect();
    assert_eq!(
        sentences,
        [
            ("Lock a card".to_owned(), LineKind::Summary),
            ("A card is locked after 3 tries.".to_owned(), LineKind::Prose),
            ("It stays locked.".to_owned(), LineKind::Prose),
            ("Support can unlock a card.".to_owned(), LineKind::Bullet),
        ]
    );
}

#[test]
fn a_deep_document_is_cut_and_says_so() {
    let nest = |kind: &str, levels: usize| {
        (0..levels).fold(paragraph(&[text("core")]), |inner, _| json!({"type": kind, "content": [inner]}))
    };
    assert_eq!(read(&[nest("panel", 50)]), "core");
    assert_eq!(read(&[nest("panel", 100)]), CUT);
    let lists = read(&[nest("bulletList", 300)]);
    assert!(lists.ends_with(CUT) && lists.len() < 1_000, "{lists}");
    assert!(line(&[nest("inlineThing", 300)]).ends_with(CUT));
}

#[test]
fn a_long_document_is_cut_and_says_so() {
    let many = read(&vec![paragraph(&[text("ü word")]); 100_000]);
    assert!(many.starts_with("ü word\nü word\n") && many.ends_with(&format!("\n{CUT}")));
    assert!(many.len() <= MAX_BYTES + 10);
    let cell = |rows: u64| json!({"type": "tableCell", "attrs": {"rowspan": rows, "colspan": 1_000_000_000_u64}, "content": [paragraph(&[text(&"x".repeat(60_000))])]});
    let mut rows = vec![json!({"type": "tableRow", "content": [cell(u64::MAX)]})];
    rows.extend(vec![json!({"type": "tableRow", "content": []}); 1_000]);
    let repeated = read(&[json!({"type": "table", "content": rows})]);
    assert!(repeated.len() <= MAX_BYTES + 10 && repeated.ends_with(CUT));
    assert_eq!(to_text(&json!("é".repeat(MAX_BYTES))).len(), MAX_BYTES + 1 + CUT.len());
}

proptest! {
    #[test]
    fn any_value_gives_some_text(value in samples::json()) {
        to_text(&value);
    }

    #[test]
    fn a_document_gives_tidy_lines_and_all_of_its_words(doc in samples::doc()) {
        let text = to_text(&doc);
        prop_assert!(!text.contains("\n\n\n") && text.trim_matches('\n') == text, "{text:?}");
        prop_assert!(text.lines().all(|line| line.trim_end() == line), "{text:?}");
        all_words_are_there(&doc, &text)?;
        if let Ok(story) = story("A summary", Some(&doc), &Names::new()) {
            all_words_are_there(&doc, &story.text())?;
        }
    }
}

/// In the document's order, but for cells that span rows: those are said again below.
fn all_words_are_there(doc: &Value, text: &str) -> Result<(), TestCaseError> {
    let mut said = Vec::new();
    words_of(doc, &mut said);
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let text = letters(text);
    let mut rest = text.as_str();
    for words in said.iter().map(|words| letters(words)) {
        let found = rest.find(&words);
        prop_assert!(found.is_some(), "{words:?} is missing in {rest:?} of {text:?}");
        rest = &rest[found.unwrap_or_default() + words.len()..];
    }
    Ok(())
}

/// The words of all texts that are not struck out.
fn words_of(node: &Value, said: &mut Vec<String>) {
    let struck = node["marks"] == json!([{"type": "strike"}]);
    said.extend(node["text"].as_str().filter(|_| !struck).map(str::to_owned));
    for child in node["content"].as_array().into_iter().flatten() {
        words_of(child, said);
    }
}
